// What was picked out, in colors and bars. pictures.js stands before this file for its buttons.

export function render({ model }) {
  const root = element("section", "told");
  const palette = element("div", "palette");
  const facts = element("dl", "facts");
  const fields = element("div", "fields");
  palette.setAttribute("role", "img");
  root.append(palette, facts, fields);

  function paint() {
    palette.setAttribute("aria-label", [model.labels.palette, ...model.palette.map(([, , text]) => text)].join(", "));
    palette.hidden = !model.palette.length;
    palette.replaceChildren(
      ...model.palette.map(([hex, share, text]) => {
        const color = element("span");
        color.style.cssText = `background: ${/^#[0-9a-f]{6}$/i.test(hex) ? hex : "none"}; flex-grow: ${100 * Number(share)}`;
        color.title = text;
        return color;
      }),
    );
  }

  function state() {
    facts.replaceChildren(...model.facts.flatMap(([name, value]) => [element("dt", "", name), element("dd", "", value)]));
  }

  function bar(field, [text, picked, all, told, chosen], place, most) {
    const button = command("bar", "", () => model.send_msg({ type: "pick", field, place }));
    button.append(element("span", "text", text), element("span", "count", told));
    button.style.setProperty("--part", `${(100 * picked) / most}%`);
    button.style.setProperty("--whole", `${(100 * all) / most}%`);
    button.classList.toggle("none", !picked);
    button.setAttribute("aria-pressed", chosen);
    button.title = `${text}: ${told}`;
    return button;
  }

  function list() {
    fields.replaceChildren(
      ...model.fields.map(({ name, label, values }) => {
        const block = element("div", "field");
        const most = Math.max(1, ...values.map(([, , all]) => all));
        block.append(element("h3", "", label), ...values.map((value, place) => bar(name, value, place, most)));
        return block;
      }),
    );
  }

  model.on(["palette", "labels"], paint);
  model.on("facts", state);
  model.on("fields", list);
  paint();
  state();
  list();
  return root;
}
