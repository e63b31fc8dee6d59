// A grid of tiles of which only those in sight exist. Names and metadata are untrusted: they become text nodes and
// attributes, never markup. pictures.js stands before this file.

const PAGE = 100; // tiles asked for at a time
const PAGES_KEPT = 60;
const OVERSCAN = 2; // rows drawn above and below what is in sight
const TALLEST = 8e6; // pixels; browsers cut off taller elements, so beyond it one scrolled pixel is more than one
const GAP = 12;
const BARE = 84; // pixels of a tile below which it has no caption
const CAPTION = 40;
const TINY = 128; // pixels of the screen up to which a tile is shown in the size "tiny"

export function render({ model, view }) {
  const root = element("section", "wall");
  const caption = element("p", "caption");
  const error = element("p", "failure");
  const notice = element("p", "notice");
  const scroller = element("div", "scroller");
  const grid = element("div", "grid");
  const keys = element("p", "keys");
  caption.setAttribute("role", "status");
  error.setAttribute("role", "alert");
  grid.setAttribute("role", "list");
  scroller.append(grid);
  root.append(caption, error, notice, scroller, keys);

  const pictures = new Pictures(model, { view });
  let pages = new Map();
  let pending = new Set();
  let live = new Map(); // place -> tile
  let shape = { columns: 1, width: 100, height: 140, rows: 0 };
  let focus = 0;
  let stop = 0; // the tile to which Tab leads: the one with the focus, or, where that is out of sight, the first in sight
  let scheduled;

  const size = () => (shape.width * devicePixelRatio <= TINY ? "tiny" : "small");
  const total = () => model.content.total;
  const row = (place) => pages.get(Math.floor(place / PAGE))?.[place % PAGE];

  function measure() {
    const inner = scroller.clientWidth - GAP;
    const bare = model.tile < BARE;
    const gap = bare ? 4 : GAP;
    const columns = Math.max(1, Math.round((inner + gap) / (model.tile + gap)));
    const width = Math.floor((inner + gap) / columns) - gap;
    const height = width + (bare ? gap : CAPTION + gap);
    shape = { columns, gap, width, height, rows: Math.ceil(total() / columns) };
    root.classList.toggle("bare", bare);
    grid.style.height = `${Math.min(TALLEST, shape.rows * height)}px`;
    root.style.setProperty("--width", `${width}px`);
  }

  // How many pixels of the grid one scrolled pixel stands for: 1 up to TALLEST.
  function scale() {
    const seen = scroller.clientHeight;
    return Math.max(1, (shape.rows * shape.height - seen) / Math.max(1, grid.offsetHeight - seen));
  }

  function need(page) {
    if (pages.has(page) || pending.has(page)) return;
    pending.add(page);
    model.send_msg({ type: "tiles", epoch: model.content.epoch, start: page * PAGE });
  }

  function make() {
    const tile = element("div", "tile");
    tile.setAttribute("role", "listitem");
    const main = command("main", "", () => pick(tile));
    const text = element("span", "text");
    tile.parts = { main, frame: element("span", "frame"), marks: element("span", "marks"), title: element("span", "title"), badge: element("span", "badge"), note: element("span", "note") };
    text.append(tile.parts.title, tile.parts.badge, tile.parts.note);
    main.append(tile.parts.frame, tile.parts.marks, text);
    const tools = element("div", "tools");
    tile.parts.look = command("tool", "", () => tell("look", tile));
    tile.parts.choose = command("tool", "", () => tell("choose", tile));
    tools.append(tile.parts.look, tile.parts.choose);
    tile.append(main, tools);
    return tile;
  }

  // Boxes over a picture that fills its square: what sticks out is cut off, of the longer side as far from the boxes as can be.
  function mark(frame, marks, found) {
    if (marks.found === found) return;
    marks.found = found;
    const { aspect, boxes } = found ?? { aspect: 1, boxes: [] };
    const sides = [Math.max(1, aspect), Math.max(1, 1 / aspect)]; // of the picture, in squares
    const middle = [0, 1].map((axis) => boxes.reduce((sum, box) => sum + box[axis] + box[axis + 2], 0) / (2 * boxes.length || 1));
    const shift = sides.map((side, axis) => Math.min(side - 1, Math.max(0, middle[axis] * side - 0.5)));
    const at = sides.map((side, axis) => `${side > 1 && boxes.length ? (100 * shift[axis]) / (side - 1) : 50}%`);
    frame.style.setProperty("--at", at.join(" "));
    marks.replaceChildren(
      ...boxes.map((box) => {
        const node = element("i", "mark");
        const [left, top, right, bottom] = box.map((share, i) => 100 * (share * sides[i % 2] - shift[i % 2]));
        Object.assign(node.style, { left: `${left}%`, top: `${top}%`, width: `${right - left}%`, height: `${bottom - top}%` });
        return node;
      }),
    );
  }

  const tell = (type, tile) => tile.dataset.name !== undefined && model.send_msg({ type, name: tile.dataset.name });

  // That the answer is on its way is said at once, and not when the server has said so.
  function pick(tile) {
    focus = Number(tile.dataset.place);
    if (tile.dataset.name !== model.selected) document.dispatchEvent(new CustomEvent("benzer-asked", { detail: model.group }));
    tell("pick", tile);
  }
  const asked = ({ detail }) => model.answers && detail === model.group && root.setAttribute("aria-busy", true);
  document.addEventListener("benzer-asked", asked);

  function fill(tile, place) {
    const [name, key, title, note, badge, found] = row(place) ?? [];
    const { main, frame, marks, look, choose } = tile.parts;
    mark(frame, marks, found);
    tile.dataset.place = place;
    tile.setAttribute("aria-posinset", place + 1);
    tile.setAttribute("aria-setsize", total());
    tile.classList.toggle("blank", name === undefined);
    main.tabIndex = place === stop ? 0 : -1;
    if (name === undefined) {
      delete tile.dataset.name;
      frame.replaceChildren();
      frame.dataset.picture = "";
      return;
    }
    tile.dataset.name = name;
    const shown = { title, note, badge };
    for (const part of ["title", "note", "badge"]) if (tile.parts[part].textContent !== shown[part]) tile.parts[part].textContent = shown[part];
    main.title = [title, name, note].filter(Boolean).join("\n");
    main.setAttribute("aria-label", [title, note, badge, model.hint].filter(Boolean).join(", "));
    const chosen = model.chosen.includes(name);
    tile.classList.toggle("chosen", chosen);
    tile.setAttribute("aria-current", name === model.selected);
    for (const [button, label] of [[look, model.look], [choose, chosen ? model.chosen_label : model.choose]]) {
      button.tabIndex = -1;
      button.textContent = label;
      button.setAttribute("aria-label", `${label}: ${title}`);
    }
    choose.setAttribute("aria-pressed", chosen);
    pictures.show(frame, key, size());
  }

  function draw() {
    scheduled = undefined;
    const { columns, width, height, gap } = shape;
    const top = scroller.scrollTop * scale();
    const shift = top - scroller.scrollTop;
    const first = Math.max(0, Math.floor(top / height) - OVERSCAN) * columns;
    const last = Math.min(total(), (Math.ceil((top + scroller.clientHeight) / height) + OVERSCAN) * columns);
    stop = focus >= first && focus < last ? focus : Math.min(total() - 1, Math.ceil(top / height) * columns);
    const spare = [];
    for (const [place, tile] of live) {
      if (place >= first && place < last) continue;
      live.delete(place);
      if (tile.contains(root.getRootNode().activeElement)) tile.remove();
      else spare.push(tile);
    }
    const wanted = new Set();
    for (let place = first; place < last; place++) {
      if (!row(place)) wanted.add(Math.floor(place / PAGE));
      let tile = live.get(place);
      if (!tile) {
        tile = spare.pop() ?? grid.appendChild(make());
        live.set(place, tile);
      }
      fill(tile, place);
      tile.style.transform = `translate(${(place % columns) * (width + gap)}px, ${Math.floor(place / columns) * height - shift}px)`;
    }
    spare.forEach((tile) => tile.remove());
    wanted.forEach(need);
    const ahead = Array.from({ length: 2 * columns }, (_, i) => row(last + i)?.[1]);
    if (!wanted.size) pictures.fetch([...[...live.keys()].map((place) => row(place)?.[1]), ...ahead], size());
  }

  const redraw = () => (scheduled ??= requestAnimationFrame(draw));

  function reset() {
    const { tiles, stay } = model.content;
    const inside = grid.contains(root.getRootNode().activeElement);
    pages = new Map();
    pending = new Set();
    for (let i = 0; i < tiles.length; i += PAGE) pages.set(i / PAGE, tiles.slice(i, i + PAGE));
    root.setAttribute("aria-busy", false);
    measure();
    if (!stay) focus = scroller.scrollTop = 0;
    draw();
    if (inside) live.get(focus)?.parts.main.focus({ preventScroll: true });
  }

  function retell() {
    caption.textContent = model.caption;
    error.textContent = model.error;
    notice.textContent = model.notice;
    keys.textContent = model.keys;
    grid.setAttribute("aria-label", model.label);
    root.style.setProperty("--hint", JSON.stringify(model.hint));
  }

  function moveTo(place) {
    focus = Math.max(0, Math.min(total() - 1, place));
    const top = scroller.scrollTop * scale();
    const y = Math.floor(focus / shape.columns) * shape.height;
    if (y < top) scroller.scrollTop = y / scale();
    else if (y + shape.height > top + scroller.clientHeight) scroller.scrollTop = (y + shape.height - scroller.clientHeight) / scale();
    draw();
    live.get(focus)?.parts.main.focus({ preventScroll: true });
  }

  grid.addEventListener("keydown", (event) => {
    const tile = event.target.closest(".tile");
    if (!tile || event.altKey || event.ctrlKey || event.metaKey) return;
    const page = shape.columns * Math.max(1, Math.floor(scroller.clientHeight / shape.height));
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: shape.columns, ArrowUp: -shape.columns, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const acts = { " ": "look", p: "choose", P: "choose" };
    if (event.key in steps) moveTo(Number(tile.dataset.place) + steps[event.key]);
    else if (event.key in acts && event.target === tile.parts.main) tell(acts[event.key], tile);
    else return;
    event.preventDefault();
  });
  grid.addEventListener("keyup", (event) => event.key === " " && event.preventDefault()); // no click besides
  grid.addEventListener("focusin", (event) => {
    const tile = event.target.closest(".tile");
    if (!tile) return;
    focus = Number(tile.dataset.place);
    for (const other of live.values()) other.parts.main.tabIndex = other === tile ? 0 : -1;
  });
  scroller.addEventListener("scroll", redraw, { passive: true });
  model.on("msg:custom", (message) => {
    if (message.type === "wait") root.setAttribute("aria-busy", true);
    if (message.type !== "tiles" || message.epoch !== model.content.epoch) return;
    const page = message.start / PAGE;
    pending.delete(page);
    pages.set(page, message.tiles);
    if (pages.size > PAGES_KEPT) pages.delete(pages.keys().next().value);
    redraw();
  });
  // When tiles change their size, the first one in sight stays the first one.
  function reshape() {
    const first = Math.floor((scroller.scrollTop * scale()) / shape.height) * shape.columns;
    const before = JSON.stringify(shape);
    measure();
    if (JSON.stringify(shape) !== before) scroller.scrollTop = (Math.floor(first / shape.columns) * shape.height) / scale();
    draw();
  }
  const resized = new ResizeObserver(() => requestAnimationFrame(reshape));
  resized.observe(scroller);
  model.on("content", reset);
  model.on(["selected", "chosen", "hint", "look", "choose", "chosen_label"], redraw);
  model.on("tile", reshape);
  model.on(["caption", "error", "notice", "hint", "keys", "label"], retell);
  model.on("remove", () => {
    resized.disconnect();
    document.removeEventListener("benzer-asked", asked);
  });
  retell();
  reset();
  return root;
}
