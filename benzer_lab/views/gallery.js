// A grid of tiles. Names and metadata are untrusted: they become text nodes and attributes, never markup.

const BLOBS_KEPT = 1000;
const OF_ROUTE = /^[0-9a-f]{32}$/;
const blobs = new Map(); // key of a picture -> its Blob URL, the longest unused first

function keep(key, url) {
  blobs.delete(key);
  blobs.set(key, url);
  if (blobs.size > BLOBS_KEPT) {
    const [oldest, stale] = blobs.entries().next().value;
    blobs.delete(oldest);
    URL.revokeObjectURL(stale);
  }
}

// The body of a batch: one little-endian uint32 length for each key, then the pictures.
function unpack(keys, buffer, arrive) {
  const view = new DataView(buffer);
  let start = 4 * keys.length;
  keys.forEach((key, i) => {
    const end = start + view.getUint32(4 * i, true);
    if (end > start) keep(key, URL.createObjectURL(new Blob([buffer.slice(start, end)], { type: "image/webp" })));
    arrive(key);
    start = end;
  });
}

function element(tag, name, text = "") {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = text;
  return node;
}

export function render({ model }) {
  const root = element("section", "wall");
  const caption = element("p", "caption");
  const error = element("p", "failure");
  const notice = element("p", "notice");
  const scroller = element("div", "scroller");
  const grid = element("div", "grid");
  const end = element("div", "end");
  caption.setAttribute("role", "status");
  error.setAttribute("role", "alert");
  scroller.append(error, notice, grid, end);
  root.append(caption, scroller);

  let shown = 0;
  let asked = false;
  let waiting = new Map(); // key -> the frames that want its picture
  const retried = new Set(); // keys of pictures that were none, and were asked for by message

  function paint(frame, key) {
    const url = blobs.get(key);
    frame.classList.toggle("missing", !url);
    frame.dataset.text = url ? "" : model.no_picture;
    if (!url) return;
    keep(key, url);
    const image = new Image();
    image.alt = "";
    image.decoding = "async";
    image.addEventListener("error", () => spoiled(frame, key, url));
    image.src = url;
    frame.replaceChildren(image);
  }

  // What came under the key is no picture, or its Blob was let go too soon: ask for it the other way, once.
  function spoiled(frame, key, url) {
    frame.replaceChildren();
    if (blobs.get(key) === url) {
      blobs.delete(key);
      URL.revokeObjectURL(url);
    }
    if (!retried.has(key)) {
      retried.add(key);
      waiting.set(key, [frame]);
      byMessage([key]);
    } else if (waiting.has(key)) waiting.get(key).push(frame);
    else paint(frame, key);
  }

  function arrive(key) {
    for (const frame of waiting.get(key) ?? []) paint(frame, key);
    waiting.delete(key);
  }

  const byMessage = (keys) => keys.length && model.send_msg({ type: "pictures", keys });

  async function fetchPictures(keys) {
    const routed = model.routes ? keys.filter((key) => OF_ROUTE.test(key)) : [];
    byMessage(keys.filter((key) => !routed.includes(key)));
    if (!routed.length) return;
    try {
      const answer = await fetch(`thumbnails?keys=${routed.join(",")}`);
      // After the login has ended the answer is the login page, by way of a redirect
      const packed = answer.headers.get("Content-Type") === "application/octet-stream";
      if (!answer.ok || answer.redirected || !packed) throw new Error(answer.statusText);
      unpack(routed, await answer.arrayBuffer(), arrive);
    } catch {
      byMessage(routed); // the login has ended, the server is being restarted, or a proxy passes only the page
    }
  }

  function tile(row) {
    const button = element("button", "tile");
    button.type = "button";
    button.dataset.name = row.name;
    button.title = [row.title, row.name, row.note].filter(Boolean).join("\n");
    button.setAttribute("aria-label", [model.hint, row.title, row.note, row.badge].filter(Boolean).join(", "));
    button.tabIndex = -1;
    const frame = element("span", "frame");
    const text = element("span", "text");
    text.append(element("span", "title", row.title), element("span", "badge", row.badge), element("span", "note", row.note));
    button.append(frame, text);
    if (row.key && !blobs.has(row.key)) waiting.set(row.key, [...(waiting.get(row.key) ?? []), frame]);
    else paint(frame, row.key);
    return button;
  }

  function append(rows) {
    grid.append(...rows.map(tile));
    shown += rows.length;
    asked = false;
    if (!grid.querySelector("[tabindex='0']") && grid.firstChild) grid.firstChild.tabIndex = 0;
    mark();
    fetchPictures([...new Set(rows.map((row) => row.key))].filter((key) => waiting.has(key)));
    watch();
  }

  // Watched anew after each batch: an end that stays in sight calls for the next one.
  const observer = new IntersectionObserver(([entry]) => entry.isIntersecting && more(), { root: scroller, rootMargin: "800px" });
  function watch() {
    observer.disconnect();
    observer.observe(end);
  }

  function more() {
    if (asked || shown >= model.content.total) return;
    asked = true;
    model.send_msg({ type: "tiles", epoch: model.content.epoch, start: shown });
  }

  function mark() {
    for (const button of grid.children) button.setAttribute("aria-current", button.dataset.name === model.selected);
  }

  function reset() {
    shown = 0;
    waiting = new Map();
    const focused = grid.contains(root.getRootNode().activeElement);
    grid.replaceChildren();
    scroller.scrollTop = 0;
    append(model.content.tiles);
    if (focused) grid.firstChild?.focus({ preventScroll: true });
  }

  function retell() {
    caption.textContent = model.caption;
    error.textContent = model.error;
    notice.textContent = model.notice;
    root.classList.toggle("line", model.line);
    root.setAttribute("aria-busy", model.busy);
    root.style.setProperty("--tile", `${model.tile}px`);
    root.style.setProperty("--hint", JSON.stringify(model.hint));
  }

  function step(key) {
    const columns = [...grid.children].findIndex((button, i) => i && button.offsetTop > grid.firstChild.offsetTop);
    const row = columns > 0 ? columns : grid.children.length;
    const height = columns > 0 ? grid.children[columns].offsetTop - grid.firstChild.offsetTop : 1;
    const page = row * Math.max(1, Math.floor(scroller.clientHeight / height));
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row, PageDown: page, PageUp: -page };
    return { ...steps, Home: -Infinity, End: Infinity }[key];
  }

  grid.addEventListener("click", (event) => {
    const button = event.target.closest(".tile");
    if (button) model.send_msg({ type: "pick", name: button.dataset.name });
  });
  grid.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return; // the browser's own: Alt and left go back
    const move = step(event.key);
    if (move === undefined) return;
    event.preventDefault();
    const buttons = [...grid.children];
    const to = buttons[Math.max(0, Math.min(buttons.length - 1, buttons.indexOf(event.target.closest(".tile")) + move))];
    for (const button of buttons) button.tabIndex = button === to ? 0 : -1;
    to.focus();
  });
  model.on("msg:custom", (message) => {
    if (message.type === "pictures") unpack(message.keys, new Uint8Array(message.body).buffer, arrive);
    else if (message.epoch === model.content.epoch && message.start === shown) append(message.tiles);
  });
  model.on("content", reset);
  model.on("selected", mark);
  model.on(["caption", "error", "notice", "hint", "line", "tile", "busy"], retell);
  model.on("remove", () => observer.disconnect());
  retell();
  reset();
  return root;
}
