// What was measured, as a table: rows that can be compared, then those that cannot, with the reason. pictures.js stands before this file.

export function render({ model }) {
  const root = element("div", "scroll");

  function line([cells, note, isBest], columns) {
    const row = element("tr", isBest ? "best" : "");
    cells.forEach((text, place) => {
      const cell = element(place ? "td" : "th", columns[place][1] ? "number" : "");
      if (place) cell.textContent = text;
      else {
        cell.scope = "row";
        cell.append(element("span", "name", text[0]), element("span", "note", text[1]));
      }
      row.append(cell);
    });
    if (!note) return [row];
    const why = element("tr", "why");
    const cell = element("td", "", note);
    cell.colSpan = columns.length;
    why.append(cell);
    return [row, why];
  }

  function tell() {
    const { columns, rows, apart, apart_label: heading } = model.table;
    const table = element("table");
    const head = table.createTHead().insertRow();
    table.append(element("caption", "", model.label));
    for (const [text, isNumber] of columns) {
      const cell = element("th", isNumber ? "number" : "", text);
      cell.scope = "col";
      head.append(cell);
    }
    table.createTBody().append(...rows.flatMap((row) => line(row, columns)));
    if (apart.length) {
      const body = table.createTBody();
      const over = body.insertRow();
      const cell = element("th", "heading", heading);
      body.className = "apart";
      cell.colSpan = columns.length;
      cell.scope = "rowgroup";
      over.append(cell);
      body.append(...apart.flatMap((row) => line(row, columns)));
    }
    root.replaceChildren(table);
    root.hidden = !columns.length;
    root.tabIndex = 0; // where the table is wider than the page, arrows move it
    root.setAttribute("role", "region");
    root.setAttribute("aria-label", model.label);
  }

  model.on(["table", "label"], tell);
  tell();
  return root;
}
