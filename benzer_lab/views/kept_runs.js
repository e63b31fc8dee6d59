// Runs of timings, of which one is looked at, or several beside each other. pictures.js stands before this file for its buttons.

export function render({ model }) {
  const root = element("ul");

  function run([title, note, isShown, beside], place) {
    const item = element("li");
    const main = command("main", "", () => model.send_msg({ type: "show", place }));
    main.append(element("span", "title", title), element("span", "note", note));
    main.setAttribute("aria-pressed", isShown);
    item.append(main);
    if (beside) {
      const button = command("button beside", isShown ? "−" : "+", () => model.send_msg({ type: "beside", place }));
      button.title = beside;
      button.setAttribute("aria-label", beside);
      item.append(button);
    }
    return item;
  }

  function tell() {
    const active = root.getRootNode().activeElement;
    const at = [...root.children].findIndex((one) => one.contains(active));
    const which = active?.classList.contains("beside") ? ".beside" : ".main";
    root.setAttribute("aria-label", model.label);
    root.replaceChildren(...model.runs.map(run));
    root.children[at]?.querySelector(which)?.focus({ preventScroll: true });
    root.hidden = !model.runs.length;
  }

  model.on(["runs", "label"], tell);
  tell();
  return root;
}
