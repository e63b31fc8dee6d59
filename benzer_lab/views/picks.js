// What was chosen, and its export as files. pictures.js stands before this file for its buttons.

export function render({ model }) {
  const root = element("section", "picks");
  const text = element("span", "count");
  const save = (kind) => () => {
    root.setAttribute("aria-busy", true);
    model.send_msg({ type: "export", kind });
  };
  const csv = command("button", "", save("csv"));
  const pdf = command("button", "", save("pdf"));
  const clear = command("button", "", () => model.send_msg({ type: "clear" }));
  text.setAttribute("role", "status");
  root.append(text, csv, pdf, clear);

  function tell() {
    text.textContent = model.text;
    for (const [button, word] of [[csv, "csv"], [pdf, "pdf"], [clear, "clear"]]) {
      button.textContent = model.labels[word];
      button.hidden = !model.n;
    }
  }

  model.on("msg:custom", ({ name, media, body }) => {
    root.removeAttribute("aria-busy");
    if (!name) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([new Uint8Array(body)], { type: media }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  });
  model.on(["text", "labels", "n"], tell);
  tell();
  return root;
}
