// Parts of the picture in the large view: boxes that are dragged with mouse, finger or keys, and those in which parts were found.
// pictures.js stands before this file.

const HANDLES = [[-1, -1], [0, -1], [1, -1], [-1, 0], [1, 0], [-1, 1], [0, 1], [1, 1]]; // which sides of a box each of them moves
const CLICK = 5; // pixels of the screen below which a drag is none
const SHARE = 0.01; // of a side of the picture that a key moves a box by

function partPicker(model, dialog, pair, send) {
  const tray = element("div", "tray parts");
  const hint = element("span", "hint");
  const said = element("span", "said");
  const add = command("button add", "", () => put(middle()));
  const none = command("button none", "", () => clear());
  const go = command("button go", "", () => send("boxes", { boxes: boxes.map(({ sides }) => sides) }));
  const button = command("button part", "", () => {
    model.picking = false;
    send("part", { on: !model.part });
  });
  said.setAttribute("role", "status");
  tray.append(hint, said, add, none, go);
  let boxes = []; // of sides, in whole pixels of the original: left, top, right, bottom; and of its node
  let layer; // lies exactly over the picture on which is drawn
  let shade;
  let drag;

  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

  function layerOver(picture, aspect) {
    const cover = element("div", "cover");
    const over = element("div", "layer");
    over.style.setProperty("--aspect", aspect);
    cover.append(over);
    picture.append(cover);
    return over;
  }

  function lay(node, shares) {
    const [left, top, right, bottom] = shares.map((share) => 100 * share);
    Object.assign(node.style, { left: `${left}%`, top: `${top}%`, width: `${right - left}%`, height: `${bottom - top}%` });
  }

  // Where in the original the pointer is.
  function at(event) {
    const seen = layer.getBoundingClientRect();
    const { size } = model.part;
    return [(event.clientX - seen.left) / seen.width, (event.clientY - seen.top) / seen.height].map((share, i) => Math.round(clamp(share, 0, 1) * size[i]));
  }

  // Moves sides of a box to where they are wanted, as far as it stays within the picture and large enough.
  function resized(sides, [across, down], wanted) {
    const { size, least } = model.part;
    const next = [...sides];
    [across, down].forEach((direction, i) => {
      if (direction < 0) next[i] = clamp(wanted[i], 0, sides[i + 2] - least[i]);
      if (direction > 0) next[i + 2] = clamp(wanted[i], sides[i] + least[i], size[i]);
    });
    return next;
  }

  function moved(sides, by) {
    const { size } = model.part;
    const shift = by.map((pixels, i) => clamp(pixels, -sides[i], size[i] - sides[i + 2]));
    return sides.map((side, i) => side + shift[i % 2]);
  }

  // A box that is too small to be found again grows around its middle.
  function grown(sides) {
    const { size, least } = model.part;
    const next = [...sides];
    for (const i of [0, 1]) {
      const side = Math.min(size[i], Math.max(least[i], sides[i + 2] - sides[i]));
      next[i] = clamp(Math.round((sides[i] + sides[i + 2] - side) / 2), 0, size[i] - side);
      next[i + 2] = next[i] + side;
    }
    return next;
  }

  function middle() {
    const { size } = model.part;
    const step = (0.06 * boxes.length) % 0.3; // so that the next does not hide the last
    return grown([0.35 + step, 0.35 + step, 0.65 + step, 0.65 + step].map((share, i) => Math.round(share * size[i % 2])));
  }

  function make(sides) {
    const node = element("div", "box mark");
    node.setAttribute("role", "group");
    node.tabIndex = 0;
    const box = { sides, node };
    node.append(
      ...HANDLES.map((which) => {
        const handle = element("span", "handle");
        handle.which = which;
        handle.style.left = `${50 * (which[0] + 1)}%`;
        handle.style.top = `${50 * (which[1] + 1)}%`;
        handle.style.cursor = which[0] && which[1] ? (which[0] === which[1] ? "nwse-resize" : "nesw-resize") : which[0] ? "ew-resize" : "ns-resize";
        return handle;
      }),
    );
    const drop = command("drop", "×", () => remove(box));
    node.append(drop);
    node.box = box;
    boxes.push(box);
    layer.append(node);
    return box;
  }

  function put(sides) {
    if (boxes.length >= model.part.most) return undefined;
    const box = make(sides);
    tell();
    box.node.focus();
    return box;
  }

  function remove(box) {
    box.node.remove();
    boxes = boxes.filter((other) => other !== box);
    tell();
    (boxes.at(-1)?.node ?? add).focus();
  }

  function clear() {
    boxes.forEach(({ node }) => node.remove());
    boxes = [];
    tell();
    add.focus();
  }

  function describe({ sides: [left, top, right, bottom] }, i) {
    const values = { n: i + 1, width: right - left, height: bottom - top, left, top };
    return Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), model.labels.box);
  }

  function draw() {
    const { size } = model.part;
    boxes.forEach((box, i) => {
      lay(box.node, box.sides.map((side, k) => side / size[k % 2]));
      box.node.setAttribute("aria-label", describe(box, i));
      box.node.lastChild.setAttribute("aria-label", model.labels.remove_box.replace("{n}", i + 1));
    });
    const holes = boxes.map(({ sides: [left, top, right, bottom] }) => shape("rect", { x: left, y: top, width: right - left, height: bottom - top, fill: "#000" }));
    const mask = shape("mask", { id: "parts-mask" });
    mask.append(shape("rect", { width: "100%", height: "100%", fill: "#fff" }), ...holes);
    shade.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`);
    shade.replaceChildren(...(boxes.length ? [mask, shape("rect", { class: "dim", width: "100%", height: "100%", mask: "url(#parts-mask)" })] : []));
  }

  // What is drawn on, or where parts were found.
  function mount() {
    pair.querySelectorAll(".cover").forEach((cover) => cover.remove());
    const { part } = model;
    const pictures = [...pair.querySelectorAll(".picture")];
    pictures.forEach((picture) => picture.setAttribute("role", part?.size ? "group" : "img")); // an img holds nothing that takes the focus
    if (!part?.size) {
      for (const picture of pictures) {
        const over = picture.found && layerOver(picture, picture.found.aspect);
        for (const box of picture.found?.boxes ?? []) lay(over.appendChild(element("i", "mark")), box);
      }
      return;
    }
    layer = layerOver(pictures.at(-1), part.size[0] / part.size[1]);
    layer.parentNode.classList.add("drawn");
    shade = shape("svg", { "aria-hidden": true, preserveAspectRatio: "none" });
    layer.append(shade, ...boxes.map(({ node }) => node));
  }

  function tell() {
    const { labels, part, shown } = model;
    button.textContent = labels.find_part;
    button.setAttribute("aria-pressed", Boolean(part));
    button.hidden = !shown?.has_parts;
    tray.hidden = !part;
    dialog.classList.toggle("parting", Boolean(part));
    if (!part) return;
    hint.textContent = part.error ?? (boxes.length < part.most ? labels.part_hint : labels.most_parts);
    add.textContent = labels.add_box;
    none.textContent = labels.clear_boxes;
    go.textContent = boxes.length > 1 ? labels.search_parts : labels.search_part;
    add.disabled = !part.size || boxes.length >= part.most;
    none.disabled = go.disabled = !boxes.length;
    if (part.size) draw();
  }

  function begin() {
    boxes = [];
    drag = undefined;
    said.textContent = "";
    if (model.part) dialog.classList.remove("tiled", "veiled");
    mount();
    if (model.part?.size) model.part.boxes.forEach((sides) => make(grown(sides.map((side, i) => clamp(side, 0, model.part.size[i % 2]))))); // an address may hold any box
    tell();
    if (model.part?.size) (boxes[0]?.node ?? add).focus();
    else if (dialog.open) button.focus(); // else the keys would reach nothing
  }

  dialog.addEventListener("pointerdown", (event) => {
    if (!model.part?.size || event.button || !event.target.closest(".drawn") || event.target.closest(".drop")) return;
    event.preventDefault();
    const [x, y] = at(event);
    const node = event.target.closest(".box");
    const which = event.target.which;
    if (!node && boxes.length >= model.part.most) return;
    const box = node?.box ?? make([x, y, x, y]);
    drag = { box, which, from: [x, y], was: box.sides, isNew: !node, screen: [event.clientX, event.clientY] };
    box.node.focus({ preventScroll: true });
    layer.parentNode.setPointerCapture(event.pointerId);
    tell();
  });
  dialog.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [x, y] = at(event);
    const { box, which, from, was, isNew } = drag;
    if (isNew) box.sides = [Math.min(x, from[0]), Math.min(y, from[1]), Math.max(x, from[0]), Math.max(y, from[1])];
    else if (which) box.sides = resized(was, which, [x, y]);
    else box.sides = moved(was, [x - from[0], y - from[1]]);
    draw();
  });
  const end = (event) => {
    if (!drag) return;
    const { box, isNew, screen } = drag;
    drag = undefined;
    if (isNew && Math.hypot(event.clientX - screen[0], event.clientY - screen[1]) < CLICK) remove(box);
    else box.sides = grown(box.sides);
    tell();
  };
  dialog.addEventListener("pointerup", end);
  dialog.addEventListener("pointercancel", end);

  dialog.addEventListener(
    "keydown",
    (event) => {
      if (!model.part || event.ctrlKey || event.metaKey || event.altKey) return;
      const box = event.target.classList.contains("box") ? event.target.box : undefined;
      const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (event.key === "Escape") {
        if (boxes.length) clear();
        else button.click();
      } else if (box && arrow) {
        const by = arrow.map((sign, i) => sign * Math.max(1, Math.round(SHARE * model.part.size[i])));
        box.sides = event.shiftKey ? resized(box.sides, [1, 1], [box.sides[2] + by[0], box.sides[3] + by[1]]) : moved(box.sides, by);
        draw();
        said.textContent = describe(box, boxes.indexOf(box));
      } else if (box && (event.key === "Delete" || event.key === "Backspace")) remove(box);
      else if (box && event.key === "Enter") go.click();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    { capture: true },
  );
  model.on("part", begin);
  model.on("labels", tell);
  tray.hidden = true;
  return {
    button,
    tray,
    tell: () => {
      mount();
      tell();
    },
  };
}
