// A button that shows and hides the colors.

export function render({ model }) {
  const button = document.createElement("button");
  const dots = document.createElement("span");
  const words = document.createElement("span");
  button.type = "button";
  button.className = "opener";
  dots.className = "dots";
  dots.append(...Array.from({ length: 4 }, () => document.createElement("i")));
  button.append(dots, words);
  button.addEventListener("click", () => model.send_msg({}));
  const tell = () => {
    words.textContent = model.label;
    button.setAttribute("aria-expanded", model.is_open);
  };
  model.on(["label", "is_open"], tell);
  tell();
  return button;
}
