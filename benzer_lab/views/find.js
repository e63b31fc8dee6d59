// A box to find by name. `/` goes there from anywhere on the page, Escape empties it.

const PAUSE_MS = 120; // after the last letter

export function render({ model }) {
  const root = document.createElement("label");
  const words = document.createElement("span");
  const input = document.createElement("input");
  input.type = "search";
  input.autocomplete = "off";
  input.spellcheck = false;
  root.append(words, input);
  let waiting;

  const take = () => {
    model.value = input.value;
  };
  const tell = () => {
    words.textContent = model.label;
    input.placeholder = model.hint;
    if (input.value !== model.value && !waiting) input.value = model.value;
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      waiting = undefined;
      take();
    }, PAUSE_MS);
  });
  const typing = (node) => node.matches("input:not([type=checkbox], [type=range]), textarea, select, [contenteditable]");
  const find = (event) => {
    const [at] = event.composedPath();
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !input.isConnected || (at.matches && typing(at))) return;
    event.preventDefault();
    input.focus();
    input.select();
  };
  document.addEventListener("keydown", find);
  model.on("remove", () => document.removeEventListener("keydown", find));
  model.on(["label", "hint", "value"], tell);
  tell();
  return root;
}
