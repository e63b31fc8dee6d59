// Takes colors from the pictures of the large view: a loupe under the pointer, a click takes the color, a tray holds what was taken.
// pictures.js stands before this file.

const LENS = 9; // pixels of the picture that the loupe shows across
const LOUPE = 108; // pixels of the screen across

function eyedropper(model, dialog, search) {
  const tray = element("div", "tray");
  const hint = element("span", "hint");
  const taken = element("ol", "taken");
  const loupe = element("div", "loupe");
  const glass = element("canvas");
  const name = element("span");
  const button = command("button dropper", "", () => {
    model.picking = !model.picking;
  });
  const go = command("button go", "", () => search(colors.splice(0)));
  glass.width = glass.height = LOUPE;
  loupe.append(glass, name);
  tray.append(hint, taken, go);
  let colors = [];
  const pixels = new Map(); // the URL of a picture -> its pixels, of the latest two

  async function pixelsOf(url) {
    if (!pixels.has(url)) {
      const image = new Image();
      image.src = url;
      await image.decode();
      const canvas = element("canvas");
      Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      pixels.set(url, context);
      if (pixels.size > 2) pixels.delete(pixels.keys().next().value);
    }
    return pixels.get(url);
  }

  // Where in a picture the pointer is, as closeup.css lays it out: whole and in the middle, or three times across from the corner.
  function place(picture, { canvas }, event) {
    const box = picture.getBoundingClientRect();
    const isTiled = dialog.classList.contains("tiled");
    const scale = isTiled ? box.width / 3 / canvas.width : Math.min(box.width / canvas.width, box.height / canvas.height);
    const [left, top] = isTiled ? [0, 0] : [(box.width - canvas.width * scale) / 2, (box.height - canvas.height * scale) / 2];
    let [x, y] = [(event.clientX - box.left - left) / scale, (event.clientY - box.top - top) / scale].map(Math.floor);
    if (isTiled) [x, y] = [x % canvas.width, y % canvas.height];
    return x >= 0 && y >= 0 && x < canvas.width && y < canvas.height ? [x, y] : undefined;
  }

  // The mean of three pixels by three: one alone may be noise, or the edge of another color.
  function colorAt(context, [x, y]) {
    const { data } = context.getImageData(x - 1, y - 1, 3, 3);
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < data.length; i += 4) if (data[i + 3]) [data[i], data[i + 1], data[i + 2], 1].forEach((value, k) => (sums[k] += value));
    return `#${sums.slice(0, 3).map((sum) => Math.round(sum / sums[3]).toString(16).padStart(2, "0")).join("").toUpperCase()}`;
  }

  async function under(event) {
    const picture = event.target.closest?.(".picture");
    const url = model.picking && picture?.style.backgroundImage.slice(5, -2);
    if (!url) return undefined;
    const context = await pixelsOf(url);
    const at = place(picture, context, event);
    return at && { context, at, color: colorAt(context, at) };
  }

  async function look(event) {
    const seen = await under(event);
    loupe.hidden = !seen;
    if (!seen) return;
    const lens = glass.getContext("2d");
    const [x, y] = seen.at;
    const half = (LENS - 1) / 2;
    const dot = LOUPE / LENS;
    lens.imageSmoothingEnabled = false;
    lens.clearRect(0, 0, LOUPE, LOUPE);
    lens.drawImage(seen.context.canvas, x - half, y - half, LENS, LENS, 0, 0, LOUPE, LOUPE);
    lens.strokeStyle = "#000";
    lens.strokeRect(half * dot - 0.5, half * dot - 0.5, dot + 1, dot + 1);
    lens.strokeStyle = "#fff";
    lens.strokeRect(half * dot - 1.5, half * dot - 1.5, dot + 3, dot + 3);
    loupe.style.setProperty("--color", seen.color);
    name.textContent = seen.color;
    // A finger would hide what is under it, and the edge of the window what is beside it
    const up = event.pointerType === "touch" || event.clientY + LOUPE + 60 > innerHeight;
    loupe.style.left = `${Math.min(event.clientX + 18, innerWidth - LOUPE - 20)}px`;
    loupe.style.top = `${up ? event.clientY - LOUPE - 60 : event.clientY + 18}px`;
  }

  async function pick(event) {
    const seen = await under(event);
    if (!seen || colors.includes(seen.color)) return;
    colors.push(seen.color);
    tell();
  }

  function tell() {
    const { labels, picking } = model;
    dialog.classList.toggle("picking", picking);
    button.textContent = labels.pick_colors;
    button.setAttribute("aria-pressed", picking);
    tray.hidden = !picking;
    if (!picking) loupe.hidden = true;
    hint.textContent = labels.eyedropper_hint;
    go.textContent = labels.search_colors;
    go.disabled = !colors.length;
    taken.replaceChildren(
      ...colors.map((color) => {
        const item = element("li");
        const drop = command("taken-color", color, () => {
          colors = colors.filter((other) => other !== color);
          tell();
          (taken.querySelector("button") ?? button).focus();
        });
        drop.style.setProperty("--color", color);
        drop.setAttribute("aria-label", labels.remove_color.replace("{color}", color));
        item.append(drop);
        return item;
      }),
    );
  }

  dialog.addEventListener("pointermove", look);
  dialog.addEventListener("pointerdown", look);
  dialog.addEventListener("pointerup", pick);
  dialog.addEventListener("pointerleave", () => (loupe.hidden = true));
  dialog.addEventListener("close", () => {
    colors = [];
    model.picking = false;
  });
  model.on(["labels", "picking"], tell);
  loupe.hidden = true;
  tell();
  return { button, tray, loupe };
}
