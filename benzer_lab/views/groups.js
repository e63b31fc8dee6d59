// Groups of tiles under their heads, of which only those in sight exist. Names and metadata are untrusted: they become text
// nodes and attributes, never markup. pictures.js stands before this file; the looks of a tile are those of gallery.css.

const PAGE = 100; // tiles asked for at a time
const PAGES_KEPT = 60;
const OVERSCAN = 400; // pixels drawn above and below what is in sight
const TALLEST = 8e6; // pixels; browsers cut off taller elements, so beyond it one scrolled pixel is more than one
const GAP = 12;
const CAPTION = 40;
const HEAD = 42;
const SPACE = 20; // below a group
const APART = 36; // pixels between groups that stand side by side
const LEAST = 250; // pixels of a head
const TINY = 128; // pixels of the screen up to which a tile is shown in the size "tiny"

export function render({ model, view }) {
  const root = element("section", "wall groups");
  const notice = element("p", "notice");
  const scroller = element("div", "scroller");
  const grid = element("div", "grid");
  notice.setAttribute("role", "status");
  scroller.append(grid);
  root.append(notice, scroller);

  const pictures = new Pictures(model, { view });
  let pages = new Map(); // of tiles, by place among all
  let heads = new Map(); // by group
  let pending = new Set();
  let live = new Map(); // group -> its element
  let shape = { columns: 1, width: 100, height: 140, inner: 100 };
  let starts = [0]; // place of the first tile of each group, and one behind the last
  let lefts = []; // pixels to the left of each group
  let shelves = [0]; // the first group of each row of groups, and one behind the last
  let tops = [0]; // pixels above each of these
  let focus = 0;
  let stop = 0; // the tile to which Tab leads: the one with the focus, or, where that is out of sight, the first that is drawn
  let scheduled;

  const size = () => (shape.width * devicePixelRatio <= TINY ? "tiny" : "small");
  const n = () => model.content.sizes.length;
  const row = (place) => pages.get(Math.floor(place / PAGE))?.[place % PAGE];

  function measure() {
    const inner = scroller.clientWidth - GAP;
    const columns = Math.max(1, Math.round((inner + GAP) / (model.tile + GAP)));
    const width = Math.floor((inner + GAP) / columns) - GAP;
    shape = { columns, width, height: width + CAPTION + GAP, inner };
    shelve();
    grid.style.height = `${Math.min(TALLEST, tops.at(-1))}px`;
    root.style.setProperty("--width", `${width}px`);
  }

  // Small groups stand side by side, as many as there is room for.
  function shelve() {
    [lefts, shelves, tops] = [[], [], []];
    let [left, top, tall] = [0, 0, 0];
    model.content.sizes.forEach((size, group) => {
      if (!group || left + extent(group) > shape.inner) {
        [left, top] = [0, top + tall];
        shelves.push(group);
        tops.push(top);
        tall = 0;
      }
      lefts.push(left);
      left += extent(group) + APART;
      tall = Math.max(tall, HEAD + Math.ceil(size / shape.columns) * shape.height + SPACE);
    });
    shelves.push(n());
    tops.push(top + tall);
  }

  const extent = (group) => Math.min(shape.inner, Math.max(LEAST, model.content.sizes[group] * (shape.width + GAP) - GAP));

  // How many pixels of the grid one scrolled pixel stands for: 1 up to TALLEST.
  function scale() {
    const seen = scroller.clientHeight;
    return Math.max(1, (tops.at(-1) - seen) / Math.max(1, grid.offsetHeight - seen));
  }

  // The last group that begins at or before a place, or the last shelf at or above some pixels; the last of `edges` is behind all.
  function last(edges, value) {
    let [low, high] = [0, Math.max(0, edges.length - 2)];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (edges[middle] <= value) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  function need(place) {
    const page = Math.floor(place / PAGE);
    if (pages.has(page) || pending.has(page)) return;
    pending.add(page);
    model.send_msg({ type: "tiles", epoch: model.content.epoch, start: page * PAGE });
  }

  function make(group) {
    const section = element("div", "group");
    const head = element("div", "head");
    const list = element("div", "list");
    section.setAttribute("role", "group");
    list.setAttribute("role", "list");
    section.parts = { head, list, tiles: new Map() };
    section.dataset.group = group;
    section.append(head, list);
    return section;
  }

  function fillHead(section, group) {
    const told = heads.get(group);
    if (!told || section.told === told) return;
    section.told = told;
    const { title, count, marks } = told;
    const all = command("tool all", model.choose_all, () => model.send_msg({ type: "choose_all", group }));
    all.setAttribute("aria-label", `${model.choose_all}: ${title}`);
    const texts = marks.map(([text, remarkable]) => element("span", remarkable ? "mark remarkable" : "mark", text));
    section.parts.head.replaceChildren(element("h3", "title", title), element("span", "mark", count), ...texts, all);
    section.parts.head.title = title;
    section.setAttribute("aria-label", title);
  }

  function makeTile(group, place) {
    const tile = element("div", "tile");
    const tell = (type) => () => tile.dataset.name !== undefined && model.send_msg({ type, group, name: tile.dataset.name });
    const main = command("main", "", tell("pick"));
    const text = element("span", "text");
    const parts = { main, frame: element("span", "frame"), title: element("span", "title"), badge: element("span", "badge"), note: element("span", "note") };
    parts.look = command("tool", "", tell("look"));
    parts.choose = command("tool", "", tell("choose"));
    const tools = element("div", "tools");
    text.append(parts.title, parts.badge, parts.note);
    main.append(parts.frame, text);
    tools.append(parts.look, parts.choose);
    tile.append(main, tools);
    tile.setAttribute("role", "listitem");
    tile.dataset.place = place;
    tile.parts = parts;
    return tile;
  }

  function fill(tile, place) {
    const shown = row(place);
    const { main, frame, look, choose } = tile.parts;
    tile.classList.toggle("blank", !shown);
    if (!shown) return;
    const [name, key, title, note, badge] = shown;
    tile.dataset.name = name;
    for (const [part, text] of Object.entries({ title, note, badge })) tile.parts[part].textContent = text;
    main.title = [title, name, note].filter(Boolean).join("\n");
    main.setAttribute("aria-label", [title, note, badge, model.hint].filter(Boolean).join(", "));
    const chosen = model.chosen.includes(name);
    tile.classList.toggle("chosen", chosen);
    for (const [button, label] of [[look, model.look], [choose, chosen ? model.chosen_label : model.choose]]) {
      button.tabIndex = -1;
      button.textContent = label;
      button.setAttribute("aria-label", `${label}: ${title}`);
    }
    choose.setAttribute("aria-pressed", chosen);
    pictures.show(frame, key, size());
  }

  // The tiles of a group between two heights, from its top.
  function fillTiles(section, group, above, below) {
    const { columns, width, height } = shape;
    const { list, tiles } = section.parts;
    const [from, to] = [starts[group], starts[group + 1]];
    const first = from + Math.max(0, Math.floor((above - HEAD) / height)) * columns;
    const last = Math.min(to, from + Math.max(1, Math.ceil((below - HEAD) / height)) * columns);
    for (const [place, tile] of tiles) {
      if (place >= first && place < last) continue;
      tile.remove();
      tiles.delete(place);
    }
    for (let place = first; place < last; place++) {
      if (!row(place)) need(place);
      const tile = tiles.get(place) ?? list.appendChild(makeTile(group, place));
      tiles.set(place, tile);
      fill(tile, place);
      const at = place - from;
      tile.style.transform = `translate(${(at % columns) * (width + GAP)}px, ${Math.floor(at / columns) * height}px)`;
    }
  }

  function draw() {
    scheduled = undefined;
    const top = scroller.scrollTop * scale();
    const shift = top - scroller.scrollTop;
    const [above, below] = [top - OVERSCAN, top + scroller.clientHeight + OVERSCAN];
    const wanted = new Map(); // group -> pixels above it
    for (let shelf = last(tops, Math.max(0, above)); shelf < shelves.length - 1 && tops[shelf] < below; shelf++)
      for (let group = shelves[shelf]; group < shelves[shelf + 1]; group++) wanted.set(group, tops[shelf]);
    for (const [group, section] of live) {
      if (wanted.has(group)) continue;
      section.remove();
      live.delete(group);
    }
    for (const [group, y] of wanted) {
      const section = live.get(group) ?? grid.appendChild(make(group));
      live.set(group, section);
      section.style.transform = `translate(${lefts[group]}px, ${y - shift}px)`;
      section.style.width = `${extent(group)}px`;
      fillHead(section, group);
      fillTiles(section, group, above - y, below - y);
    }
    const drawn = [...live.values()].flatMap(({ parts }) => [...parts.tiles]);
    stop = tileAt(focus) ? focus : Math.min(...drawn.map(([place]) => place));
    for (const [place, { parts }] of drawn) parts.main.tabIndex = place === stop ? 0 : -1;
  }

  const redraw = () => (scheduled ??= requestAnimationFrame(draw));

  function reset() {
    const inside = grid.contains(root.getRootNode().activeElement);
    pages = new Map();
    heads = new Map();
    pending = new Set();
    live.forEach((section) => section.remove());
    live = new Map();
    starts = [0];
    for (const size of model.content.sizes) starts.push(starts.at(-1) + size);
    measure();
    if (!model.content.stay) focus = scroller.scrollTop = 0;
    draw();
    if (inside) tileAt(focus)?.parts.main.focus({ preventScroll: true });
  }

  function retell() {
    notice.textContent = model.notice;
    grid.setAttribute("aria-label", model.label);
    root.style.setProperty("--hint", JSON.stringify(model.hint));
  }

  const groupOf = (place) => last(starts, place);
  const tileAt = (place) => live.get(groupOf(place))?.parts.tiles.get(place);

  function moveTo(place) {
    focus = Math.max(0, Math.min(starts.at(-1) - 1, place));
    const group = groupOf(focus);
    const y = tops[last(shelves, group)] + HEAD + Math.floor((focus - starts[group]) / shape.columns) * shape.height;
    const top = scroller.scrollTop * scale();
    if (y - HEAD < top) scroller.scrollTop = (y - HEAD) / scale();
    else if (y + shape.height > top + scroller.clientHeight) scroller.scrollTop = (y + shape.height - scroller.clientHeight) / scale();
    draw();
    tileAt(focus)?.parts.main.focus({ preventScroll: true });
  }

  // The tile above or below: in the group's next row, else in the nearest one of the next shelf, as straight as it goes.
  function beyond(place, by) {
    const { columns, width } = shape;
    const group = groupOf(place);
    const rows = (of) => Math.ceil((starts[of + 1] - starts[of]) / columns);
    const at = place - starts[group];
    const column = at % columns;
    const line = Math.floor(at / columns) + by;
    if (line >= 0 && line < rows(group)) return Math.min(starts[group] + line * columns + column, starts[group + 1] - 1);
    const shelf = last(shelves, group) + by;
    if (shelf < 0 || shelf >= shelves.length - 1) return place;
    const x = lefts[group] + column * (width + GAP);
    let other = shelves[shelf];
    while (other + 1 < shelves[shelf + 1] && lefts[other + 1] <= x) other++;
    const across = Math.min(columns - 1, Math.round((x - lefts[other]) / (width + GAP)));
    const first = starts[other] + (by < 0 ? rows(other) - 1 : 0) * columns;
    return Math.min(first + across, starts[other + 1] - 1);
  }

  grid.addEventListener("keydown", (event) => {
    const tile = event.target.closest(".tile");
    if (!tile || event.altKey || event.ctrlKey || event.metaKey || event.target !== tile.parts.main) return;
    const place = Number(tile.dataset.place);
    const steps = {
      ArrowRight: () => place + 1,
      ArrowLeft: () => place - 1,
      ArrowDown: () => beyond(place, 1),
      ArrowUp: () => beyond(place, -1),
      PageDown: () => starts[Math.min(n() - 1, groupOf(place) + 1)],
      PageUp: () => starts[Math.max(0, groupOf(place) - 1)],
      Home: () => 0,
      End: () => starts.at(-1) - 1,
    };
    if (event.key in steps) moveTo(steps[event.key]());
    else if (event.key === " ") tile.parts.look.click();
    else if (event.key === "p" || event.key === "P") tile.parts.choose.click();
    else return;
    event.preventDefault();
  });
  grid.addEventListener("keyup", (event) => event.key === " " && event.preventDefault()); // no click besides
  grid.addEventListener("focusin", (event) => {
    const tile = event.target.closest(".tile");
    if (!tile) return;
    const before = tileAt(stop);
    if (before) before.parts.main.tabIndex = -1;
    stop = focus = Number(tile.dataset.place);
    tile.parts.main.tabIndex = 0;
  });
  scroller.addEventListener("scroll", redraw, { passive: true });
  model.on("msg:custom", (message) => {
    if (message.type !== "tiles" || message.epoch !== model.content.epoch) return;
    const page = message.start / PAGE;
    pending.delete(page);
    pages.set(page, message.tiles);
    if (pages.size > PAGES_KEPT) pages.delete(pages.keys().next().value);
    for (const [group, head] of message.heads) heads.set(group, head);
    redraw();
  });
  // When tiles change their size, the first group in sight stays the first one.
  function reshape() {
    const before = JSON.stringify(shape);
    const group = shelves[last(tops, scroller.scrollTop * scale())];
    measure();
    if (JSON.stringify(shape) !== before) scroller.scrollTop = tops[last(shelves, group)] / scale();
    draw();
  }
  const resized = new ResizeObserver(() => requestAnimationFrame(reshape));
  resized.observe(scroller);
  model.on("content", reset);
  model.on(["chosen", "hint", "look", "choose", "chosen_label"], redraw);
  model.on("tile", reshape);
  model.on(["notice", "hint", "label"], retell);
  model.on("remove", () => resized.disconnect());
  retell();
  reset();
  return root;
}
