// Pictures by key: kept as Blob URLs, fetched many at a time from the route `thumbnails`, or, without routes, as one binary
// message. This file stands before each component that shows pictures (see pictures.py); they share what was fetched.

const OF_ROUTE = /^[0-9a-f]{32}$/;
const KEPT = 1500;
const BATCH = 100;
const blobs = (globalThis.benzerBlobs ??= new Map()); // key of a picture -> its Blob URL, the longest unused first

function keep(key, url) {
  blobs.delete(key);
  blobs.set(key, url);
  if (blobs.size > KEPT) {
    const [oldest, stale] = blobs.entries().next().value;
    blobs.delete(oldest);
    URL.revokeObjectURL(stale);
  }
}

function drop(key) {
  URL.revokeObjectURL(blobs.get(key));
  blobs.delete(key);
}

// The body of a batch: one little-endian uint32 length for each key, then the pictures.
function unpack(keys, buffer) {
  const view = new DataView(buffer);
  let start = 4 * keys.length;
  keys.forEach((key, i) => {
    const end = start + view.getUint32(4 * i, true);
    if (end > start) keep(key, URL.createObjectURL(new Blob([buffer.slice(start, end)], { type: "image/webp" })));
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

// Fetches what frames lack, and paints them when it comes.
class Pictures {
  constructor(model, { alt = "", view } = {}) {
    this.model = model;
    this.alt = alt;
    this.waiting = new Map(); // key -> the frames that want its picture
    this.asked = new Set();
    this.spoilt = new Set(); // keys whose picture the browser could not show, once
    this.failed = new Set(); // keys that have no picture
    view?.model?.document?.on_event("client_reconnected", () => {
      this.asked.clear(); // what was asked of a server that is gone
      this.fetchWaiting();
    });
    model.on("msg:custom", (message) => {
      if (message.type !== "pictures") return;
      unpack(message.keys, new Uint8Array(message.body).buffer);
      this.arrive(message.keys);
    });
  }

  // Shows the picture of a key in a frame, at once or when it has come.
  show(frame, key) {
    if (frame.dataset.key === (key ?? "") && frame.firstChild) return;
    frame.dataset.key = key ?? "";
    if (!key || blobs.has(key) || this.failed.has(key)) {
      this.paint(frame, key);
      return;
    }
    frame.classList.remove("missing");
    frame.replaceChildren();
    if (!this.waiting.has(key)) this.waiting.set(key, new Set());
    this.waiting.get(key).add(frame);
    this.scheduled ??= requestAnimationFrame(() => {
      this.scheduled = undefined;
      this.fetchWaiting();
    });
  }

  paint(frame, key) {
    const url = blobs.get(key);
    frame.classList.toggle("missing", !url);
    frame.dataset.text = url ? "" : this.model.no_picture;
    if (!url) {
      frame.replaceChildren();
      return;
    }
    keep(key, url);
    const image = new Image();
    image.alt = this.alt;
    image.decoding = "async";
    image.draggable = false; // it would be taken for a file that is dropped
    image.addEventListener("error", () => this.again(frame, key), { once: true });
    image.src = url;
    frame.replaceChildren(image);
  }

  // A picture that the browser cannot show is asked for once more, by message.
  again(frame, key) {
    drop(key);
    if (this.spoilt.has(key)) {
      this.failed.add(key);
      if (frame.dataset.key === key) this.paint(frame, key);
      return;
    }
    this.spoilt.add(key);
    this.waiting.set(key, new Set([frame]));
    this.asked.add(key);
    this.byMessage([key]);
  }

  arrive(keys) {
    for (const key of keys) {
      if (!blobs.has(key)) this.failed.add(key);
      for (const frame of this.waiting.get(key) ?? []) if (frame.dataset.key === key) this.paint(frame, key);
      this.waiting.delete(key);
      this.asked.delete(key);
    }
  }

  byMessage(keys) {
    if (keys.length) this.model.send_msg({ type: "pictures", keys });
  }

  fetchWaiting() {
    for (const [key, frames] of this.waiting) {
      for (const frame of frames) if (frame.dataset.key !== key) frames.delete(frame);
      if (!frames.size && !this.asked.has(key)) this.waiting.delete(key);
    }
    this.fetch([...this.waiting.keys()]);
  }

  // Fetches pictures whether or not a frame waits for them.
  fetch(keys) {
    const missing = keys.filter((key) => key && !blobs.has(key) && !this.asked.has(key) && !this.failed.has(key));
    for (let i = 0; i < missing.length; i += BATCH) this.fetchBatch(missing.slice(i, i + BATCH));
  }

  async fetchBatch(keys) {
    keys.forEach((key) => this.asked.add(key));
    const routed = this.model.routes ? keys.filter((key) => OF_ROUTE.test(key)) : [];
    this.byMessage(keys.filter((key) => !routed.includes(key)));
    if (!routed.length) return;
    try {
      const answer = await fetch(`thumbnails?keys=${routed.join(",")}`);
      const isBatch = answer.headers.get("Content-Type") === "application/octet-stream";
      if (!answer.ok || answer.redirected || !isBatch) throw new Error(answer.statusText);
      unpack(routed, await answer.arrayBuffer());
      this.arrive(routed);
    } catch {
      this.byMessage(routed); // the server is being restarted, the login has ended, or a proxy passes only the page
    }
  }
}
