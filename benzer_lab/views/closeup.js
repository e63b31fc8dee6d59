// One design large, beside the one that was looked for at the same size, each once or as a repeat of 3 x 3, and all that is known
// of both. pictures.js stands before this file.

export function render({ model }) {
  const dialog = element("dialog", "closeup");
  const head = element("header", "head");
  const title = element("h2", "name");
  const place = element("span", "place");
  const pair = element("div", "pair");
  const facts = element("table", "facts");
  const send = (type, more = {}) => model.send_msg({ type, ...more });
  const repeat = command("button repeat", "", () => {
    const on = dialog.classList.toggle("tiled");
    repeat.setAttribute("aria-pressed", on);
    redraw();
  });
  repeat.setAttribute("aria-pressed", false);
  const previous = command("button previous", "", () => send("step", { by: -1 }));
  const next = command("button next", "", () => send("step", { by: 1 }));
  const similar = command("button similar", "", () => send("pick"));
  const colorways = command("button colorways", "", () => send("colorways"));
  const choose = command("button choose", "", () => send("choose"));
  const map = element("a", "button map");
  const close = command("button close", "", () => dialog.close());
  const dropper = eyedropper(model, dialog, (colors) => send("colors", { colors }));
  const redraw = () => pair.querySelectorAll(".picture").forEach((image) => grid.draw(image));
  const grid = repeatGrid(model, dialog, redraw);
  const parts = partPicker(model, dialog, pair, send);
  head.append(title, place, parts.button, dropper.button, grid.button, repeat, choose, similar, colorways, map, previous, next, close);
  dialog.append(head, pair, dropper.tray, parts.tray, facts, dropper.loupe);
  const why = whyPanel(model, dialog, pair, facts, send);
  const large = new Map(); // key -> Blob URL, the latest few
  const asked = new Set();

  function pane(one, label) {
    const figure = element("figure", "pane");
    const image = element("div", "picture");
    image.setAttribute("role", "img");
    image.setAttribute("aria-label", one.title);
    image.dataset.key = one.key ?? "";
    image.textContent = one.key || !model.no_picture ? "" : model.no_picture;
    image.repeat = one.repeat;
    image.found = one.found;
    show(image, one.key);
    figure.append(image, element("figcaption", "", label));
    return figure;
  }

  function show(image, key) {
    const url = large.get(key) ?? urls.get(idOf("small", key)) ?? urls.get(idOf("tiny", key));
    image.style.backgroundImage = url ? `url("${url}")` : "";
    grid.draw(image);
    if (key && !large.has(key) && !asked.has(key)) fetchLarge(key);
  }

  async function fetchLarge(key) {
    asked.add(key);
    if (model.routes && OF_ROUTE.test(key)) {
      const answer = await fetch(`thumbnails/${key}?size=large`).catch(() => undefined);
      if (answer?.ok && answer.headers.get("Content-Type") === "image/webp") {
        arrive(key, await answer.blob());
        return;
      }
    }
    send("pictures", { keys: [key], size: "large" });
  }

  function arrive(key, blob) {
    asked.delete(key);
    large.set(key, URL.createObjectURL(blob));
    if (large.size > 12) {
      const [oldest, stale] = large.entries().next().value;
      large.delete(oldest);
      URL.revokeObjectURL(stale);
    }
    for (const image of pair.querySelectorAll(".picture")) if (image.dataset.key === key) show(image, key);
  }

  function fact([label, ...values]) {
    const line = element("tr");
    const head = element("th", "", label);
    head.scope = "row";
    line.append(head, ...values.map((value) => element("td", "", value)));
    return line;
  }

  function tell() {
    const { shown, labels } = model;
    for (const [button, word] of [[repeat, "repeat"], [previous, "previous"], [next, "next"], [similar, "similar"], [colorways, "colorways"], [close, "close"]]) button.textContent = labels[word];
    if (!shown) {
      if (dialog.open) dialog.close();
      return;
    }
    title.textContent = shown.one.title;
    place.textContent = shown.place;
    choose.textContent = shown.chosen ? labels.chosen : labels.choose;
    choose.setAttribute("aria-pressed", shown.chosen);
    colorways.hidden = !shown.colorways;
    map.hidden = !shown.map;
    map.href = shown.map;
    map.textContent = labels.show_on_map;
    previous.disabled = !shown.before;
    next.disabled = !shown.after;
    const at = dialog.getRootNode().activeElement;
    if (at?.disabled) [previous, next, close].find((button) => !button.disabled).focus(); // else the keys would reach nothing
    const both = shown.query ? [pane(shown.query, shown.captions?.[0] ?? labels.query), pane(shown.one, shown.captions?.[1] ?? labels.one)] : [pane(shown.one, "")];
    pair.replaceChildren(...both);
    pair.classList.toggle("single", both.length === 1);
    facts.replaceChildren(...shown.facts.map(fact));
    why.tell();
    parts.tell();
    if (!dialog.open) dialog.showModal();
  }

  dialog.addEventListener("close", () => model.shown && send("close"));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const act = { ArrowLeft: previous, ArrowRight: next, r: repeat, R: repeat, p: choose, P: choose, f: parts.button, F: parts.button, g: grid.button, G: grid.button, i: dropper.button, I: dropper.button, w: why.places, W: why.places, c: colorways, C: colorways }[event.key];
    if (!act || act.hidden || (model.part && act !== parts.button)) return;
    event.preventDefault();
    act.click();
  });
  model.on("msg:custom", (message) => {
    if (message.type !== "pictures") return;
    const body = new Uint8Array(message.body);
    if (body.length > 4) arrive(message.keys[0], new Blob([body.slice(4)], { type: "image/webp" }));
    else asked.delete(message.keys[0]);
  });
  model.on(["shown", "labels"], tell);
  tell();
  return dialog;
}
