// The found repeat unit as lines over the pictures of the large view, which may be switched on. pictures.js stands before this file.

const SVG = "http://www.w3.org/2000/svg";
const FINEST = 2; // pixels of the image: along stripes the unit is one pixel long, and has no lines

// The lines of an image of width x height by a unit: straight through, or of each second column or row half a unit further.
function linesOf({ kind, width, height, size: [across, down] }) {
  const lines = [];
  const line = (x, y, dx, dy) => lines.push(`M${x} ${y}l${dx} ${dy}`);
  const columns = width < FINEST ? [] : Array.from({ length: Math.ceil(across / width) }, (_, i) => i);
  const rows = height < FINEST ? [] : Array.from({ length: Math.ceil(down / height) }, (_, i) => i);
  if (kind === "half-drop") {
    for (const i of columns) {
      line(i * width, 0, 0, down);
      for (let y = i % 2 ? height / 2 : 0; y < down; y += height) line(i * width, y, Math.min(width, across - i * width), 0);
    }
  } else if (kind === "brick") {
    for (const i of rows) {
      line(0, i * height, across, 0);
      for (let x = i % 2 ? width / 2 : 0; x < across; x += width) line(x, i * height, 0, Math.min(height, down - i * height));
    }
  } else {
    for (const i of columns) line(i * width, 0, 0, down);
    for (const i of rows) line(0, i * height, across, 0);
  }
  return `${lines.join("")}M${across} 0v${down}M0 ${down}h${across}`;
}

function shape(tag, given) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(given)) node.setAttribute(name, value);
  return node;
}

function repeatGrid(model, dialog, again) {
  const button = command("button grid-switch", "", () => {
    button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
    again();
  });
  button.setAttribute("aria-pressed", false);

  // Drawn in the pixels of the image, and scaled as closeup.css scales the picture.
  function draw(picture) {
    picture.querySelector(":scope > svg")?.remove();
    const { repeat } = picture;
    if (!repeat?.width || button.getAttribute("aria-pressed") !== "true") return;
    const [across, down] = repeat.size;
    const isTiled = dialog.classList.contains("tiled");
    const [wide, high] = isTiled ? [3, Math.ceil((3 * across) / down)] : [1, 1];
    const svg = shape("svg", { "aria-hidden": true, viewBox: `0 0 ${wide * across} ${isTiled ? 3 * across : down}` });
    const d = linesOf(repeat);
    for (const name of ["halo", "line"]) {
      for (let i = 0; i < wide * high; i++) {
        svg.append(shape("path", { class: name, d, transform: `translate(${(i % wide) * across} ${Math.floor(i / wide) * down})` }));
      }
    }
    const [width, height] = [repeat.width < FINEST ? across : repeat.width, repeat.height < FINEST ? down : repeat.height];
    svg.append(shape("rect", { class: "unit", width, height }));
    picture.append(svg);
  }

  function tell() {
    const { shown, labels } = model;
    button.textContent = labels.grid;
    button.hidden = !shown || ![shown.one, shown.query].some((one) => one?.repeat?.width);
  }
  model.on(["shown", "labels"], tell);
  tell();
  return { button, draw };
}
