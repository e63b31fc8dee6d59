// What part is looked for, and how far the images are prepared for it.

export function render({ model }) {
  const root = document.createElement("section");
  const make = (parent, tag, name) => {
    const node = parent.appendChild(document.createElement(tag));
    node.className = name;
    return node;
  };
  const command = (parent, type) => {
    const button = make(parent, "button", `button ${type}`);
    button.type = "button";
    button.addEventListener("click", () => model.send_msg({ type }));
    return button;
  };
  root.className = "parts-told";
  const first = make(root, "div", "line");
  const text = make(first, "p", "text");
  const whole = command(first, "whole");
  const second = make(root, "div", "line state");
  const told = make(second, "p", "text");
  const bar = make(second, "progress", "prepared");
  const [prepare, stop] = ["prepare", "stop"].map((type) => command(second, type));
  told.setAttribute("role", "status");

  function tell() {
    const { labels, state } = model;
    const is_running = "total" in state;
    text.textContent = model.text;
    whole.textContent = labels.whole;
    second.hidden = !state.text;
    if (told.textContent !== (state.text ?? "")) told.textContent = state.text ?? "";
    told.classList.toggle("refused", Boolean(state.is_error));
    bar.hidden = stop.hidden = !is_running;
    bar.setAttribute("aria-label", labels.progress);
    if (state.total) Object.assign(bar, { max: state.total, value: state.done });
    else bar.removeAttribute("value");
    stop.textContent = labels.stop;
    stop.disabled = !state.can_stop;
    prepare.hidden = !state.prepare;
    prepare.textContent = state.prepare ?? "";
  }
  model.on(["text", "labels", "state"], tell);
  tell();
  return root;
}
