// Several boxes to check under one heading. pictures.js stands before this file for its elements.

export function render({ model }) {
  const root = element("fieldset");
  const legend = element("legend");
  const hint = element("p", "hint");
  const list = element("div", "list");
  root.append(legend, list, hint);

  function choice([text, note, isChecked], place) {
    const label = element("label");
    const input = element("input");
    const words = element("span", "words");
    input.type = "checkbox";
    input.checked = isChecked;
    input.addEventListener("change", () => model.send_msg({ type: "toggle", place }));
    words.append(element("span", "text", text), element("span", "note", note));
    label.append(input, words);
    return label;
  }

  function tell() {
    const at = [...list.children].findIndex((one) => one.contains(root.getRootNode().activeElement));
    legend.textContent = model.label;
    hint.textContent = model.hint;
    list.classList.toggle("inline", model.inline);
    list.replaceChildren(...model.items.map(choice));
    list.children[at]?.querySelector("input").focus({ preventScroll: true });
  }

  model.on(["label", "hint", "items", "inline"], tell);
  tell();
  return root;
}
