// What is looked for: a chip with its picture, the way back, and what was looked for before. pictures.js stands before this file.

export function render({ model, view }) {
  const root = element("section", "query");
  const chip = element("div", "chip");
  const frame = command("frame", "", () => model.send_msg({ type: "look" }));
  const words = element("div", "words");
  const label = element("p", "label");
  const title = element("p", "title");
  const note = element("p", "note");
  const back = command("button back", "", () => model.send_msg({ type: "back" }));
  const clear = command("button clear", "", () => model.send_msg({ type: "clear" }));
  const part = command("button part", "", () => model.send_msg({ type: "part" }));
  const steps = element("div", "steps");
  const trail = element("ol", "trail");
  words.append(label, title, note);
  chip.append(frame, words);
  steps.append(part, back, clear);
  root.append(chip, steps, trail);
  const pictures = new Pictures(model, { view });

  function step([mark, key, text]) {
    const item = element("li");
    const again = command("frame", "", () => model.send_msg({ type: "again", mark }));
    again.title = text;
    again.setAttribute("aria-label", `${model.label}: ${text}`);
    pictures.show(again, key);
    item.append(again);
    return item;
  }

  function tell() {
    const { chip: one, trail: before } = model;
    chip.hidden = clear.hidden = !one;
    part.hidden = !one?.has_parts;
    back.disabled = !before.length;
    back.hidden = !one && !before.length;
    label.textContent = model.label;
    back.textContent = model.back;
    clear.textContent = model.clear;
    part.textContent = model.part;
    trail.setAttribute("aria-label", model.trail_label);
    if (one) {
      title.textContent = one.title;
      note.textContent = one.note;
      chip.title = [one.title, one.name, one.note].filter(Boolean).join("\n");
      frame.setAttribute("aria-label", `${model.look}: ${one.title}`);
      pictures.show(frame, one.key);
    }
    trail.replaceChildren(...before.map(step));
  }
  model.on(["chip", "trail", "label", "back", "clear", "part", "look", "trail_label"], tell);
  tell();
  return root;
}
