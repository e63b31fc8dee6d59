// A check box with its label beside it.

export function render({ model }) {
  const root = document.createElement("label");
  const words = document.createElement("span");
  const input = document.createElement("input");
  root.className = "check";
  input.type = "checkbox";
  root.append(input, words);
  const tell = () => {
    words.textContent = model.label;
    input.checked = model.value;
    input.disabled = model.disabled;
  };
  input.addEventListener("change", () => {
    model.value = input.checked;
  });
  model.on(["label", "value", "disabled"], tell);
  tell();
  return root;
}
