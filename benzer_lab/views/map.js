// A map of many points, drawn by regl-scatterplot, with real pictures over those that one comes near, names on it, and a legend.
// Names are untrusted: they become text nodes and attributes, never markup. pictures.js stands before this file.

const CATEGORIES = 20; // colors in map.css, the last of them for all others
const LEVELS = 32; // of a number
const SPACE = 24; // pixels that a point must have for itself, on average, until pictures are shown
const LEAST = 40; // pixels of a picture on the map
const LARGEST = 112;
const MOST = 160; // pictures on the map at a time
const SETTLED = 120; // milliseconds without a movement until pictures are chosen anew
const FACTOR = 1.6; // by which a key zooms
const STEP = 0.25; // of the view, by which a key moves it
const NAMES = 40; // on the map at a time
const HALF = 1.04; // of the whole map with its margin, from its middle
const WHOLE = { x: -HALF, y: -HALF, width: 2 * HALF, height: 2 * HALF };

const inShuffledOrder = (row) => (Math.imul(row + 1, 2654435761) >>> 0) / 2 ** 32; // the same for a point each time
const blob = (body, type) => new Blob([body], { type });

// What the server offers under a key: by the route, or where there is none, or none any more, by message.
class Payloads {
  constructor(model) {
    this.model = model;
    this.waiting = new Map();
    model.on("msg:custom", ({ type, key, body }) => {
      if (type !== "payload" || !this.waiting.has(key)) return;
      const { resolve, reject } = this.waiting.get(key);
      this.waiting.delete(key);
      const bytes = new Uint8Array(body);
      if (bytes.length) resolve(bytes.buffer);
      else reject(new Error("replaced by now"));
    });
  }

  async get(what, key) {
    if (this.model.routes) {
      const answer = await fetch(`payloads/${key}`).catch(() => null);
      const isPayload = answer?.ok && !answer.redirected && answer.headers.get("Content-Type") === "application/octet-stream";
      if (isPayload) return answer.arrayBuffer();
    }
    return new Promise((resolve, reject) => {
      this.waiting.set(key, { resolve, reject });
      this.model.send_msg({ type: "payload", what, key });
    });
  }
}

// What CSS calls a color, as WebGL wants it.
function painter(root) {
  const probe = root.appendChild(element("span", "probe"));
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  return (color) => {
    probe.style.color = color;
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = getComputedStyle(probe).color;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data].map((part) => part / 255);
  };
}

let library; // of all maps of the page

