// How many are picked out, and by what. pictures.js stands before this file for its buttons.

export function render({ model }) {
  const root = element("section", "kept");
  const caption = element("p", "caption");
  const list = element("ul");
  const clear = command("clear", "", () => model.send_msg({ type: "clear" }));
  caption.setAttribute("role", "status");
  root.append(caption, list, clear);

  function tell() {
    caption.textContent = model.caption;
    list.replaceChildren(
      ...model.cards.map((text, place) => {
        const item = element("li", "", text);
        const away = command("away", "×", () => model.send_msg({ type: "remove", place }));
        away.setAttribute("aria-label", `${model.labels.remove}: ${text}`);
        item.append(away);
        return item;
      }),
    );
    clear.textContent = model.labels.clear ?? "";
    clear.hidden = model.cards.length < 2;
  }

  model.on(["caption", "cards", "labels"], tell);
  tell();
  return root;
}
