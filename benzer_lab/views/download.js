// A button that saves a file which comes in pieces. pictures.js stands before this file for its buttons.

export function render({ model }) {
  let pieces = [];
  const ask = (start) => model.send_msg({ type: "piece", start });
  const button = command("button", "", () => {
    pieces = [];
    button.disabled = true;
    ask(0);
  });

  function tell() {
    button.textContent = model.label;
  }

  model.on("msg:custom", ({ failed, name, start, total, body }) => {
    if (failed) {
      button.disabled = false;
      button.textContent = model.failed;
      return;
    }
    const piece = new Uint8Array(body);
    pieces.push(piece);
    if (start + piece.length < total) {
      ask(start + piece.length);
      return;
    }
    button.disabled = false;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(pieces, { type: model.media }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    pieces = [];
  });
  const root = element("div", "download");
  root.append(button);
  model.on("label", tell);
  tell();
  return root;
}
