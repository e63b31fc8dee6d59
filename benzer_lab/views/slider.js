// A slider with its label and its value above it.

export function render({ model }) {
  const root = document.createElement("label");
  const words = document.createElement("span");
  const input = document.createElement("input");
  root.className = "slider";
  input.type = "range";
  Object.assign(input, { min: model.start, max: model.end, step: model.step });
  root.append(words, input);
  const tell = () => {
    const shown = model.value.toLocaleString(model.language, { style: model.percent ? "percent" : "decimal" });
    const value = document.createElement("b");
    value.textContent = shown;
    words.replaceChildren(`${model.label}: `, value);
    input.setAttribute("aria-label", model.label);
    input.setAttribute("aria-valuetext", shown);
    if (Number(input.value) !== model.value) input.value = model.value;
    input.disabled = model.disabled;
  };
  input.addEventListener("input", () => {
    model.value = Number(input.value);
  });
  model.on(["label", "value", "language", "disabled"], tell);
  tell();
  return root;
}