export function render({ model, view }) {
  const root = element("section", "plane");
  const canvas = element("canvas", "points");
  const over = element("div", "over");
  const names = element("div", "names");
  const marks = element("div", "marks");
  const bar = element("div", "bar");
  const legend = element("div", "legend");
  const card = element("div", "card");
  const spoken = element("p", "spoken");
  const notice = element("p", "notice");
  const keys = element("p", "keys");
  const ground = element("div", "ground");
  ground.tabIndex = 0;
  ground.setAttribute("role", "application");
  spoken.setAttribute("role", "status");
  notice.setAttribute("role", "alert");
  card.append(element("span", "frame"), element("strong", "title"), element("span", "note"), element("span", "hint"));
  const tools = Object.fromEntries(["move", "lasso", "nearer", "farther", "whole"].map((name) => [name, command("button", "", () => acts[name]())]));
  bar.append(...Object.values(tools));
  ground.append(canvas, over, marks, names, card);
  root.append(ground, bar, keys, notice, spoken, legend);

  const pictures = new Pictures(model, { view });
  const payloads = new Payloads(model);
  const paint = painter(root);
  let plot; // there from the first points on
  let xy = new Float32Array();
  let codes = new Uint8Array();
  let mask; // a bit for each point, or nothing while all are shown
  let designs = new Map(); // row -> name, key, title, note
  let asked = new Set();
  let placed = new Map(); // row -> element of a picture on the map
  let side = LEAST;
  let hovered = -1;
  let drawn = { points: "", colors: "", shown: "" };
  let work = Promise.resolve(); // what is drawn is drawn one after the other
  let settling;
  let ends; // what tells where a place is on the screen
  let pointer; // where it went down
  const isShown = (row) => !mask || ((mask[row >> 3] >> (row & 7)) & 1) === 1;
  const colorOf = (row) => (model.colors.scale === "category" ? `var(--c${Math.min(codes[row] ?? CATEGORIES - 1, CATEGORIES - 1)})` : levelOf(codes[row]));
  const levelOf = (code) => {
    const part = (2 * code) / (LEVELS - 1);
    if (code >= LEVELS) return "var(--none)"; // it has no number
    return part < 1 ? `color-mix(in oklab, var(--middle) ${100 * part}%, var(--low))` : `color-mix(in oklab, var(--high) ${100 * part - 100}%, var(--middle))`;
  };

  // ---- drawing

  async function start() {
    library ??= payloads.get("library", model.library).then((body) => import(URL.createObjectURL(blob(body, "text/javascript"))));
    const { createScatterplot } = await library;
    if (!document.createElement("canvas").getContext("webgl")) throw new Error("no WebGL");
    const { clientWidth: width, clientHeight: height } = ground;
    plot = createScatterplot({
      canvas,
      width,
      height,
      backgroundColor: paint("var(--ground)"),
      cameraDistance: HALF * Math.max(1, height / width), // all of it, in the first frame
      deselectOnDblClick: false,
      deselectOnEscape: false,
      lassoColor: paint("var(--accent)"),
      lassoLineWidth: 2,
      opacityInactiveScale: 0.28,
      pointColorHover: paint("var(--text)"),
      pointOutlineWidth: 0,
      pointSizeSelected: 0.5,
    });
    plot.subscribe("pointover", (row) => hover(row));
    plot.subscribe("pointout", () => hover(-1));
    plot.subscribe("view", follow);
    plot.subscribe("lassoEnd", ({ coordinates }) => {
      acts.move();
      if (coordinates.length > 2) model.send_msg({ type: "lasso", outline: simplified(coordinates).flat() });
    });
    new ResizeObserver(() => {
      const { clientWidth: wide, clientHeight: high } = ground;
      const isOther = wide !== plot?.get("width") || high !== plot.get("height");
      if (wide && high && isOther) plot?.set({ width: wide, height: high }).then(follow);
    }).observe(ground);
  }

  // Points of an outline that are nearer than 2 pixels to the line of their neighbors say nothing.
  function simplified(outline) {
    const away = 2 * unit();
    const keep = (from, to) => {
      let [most, at] = [0, -1];
      const [[ax, ay], [bx, by]] = [outline[from], outline[to]];
      const length = Math.hypot(bx - ax, by - ay) || 1e-9;
      for (let i = from + 1; i < to; i++) {
        const off = Math.abs((bx - ax) * (ay - outline[i][1]) - (ax - outline[i][0]) * (by - ay)) / length;
        if (off > most) [most, at] = [off, i];
      }
      return most > away ? [...keep(from, at), ...keep(at, to)] : [outline[from]];
    };
    const middle = outline.length >> 1;
    const kept = [...keep(0, middle), ...keep(middle, outline.length - 1)];
    return (kept.length > 2 ? kept : outline).map((point) => point.map((part) => Math.round(part * 1e4) / 1e4));
  }

  // How much of the map a pixel is.
  const unit = () => (2 * plot.get("cameraDistance")) / Math.max(1, ground.clientHeight);

  const sizeOfPoints = (n) => Math.max(1.6, Math.min(7, 7 - Math.log2(Math.max(n, 500) / 500) * 0.66));

  async function draw() {
    const { points, colors, shown } = model;
    if (!points.key || !colors.key) return;
    const isOther = points.key !== drawn.points;
    const [body, coded, bits] = await Promise.all([
      isOther ? payloads.get("points", points.key) : xy.buffer,
      colors.key !== drawn.colors ? payloads.get("colors", colors.key) : codes.buffer,
      shown.key !== drawn.shown && shown.key ? payloads.get("shown", shown.key) : null,
    ]);
    const isFirst = !plot;
    if (isFirst) await start();
    xy = new Float32Array(body);
    codes = new Uint8Array(coded);
    if (shown.key !== drawn.shown) mask = bits ? new Uint8Array(bits) : undefined;
    if (isOther) {
      forget();
      ends = scales();
    }
    const n = points.n;
    if (codes.length !== n) return; // its colors are on their way
    const scheme = `${colors.key}/${colors.scale}`;
    if (isOther || scheme !== drawn.scheme) {
      const palette = colors.scale === "category" ? Array.from({ length: CATEGORIES }, (_, i) => paint(`var(--c${i})`)) : Array.from({ length: LEVELS + 1 }, (_, i) => paint(levelOf(i)));
      const index = isOther ? undefined : plot.get("spatialIndex");
      await plot.set({ colorBy: "valueA", opacity: n > 20_000 ? 0.75 : 0.9, pointColor: palette, pointColorActive: palette, pointSize: sizeOfPoints(n) });
      const columns = [new Float32Array(n), new Float32Array(n)];
      for (let i = 0; i < n; i++) [columns[0][i], columns[1][i]] = [xy[2 * i], xy[2 * i + 1]];
      plot.deselect({ preventEvent: true });
      await plot.draw({ x: columns[0], y: columns[1], valueA: codes }, { spatialIndex: index, zDataType: "categorical" });
      if (isOther && !isFirst) await plot.zoomToArea(WHOLE);
    }
    const rows = [];
    if (mask) for (let i = 0; i < n; i++) if (isShown(i)) rows.push(i);
    if (rows.length) plot.select(rows, { preventEvent: true });
    else plot.deselect({ preventEvent: true });
    drawn = { points: points.key, colors: colors.key, shown: shown.key, scheme };
    if (isFirst) {
      performance.mark("points");
      model.send_msg({ type: "drawn" });
    }
    root.dataset.drawn = Object.values(drawn).join(" ");
    root.dataset.shown = mask ? rows.length : n;
    settle();
    name();
    mark();
    frame();
  }

  function redraw() {
    work = work.then(draw).catch((error) => {
      if (error.message === "replaced by now") return;
      notice.textContent = model.words.unsupported;
      model.send_msg({ type: "drawn" });
      console.warn("The map cannot be drawn:", error);
    });
  }

  function forget() {
    designs = new Map();
    asked = new Set();
    placed.forEach((node) => node.remove());
    placed = new Map();
    hover(-1);
  }

  // ---- pictures and names on the map

  // Where a point is on the screen, or nothing where it is out of sight.
  function at(row) {
    const [x, y] = plot.getScreenPosition(row) ?? [-1, -1];
    return x < -side || y < -side || x > ground.clientWidth + side || y > ground.clientHeight + side ? null : [x, y];
  }

  function follow() {
    for (const [row, node] of placed) {
      const spot = at(row);
      node.hidden = !spot;
      if (spot) node.style.transform = `translate(${spot[0]}px, ${spot[1]}px) translate(-50%, -50%)`;
    }
    name();
    mark();
    frame();
    if (hovered >= 0) showCard();
    clearTimeout(settling);
    settling = setTimeout(settle, SETTLED);
  }

  // Chooses which points are shown as pictures: few enough to lie beside each other, those that are there already first.
  function settle() {
    if (!plot || !xy.length) return;
    const [width, height] = [ground.clientWidth, ground.clientHeight];
    let rows = plot.get("pointsInView");
    if (mask) rows = rows.filter(isShown);
    const space = Math.sqrt((width * height) / Math.max(1, rows.length));
    const wanted = new Map();
    side = Math.round(Math.max(LEAST, Math.min(LARGEST, 0.75 * space)));
    if (space >= SPACE) {
      const cells = new Map();
      const over = covers();
      const isCovered = ([x, y]) => over.some(([left, top, right, bottom]) => x > left - side / 2 && x < right + side / 2 && y > top - side / 2 && y < bottom + side / 2);
      const order = (row) => (placed.has(row) ? -1 : inShuffledOrder(row));
      for (const row of rows.sort((a, b) => order(a) - order(b))) {
        const spot = at(row);
        if (!spot || wanted.size >= MOST || isCovered(spot)) continue;
        const [column, line] = spot.map((part) => Math.floor(part / side));
        const isFree = [-1, 0, 1].every((i) =>
          [-1, 0, 1].every((j) => {
            const other = cells.get(`${column + i}/${line + j}`);
            return !other || Math.max(Math.abs(other[0] - spot[0]), Math.abs(other[1] - spot[1])) >= side;
          }),
        );
        if (!isFree) continue;
        cells.set(`${column}/${line}`, spot);
        wanted.set(row, spot);
      }
    }
    for (const [row, node] of placed) {
      if (wanted.has(row)) continue;
      node.remove();
      placed.delete(row);
    }
    root.style.setProperty("--side", `${side}px`);
    for (const [row, spot] of wanted) {
      if (!placed.has(row)) placed.set(row, over.appendChild(element("span", "frame")));
      const node = placed.get(row);
      node.hidden = false;
      node.dataset.row = row;
      node.style.transform = `translate(${spot[0]}px, ${spot[1]}px) translate(-50%, -50%)`;
      node.style.setProperty("--color", colorOf(row));
      if (designs.has(row)) pictures.show(node, designs.get(row)[1], sizeOf(side));
    }
    learn([...wanted.keys()]);
    root.dataset.pictures = wanted.size;
  }

  const sizeOf = (pixels) => (pixels * devicePixelRatio <= 128 ? "tiny" : "small");

  // Asks what is known of some points.
  function learn(rows) {
    const unknown = rows.filter((row) => !designs.has(row) && !asked.has(row));
    unknown.forEach((row) => asked.add(row));
    if (unknown.length) model.send_msg({ type: "designs", rows: unknown });
  }

  function told(message) {
    if (message.points !== model.points.key) return;
    for (const [row, ...design] of message.designs) designs.set(row, design);
    for (const [row, node] of placed) if (designs.has(row)) pictures.show(node, designs.get(row)[1], sizeOf(side));
    if (designs.has(hovered)) showCard();
  }

  function rename() {
    names.replaceChildren(
      ...model.labels.map(([, text, color], place) => {
        const button = command("name", text, () => model.send_msg({ type: "label", place }));
        button.tabIndex = -1; // the legend has them for the keyboard
        button.style.setProperty("--color", `var(--c${Math.min(color, CATEGORIES - 1)})`);
        return button;
      }),
    );
    if (plot) name();
  }

  // What lies over the map: the tools.
  function covers() {
    const own = ground.getBoundingClientRect();
    const boxes = [...bar.children].map((node) => node.getBoundingClientRect()).filter((box) => box.width);
    return boxes.map((box) => [box.left - own.left, box.top - own.top, box.right - own.left, box.bottom - own.top]);
  }

  // Places the names, the largest first, where they do not lie on each other.
  function name() {
    const boxes = covers();
    const n = boxes.length;
    [...names.children].forEach((node, i) => {
      const spot = xy.length ? at(model.labels[i][0]) : null;
      node.size ??= [node.offsetWidth, node.offsetHeight];
      const [wide, high] = node.size;
      const left = spot && Math.max(2, Math.min(ground.clientWidth - wide - 2, spot[0] - wide / 2)); // all of it is to be read
      const box = spot && [left, spot[1] - high / 2, left + wide, spot[1] + high / 2];
      const isFree = box && boxes.length < n + NAMES && boxes.every((other) => box[0] > other[2] || box[2] < other[0] || box[1] > other[3] || box[3] < other[1]);
      node.classList.toggle("hidden", !isFree);
      if (!isFree) return;
      boxes.push(box);
      node.style.transform = `translate(${box[0]}px, ${box[1]}px)`;
    });
  }

  // Where a place of the map is on the screen: the view is never turned, so two points tell it of all.
  function scales() {
    let [left, right, low, high] = [0, 0, 0, 0];
    for (let row = 1; 2 * row < xy.length; row++) {
      if (xy[2 * row] < xy[2 * left]) left = row;
      if (xy[2 * row] > xy[2 * right]) right = row;
      if (xy[2 * row + 1] < xy[2 * low + 1]) low = row;
      if (xy[2 * row + 1] > xy[2 * high + 1]) high = row;
    }
    return [[left, right, 0], [low, high, 1]].map(([from, to, axis]) => () => {
      const [a, b] = [plot.getScreenPosition(from)[axis], plot.getScreenPosition(to)[axis]];
      const [p, q] = [xy[2 * from + axis], xy[2 * to + axis]];
      return (value) => a + ((value - p) * (b - a)) / (q - p || 1);
    });
  }

  function frame() {
    const [x, y] = model.squares.length && xy.length ? ends.map((end) => end()) : [];
    [...marks.children].forEach((node, i) => {
      const [left, bottom, right, top] = model.squares[i];
      node.hidden = !x;
      if (x) node.style.cssText = `left: ${x(left)}px; top: ${y(top)}px; width: ${x(right) - x(left)}px; height: ${y(bottom) - y(top)}px`;
    });
  }

  function resquare() {
    marks.replaceChildren(
      ...model.squares.map(([, , , , text], place) => {
        const button = command("square", "", () => model.send_msg({ type: "square", place }));
        button.title = text;
        button.setAttribute("aria-label", text);
        return button;
      }),
    );
    if (plot) frame();
  }

  const ring = over.appendChild(element("span", "ring"));
  function mark() {
    const spot = plot && model.marked >= 0 && 2 * model.marked < xy.length ? at(model.marked) : null;
    ring.hidden = !spot;
    ring.classList.toggle("around", placed.has(model.marked));
    if (spot) ring.style.transform = `translate(${spot[0]}px, ${spot[1]}px) translate(-50%, -50%)`;
  }

  // ---- what the pointer or the keyboard is at

  function hover(row) {
    hovered = row;
    card.hidden = row < 0;
    if (row < 0) return;
    learn([row]);
    showCard();
  }

  function showCard() {
    const design = designs.get(hovered);
    const spot = at(hovered);
    card.hidden = !design || !spot;
    if (card.hidden) return;
    const [frame, title, note, hint] = card.children;
    pictures.show(frame, design[1], "small");
    [title.textContent, note.textContent, hint.textContent] = [design[2], design[3], model.words.hint];
    note.hidden = !design[3];
    const [wide, high, gap] = [card.offsetWidth, card.offsetHeight, 16];
    const left = spot[0] + gap + wide > ground.clientWidth ? spot[0] - gap - wide : spot[0] + gap;
    card.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, Math.min(ground.clientHeight - high - 4, spot[1] - high / 2))}px)`;
  }

  // The picture that lies under the pointer, before the point that does.
  function pictureAt(event) {
    const box = ground.getBoundingClientRect();
    for (const row of placed.keys()) {
      const spot = at(row);
      if (spot && Math.max(Math.abs(spot[0] - event.clientX + box.left), Math.abs(spot[1] - event.clientY + box.top)) < side / 2) return row;
    }
    return -1;
  }

  const pick = (row) => row >= 0 && model.send_msg({ type: "pick", row });

  ground.addEventListener("pointerdown", (event) => {
    pointer = [event.clientX, event.clientY];
  });
  ground.addEventListener("pointermove", (event) => {
    if (event.buttons || !plot) return;
    const row = pictureAt(event);
    if (row >= 0 && row !== hovered) hover(row);
    else if (row < 0 && placed.has(hovered) && plot.get("hoveredPoint") !== hovered) hover(plot.get("hoveredPoint") ?? -1);
  });
  ground.addEventListener("pointerleave", () => hover(-1));
  // Before the library hears of it, which would select on its own
  ground.addEventListener(
    "click",
    (event) => {
      if (event.target !== canvas) return;
      event.stopPropagation();
      if (!pointer || Math.hypot(event.clientX - pointer[0], event.clientY - pointer[1]) > 4) return;
      const row = pictureAt(event);
      pick(row >= 0 ? row : (plot?.get("hoveredPoint") ?? -1));
    },
    { capture: true },
  );

  // ---- moving

  function go(target, distance) {
    return plot?.zoomToLocation(target, distance, { transition: !matchMedia("(prefers-reduced-motion: reduce)").matches, transitionDuration: 180 }).then(follow);
  }
  const here = () => [...plot.get("cameraTarget")];
  const zoom = (factor) => plot && go(here(), Math.max(1e-4, Math.min(4, plot.get("cameraDistance") * factor)));

  function mode(isLasso) {
    plot?.set({ mouseMode: isLasso ? "lasso" : "panZoom" });
    root.classList.toggle("encircling", isLasso);
    tools.lasso.setAttribute("aria-pressed", isLasso);
    tools.move.setAttribute("aria-pressed", !isLasso);
  }
  const acts = {
    move: () => mode(false),
    lasso: () => mode(!root.classList.contains("encircling")),
    nearer: () => zoom(1 / FACTOR),
    farther: () => zoom(FACTOR),
    whole: () => plot?.zoomToArea(WHOLE).then(follow),
  };

  // The nearest point that lies in a direction: what is ahead counts once, what is beside twice.
  function step(dx, dy) {
    const from = hovered >= 0 ? hovered : model.marked >= 0 ? model.marked : -1;
    const [x, y] = from >= 0 ? [xy[2 * from], xy[2 * from + 1]] : here();
    let [best, least] = [-1, Infinity];
    for (let row = 0; 2 * row < xy.length; row++) {
      const [px, py] = [xy[2 * row] - x, xy[2 * row + 1] - y];
      const ahead = px * dx + py * dy;
      const far = from < 0 ? Math.hypot(px, py) : ahead > 0 ? ahead + 2 * Math.abs(px * dy - py * dx) : Infinity;
      if (far < least && row !== from && isShown(row)) [best, least] = [row, far];
    }
    if (best < 0) return;
    hover(best);
    const spot = at(best);
    const isNear = spot && spot[0] > 40 && spot[1] > 40 && spot[0] < ground.clientWidth - 40 && spot[1] < ground.clientHeight - 40;
    if (!isNear) go([xy[2 * best], xy[2 * best + 1]], plot.get("cameraDistance"));
  }

  const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  ground.addEventListener("keydown", (event) => {
    if (event.target !== ground || !plot || event.altKey || event.ctrlKey || event.metaKey) return;
    const way = WAYS[event.key];
    const far = 2 * STEP * plot.get("cameraDistance");
    if (way && event.shiftKey) go(here().map((part, i) => part + far * way[i]), plot.get("cameraDistance"));
    else if (way) step(...way);
    else if (event.key === "Enter" || event.key === " ") pick(hovered);
    else if (event.key === "Escape") model.send_msg({ type: "clear" });
    else if (["+", "="].includes(event.key)) acts.nearer();
    else if (event.key === "-") acts.farther();
    else if (event.key === "0" || event.key === "Home") acts.whole();
    else return;
    event.preventDefault();
    const design = designs.get(hovered);
    if (design) spoken.textContent = [design[2], design[3]].filter(Boolean).join(", ");
  });

  // ---- words

  function explain() {
    const { title, entries, others, low, high } = model.legend;
    legend.replaceChildren();
    legend.hidden = !title;
    legend.append(element("p", "heading", title ?? ""));
    if (entries) {
      const list = legend.appendChild(element("ul"));
      entries.forEach(([text, color, note, chosen], place) => {
        const button = command("entry", "", () => model.send_msg({ type: "entry", place }));
        const swatch = element("span", "swatch");
        swatch.style.setProperty("--color", `var(--c${Math.min(color, CATEGORIES - 1)})`);
        button.append(swatch, element("span", "text", text), element("span", "count", note));
        button.setAttribute("aria-pressed", chosen);
        button.title = text;
        list.appendChild(element("li")).append(button);
      });
      if (others) {
        const rest = list.appendChild(element("li", "entry"));
        const swatch = rest.appendChild(element("span", "swatch"));
        swatch.style.setProperty("--color", `var(--c${CATEGORIES - 1})`);
        rest.append(element("span", "text", others[0]), element("span", "count", others[1]));
      }
    } else if (title) {
      const ramp = element("div", "ramp");
      ramp.append(element("span", "", low), element("span", "strip"), element("span", "", high));
      if (low) legend.append(ramp);
    }
    if (plot) name();
  }

  function retell() {
    for (const [name, button] of Object.entries(tools)) button.textContent = model.words[name] ?? "";
    ground.setAttribute("aria-label", model.words.label ?? "");
    keys.textContent = model.words.keys ?? "";
    if (hovered >= 0) showCard();
  }

  model.on("msg:custom", (message) => {
    if (message.type === "designs") told(message);
    if (message.type === "go" && plot) go([xy[2 * message.row], xy[2 * message.row + 1]], Math.min(plot.get("cameraDistance"), 0.12)).then(() => hover(-1));
  });
  model.on(["points", "colors", "shown"], redraw);
  model.on("labels", rename);
  model.on("squares", resquare);
  model.on("legend", explain);
  model.on("marked", mark);
  model.on("words", retell);
  model.on("remove", () => {
    clearTimeout(settling);
    plot?.destroy();
    plot = undefined;
  });
  card.hidden = ring.hidden = true;
  mode(false);
  retell();
  rename();
  resquare();
  explain();
  redraw();
  requestAnimationFrame(() => model.send_msg({ type: "ready" }));
  return root;
}
