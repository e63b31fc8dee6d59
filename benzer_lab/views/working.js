// What is being done. pictures.js stands before this file for its button.

export function render({ model }) {
  const root = element("section", "work");
  const text = element("span", "text");
  const bar = element("progress");
  const stop = command("button", "", () => model.send_msg({ type: "stop" }));
  text.setAttribute("role", "status");
  root.append(text, bar, stop);

  function tell() {
    root.hidden = !model.text;
    text.textContent = model.text;
    stop.textContent = model.stop_label;
    bar.setAttribute("aria-label", model.text);
    if (model.part < 0) bar.removeAttribute("value");
    else bar.value = model.part;
  }

  model.on(["text", "part", "stop_label"], tell);
  tell();
  return root;
}
