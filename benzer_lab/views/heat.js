// Shares as a table. pictures.js stands before this file for its buttons.

const CATEGORIES = 20; // colors in map.css

export function render({ model }) {
  const root = element("div", "shares");

  function tell() {
    const { label, white } = model;
    const { columns, rows, cells, chosen } = model.table;
    const table = element("table");
    const head = table.createTHead().insertRow();
    table.append(element("caption", "", label));
    head.append(element("td"));
    columns.forEach((text, column) => {
      const cell = element("th");
      const button = command("column", text, () => model.send_msg({ type: "column", column }));
      button.setAttribute("aria-pressed", column === chosen);
      cell.scope = "col";
      cell.append(button);
      head.append(cell);
    });
    const body = table.createTBody();
    rows.forEach(([text, color], row) => {
      const line = body.insertRow();
      const name = element("th");
      const button = command("row", "", () => model.send_msg({ type: "row", row }));
      const swatch = element("span", "swatch");
      swatch.style.setProperty("--color", `var(--c${Math.min(color, CATEGORIES - 1)})`);
      button.append(swatch, element("span", "text", text));
      button.title = text;
      name.scope = "row";
      name.append(button);
      line.append(name);
      cells[row].forEach(([share, shown, told, isWhite], column) => {
        const cell = line.insertCell();
        const inside = command("cell", isWhite ? "○" : shown, () => model.send_msg({ type: "cell", row, column }));
        inside.style.setProperty("--share", `${Math.round(100 * share)}%`);
        inside.title = isWhite ? `${told}\n${white}` : told;
        inside.setAttribute("aria-label", inside.title);
        inside.classList.toggle("white", isWhite);
        cell.append(inside);
      });
    });
    root.replaceChildren(table);
    root.hidden = !rows.length;
  }

  model.on(["table", "label", "white"], tell);
  tell();
  return root;
}
