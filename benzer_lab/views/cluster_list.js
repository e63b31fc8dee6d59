// The clusters of a map, the largest first. pictures.js stands before this file.

const CATEGORIES = 20; // colors in map.css

export function render({ model, view }) {
  const root = element("ul", "several");
  const pictures = new Pictures(model, { view });

  function item({ text, count, color, note, palette, pictures: keys, chosen }, place) {
    const button = command("group", "", () => model.send_msg({ type: "pick", place }));
    const head = element("span", "head");
    const swatch = element("span", "swatch");
    const strip = element("span", "colors");
    const row = element("span", "row");
    swatch.style.setProperty("--color", `var(--c${Math.min(color, CATEGORIES - 1)})`);
    head.append(swatch, element("span", "text", text), element("span", "count", count));
    for (const [hex, share] of palette) {
      const part = strip.appendChild(element("span"));
      part.style.cssText = `background: ${/^#[0-9a-f]{6}$/i.test(hex) ? hex : "none"}; flex-grow: ${100 * Number(share)}`;
    }
    for (const key of keys) pictures.show(row.appendChild(element("span", "frame")), key, "tiny");
    button.append(head, row, strip, element("span", "note", note));
    button.setAttribute("aria-pressed", chosen);
    button.setAttribute("aria-label", [text, count, note].filter(Boolean).join(", "));
    return button;
  }

  function list() {
    const at = [...root.children].findIndex((one) => one.contains(root.getRootNode().activeElement));
    root.setAttribute("aria-label", model.label);
    root.replaceChildren(
      ...model.groups.map((group, place) => {
        const entry = element("li");
        entry.append(item(group, place));
        return entry;
      }),
    );
    root.children[at]?.firstChild.focus({ preventScroll: true });
  }

  model.on(["groups", "label"], list);
  list();
  return root;
}
