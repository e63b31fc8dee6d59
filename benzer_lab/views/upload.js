// A button that takes an image by drop or by choice and sends its bytes as one binary message.

export function render({ model }) {
  const button = document.createElement("button");
  const input = document.createElement("input");
  button.type = "button";
  input.type = "file";
  input.accept = "image/*,.heic,.heif,.psd,.tif,.tiff";
  input.hidden = true;

  async function send(file) {
    if (!file) return;
    const content = file.size <= model.limit ? await file.arrayBuffer() : null;
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
  // A file may be dropped anywhere on the search: beside the button, the browser would leave the page and open it.
  const drop = (event) => {
    const inside = event.composedPath().some((node) => node.matches?.(".page, .search"));
    if (!inside || !button.isConnected || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    if (event.type === "drop") send(event.dataTransfer.files[0]);
  };
  for (const type of ["dragover", "drop"]) document.addEventListener(type, drop);
  // An image may be pasted anywhere on the page; text goes where it was meant to go.
  const paste = (event) => {
    const file = [...event.clipboardData.files].find(({ type }) => type.startsWith("image/"));
    if (!file || !button.isConnected) return;
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
