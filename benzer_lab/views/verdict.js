// What came out, in a line, and what belongs to it. pictures.js stands before this file for its elements.

export function render({ model }) {
  const root = element("header");
  const title = element("h2");
  const note = element("p", "note");
  const warning = element("p", "warning");
  root.append(title, note, warning);

  function tell() {
    title.textContent = model.text;
    note.textContent = model.note;
    warning.textContent = model.warning;
    warning.setAttribute("role", "status");
  }

  model.on(["text", "note", "warning"], tell);
  tell();
  return root;
}
