// Measures of clusterings over the number of clusters. pictures.js stands before this file for its elements.

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, PAD] = [240, 72, 6];

export function render({ model }) {
  const root = element("section", "measured");

  function drawn(tag, attributes, parent) {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    parent?.append(node);
    return node;
  }

  function line({ name, values, errors, best, told }) {
    const figure = element("figure");
    const { ks, chosen } = model.curve;
    const known = values.flatMap((value, i) => (value === null ? [] : [value - (errors?.[i] ?? 0), value + (errors?.[i] ?? 0)]));
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const logs = ks.map(Math.log);
    const x = (i) => PAD + ((logs[i] - logs[0]) / (logs.at(-1) - logs[0] || 1)) * (WIDTH - 2 * PAD);
    const y = (value) => HEIGHT - PAD - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * PAD);
    const places = ks.map((_, i) => i).filter((i) => values[i] !== null);
    const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${name}: ${places.map((i) => told[i]).join("; ")}` });
    if (errors) {
      const up = places.map((i) => `${x(i)},${y(values[i] + errors[i])}`);
      const down = places.map((i) => `${x(i)},${y(values[i] - errors[i])}`).reverse();
      drawn("polygon", { class: "band", points: [...up, ...down].join(" ") }, svg);
    }
    if (ks.includes(best)) drawn("line", { class: "best", x1: x(ks.indexOf(best)), x2: x(ks.indexOf(best)), y1: 0, y2: HEIGHT }, svg);
    drawn("polyline", { class: "line", points: places.map((i) => `${x(i)},${y(values[i])}`).join(" ") }, svg);
    for (const i of places) {
      const dot = drawn("circle", { class: ks[i] === chosen ? "dot chosen" : "dot", cx: x(i), cy: y(values[i]), r: ks[i] === chosen ? 5 : 3.2 }, svg);
      drawn("title", {}, dot).textContent = told[i];
      dot.addEventListener("click", () => model.send_msg({ type: "choose", k: ks[i] }));
    }
    figure.append(element("figcaption", "", name), svg);
    return figure;
  }

  function tell() {
    const { ks, lines, chosen } = model.curve;
    const choices = element("div", "choices");
    for (const k of ks) {
      const button = command("k", String(k), () => model.send_msg({ type: "choose", k }));
      button.setAttribute("aria-pressed", k === chosen);
      button.setAttribute("aria-label", (model.labels.clusters ?? "{k}").replace("{k}", k));
      choices.append(button);
    }
    const figures = element("div", "figures");
    figures.append(...lines.map(line));
    root.replaceChildren(figures, choices);
    root.hidden = !ks.length;
  }

  model.on(["curve", "labels"], tell);
  tell();
  return root;
}
