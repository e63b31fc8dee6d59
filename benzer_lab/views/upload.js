// A button that takes an image, or another file, by drop or by choice and sends its bytes as one binary message.

export function render({ model }) {
  const button = document.createElement("button");
  const input = document.createElement("input");
  button.type = "button";
  input.type = "file";
  input.accept = model.accept;
  input.hidden = true;

  async function send(file) {
    if (!file) return;
    const content = file.size <= model.limit ? await file.arrayBuffer() : null;
    if (content) document.dispatchEvent(new CustomEvent("benzer-asked", { detail: model.group })); // the answer is on its way
    model.send_msg({ name: file.name, content });
  }

  button.addEventListener("click", () => input.click());
  for (const [type, on] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    button.addEventListener(type, () => button.classList.toggle("over", on));
  }
  input.addEventListener("change", async () => {
    await send(input.files[0]);
    input.value = ""; // the same file may be chosen again
  });
  // On a page of its own all that is dropped or pasted is meant for it; in a notebook only what is aimed at it.
  const isMeant = (event) => button.isConnected && (model.anywhere || event.composedPath().some((node) => node.matches?.(".search, .timings")));
  // Also beside the button: the browser would leave the page and open the file.
  const drop = (event) => {
    if (!isMeant(event) || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    if (event.type === "drop") send(event.dataTransfer.files[0]);
  };
  for (const type of ["dragover", "drop"]) document.addEventListener(type, drop);
  const paste = (event) => {
    const file = [...event.clipboardData.files].find(({ type }) => type.startsWith("image/") && model.accept.startsWith("image/"));
    if (!file || !isMeant(event)) return; // text goes where it was meant to go
    event.preventDefault();
    send(file);
  };
  document.addEventListener("paste", paste);
  model.on("remove", () => {
    document.removeEventListener("paste", paste);
    for (const type of ["dragover", "drop"]) document.removeEventListener(type, drop);
  });
  const tell = () => {
    button.textContent = model.label;
    input.setAttribute("aria-label", model.label);
  };
  model.on("label", tell);
  tell();
  const root = document.createElement("div");
  root.append(button, input);
  return root;
}
