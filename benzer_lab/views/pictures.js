// Pictures by key: kept as data URLs, fetched many at a time from the route `thumbnails`, or, without routes, as one binary
// message. (A browser takes twice as long to load a hundred Blob URLs, and loads each again when it is shown again.) This file
// stands before each component that shows pictures (see pictures.py); they share what was fetched.

const OF_ROUTE = /^[0-9a-f]{32}$/;
const KEPT = 1500;
const BATCH = 100;
const SIZES = ["tiny", "small"]; // of tiles; see thumbnails.py
const urls = (globalThis.benzerPictures ??= new Map()); // id of a picture, its size and key -> its URL, the longest unused first

const idOf = (size, key) => `${size}/${key}`;

function keep(id, url) {
  urls.delete(id);
  urls.set(id, url);
  if (urls.size > KEPT) urls.delete(urls.keys().next().value);
}

function urlOf(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192)); // more at once is too many arguments
  return `data:image/webp;base64,${btoa(text)}`;
}

// The body of a batch: one little-endian uint32 length for each key, then the pictures.
function unpack(keys, size, buffer) {
  const view = new DataView(buffer);
  let start = 4 * keys.length;
  keys.forEach((key, i) => {
    const end = start + view.getUint32(4 * i, true);
    if (end > start) keep(idOf(size, key), urlOf(new Uint8Array(buffer, start, end - start)));
    start = end;
  });
}

function element(tag, name = "", text = "") {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = text;
  return node;
}

function command(name, text, run) {
  const button = element("button", name, text);
  button.type = "button";
  button.addEventListener("click", run);
  return button;
}

// Fetches what frames lack, and paints them when it comes. All it remembers goes by id, size and key.
class Pictures {
  constructor(model, { alt = "", view } = {}) {
    this.model = model;
    this.alt = alt;
    this.waiting = new Map(); // the frames that want a picture
    this.asked = new Set();
    this.spoilt = new Set(); // what the browser could not show, once
    this.failed = new Set(); // what there is no picture of
    view?.model?.document?.on_event("client_reconnected", () => {
      this.asked.clear(); // what was asked of a server that is gone
      this.fetchWaiting();
    });
    model.on("msg:custom", (message) => {
      if (message.type !== "pictures") return;
      unpack(message.keys, message.size, new Uint8Array(message.body).buffer);
      this.arrive(message.keys, message.size);
    });
  }

  // Shows the picture of a key in a frame, at once or when it has come; until then in another size that is there.
  show(frame, key, size = "small") {
    const id = key ? idOf(size, key) : "";
    if (frame.dataset.picture === id && frame.firstChild) return;
    frame.dataset.picture = id;
    if (!key || urls.has(id) || this.failed.has(id)) {
      this.paint(frame, id);
      return;
    }
    const held = SIZES.map((other) => idOf(other, key)).find((other) => urls.has(other));
    if (held) this.paint(frame, held);
    else {
      frame.classList.remove("missing");
      frame.replaceChildren();
    }
    if (!this.waiting.has(id)) this.waiting.set(id, new Set());
    this.waiting.get(id).add(frame);
    this.scheduled ??= requestAnimationFrame(() => {
      this.scheduled = undefined;
      this.fetchWaiting();
    });
  }

  paint(frame, id) {
    const url = urls.get(id);
    frame.classList.toggle("missing", !url);
    frame.dataset.text = url ? "" : this.model.no_picture;
    if (!url) {
      frame.replaceChildren();
      return;
    }
    keep(id, url);
    const image = new Image();
    image.alt = this.alt;
    image.decoding = "async";
    image.draggable = false; // dropped by accident, it would be taken for an image of one's own
    image.addEventListener("error", () => this.again(frame, id), { once: true });
    image.src = url;
    frame.replaceChildren(image);
  }

  // A picture that the browser cannot show is asked for once more, by message.
  again(frame, id) {
    urls.delete(id);
    if (this.spoilt.has(id)) {
      this.failed.add(id);
      if (frame.dataset.picture === id) this.paint(frame, id);
      return;
    }
    this.spoilt.add(id);
    this.waiting.set(id, new Set([frame]));
    this.asked.add(id);
    const [size, key] = id.split("/");
    this.byMessage([key], size);
  }

  arrive(keys, size) {
    for (const id of keys.map((key) => idOf(size, key))) {
      if (!urls.has(id)) this.failed.add(id);
      for (const frame of this.waiting.get(id) ?? []) if (frame.dataset.picture === id) this.paint(frame, id);
      this.waiting.delete(id);
      this.asked.delete(id);
    }
  }

  byMessage(keys, size) {
    if (keys.length) this.model.send_msg({ type: "pictures", keys, size });
  }

  fetchWaiting() {
    for (const [id, frames] of this.waiting) {
      for (const frame of frames) if (frame.dataset.picture !== id) frames.delete(frame);
      if (!frames.size && !this.asked.has(id)) this.waiting.delete(id);
    }
    for (const size of SIZES) this.fetch([...this.waiting.keys()].map((id) => id.split("/")).filter(([of]) => of === size).map(([, key]) => key), size);
  }

  // Fetches pictures whether or not a frame waits for them.
  fetch(keys, size) {
    const missing = keys.filter((key) => key && ![urls, this.asked, this.failed].some((known) => known.has(idOf(size, key))));
    for (let i = 0; i < missing.length; i += BATCH) this.fetchBatch(missing.slice(i, i + BATCH), size);
  }

  async fetchBatch(keys, size) {
    keys.forEach((key) => this.asked.add(idOf(size, key)));
    const routed = this.model.routes ? keys.filter((key) => OF_ROUTE.test(key)) : [];
    this.byMessage(keys.filter((key) => !routed.includes(key)), size);
    if (!routed.length) return;
    try {
      const answer = await fetch(`thumbnails?keys=${routed.join(",")}&size=${size}`);
      const isBatch = answer.headers.get("Content-Type") === "application/octet-stream";
      if (!answer.ok || answer.redirected || !isBatch) throw new Error(answer.statusText);
      unpack(routed, size, await answer.arrayBuffer());
      this.arrive(routed, size);
    } catch {
      this.byMessage(routed, size); // the server is being restarted, the login has ended, or a proxy passes only the page
    }
  }
}
