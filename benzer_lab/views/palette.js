// The colors that are looked for: a strip that shows their shares, whose borders can be dragged, and a chip for each. pictures.js stands
// before this file for its buttons.

const DRAG_MS = 80; // between two questions while a border is dragged

export function render({ model }) {
  const root = element("section", "palette");
  const strip = element("div", "strip");
  const chips = element("ol", "chips");
  const row = element("div", "sources");
  const error = element("p", "wrong");
  const hint = element("p", "hint");
  strip.setAttribute("aria-hidden", true); // the chips say and do the same
  error.setAttribute("role", "alert");
  const send = (type, more = {}) => model.send_msg({ type, ...more });

  const form = element("form", "adder");
  const wheel = element("label", "swatch wheel");
  const chosen = field("color");
  const hex = field("text");
  chosen.value = "#808080"; // black would be no change of it
  const add = element("button", "button");
  hex.placeholder = "#B83B5E";
  hex.autocomplete = "off";
  hex.spellcheck = false;
  wheel.append(chosen);
  form.append(wheel, hex, add);
  const put = (text) => text.trim() && send("add", { text });
  chosen.addEventListener("change", () => put(chosen.value));
  let typed = false; // and not yet taken
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    typed = true;
    put(hex.value);
  });

  const take = command("button take", "", () => {
    root.setAttribute("aria-busy", true);
    send("take");
  });
  const dropper = command("button dropper", "", () => send("eyedropper"));
  const how = element("label", "how");
  const howWords = element("span");
  const demand = element("select");
  demand.append(...["", "all", "any"].map((value) => Object.assign(element("option"), { value })));
  demand.addEventListener("change", () => send("demand", { must_show: demand.value }));
  how.append(howWords, demand);
  const near = element("label", "how");
  const nearWords = element("span");
  const tolerance = Object.assign(field("range"), { min: 4, max: 50, step: 1 });
  tolerance.addEventListener("change", () => send("tolerate", { tolerance: Number(tolerance.value) }));
  tolerance.addEventListener("input", () => sayTolerance());
  near.append(nearWords, tolerance);
  row.append(form, take, dropper, how, near);
  root.append(strip, chips, hint, row, error);

  function field(type) {
    return Object.assign(element("input"), { type });
  }

  function sayTolerance() {
    nearWords.textContent = `${model.labels.tolerance}: ${tolerance.value}`;
  }

  function chip(place) {
    const item = element("li", "color");
    const swatch = element("label", "swatch");
    const value = field("color");
    const name = element("span", "hex");
    const less = command("step", "−", () => send("weigh", { place, percent: -model.step }));
    const share = element("span", "share");
    const more = command("step", "+", () => send("weigh", { place, percent: model.step }));
    const remove = command("remove", "×", () => send("remove", { place }));
    value.addEventListener("change", () => send("replace", { place, color: value.value }));
    swatch.append(value);
    item.append(swatch, name, remove, less, share, more);
    item.addEventListener("keydown", (event) => {
      const act = { "+": more, "=": more, "-": less, Delete: remove, Backspace: remove }[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act.click();
    });
    item.tell = (color, percent, alone) => {
      const labels = model.labels;
      swatch.style.backgroundColor = value.value = color.toLowerCase();
      name.textContent = color;
      share.textContent = percent.toLocaleString(labels.language, { style: "percent" });
      for (const [node, word] of [[value, "change"], [more, "more"], [less, "less"], [remove, "remove"]]) {
        node.setAttribute("aria-label", labels[word].replace("{color}", color));
        node.title = labels[word].replace("{color}", color);
      }
      less.disabled = more.disabled = alone;
    };
    return item;
  }

  // Borders are dragged: the one before the next color, whose share is what is left of both.
  let dragged;
  function draw(colors) {
    while (strip.children.length > colors.length) strip.lastChild.remove();
    while (strip.children.length < colors.length) strip.append(band(strip.children.length));
    colors.forEach(([color, percent], i) => {
      const one = strip.children[i];
      one.style.backgroundColor = color;
      one.style.flexGrow = percent;
      one.title = `${color} ${percent}%`;
      one.firstChild.hidden = i + 1 === colors.length;
    });
  }

  function band(place) {
    const one = element("div", "band");
    const border = element("div", "border");
    one.append(border);
    border.addEventListener("pointerdown", (event) => {
      border.setPointerCapture(event.pointerId);
      dragged = { place, told: 0, colors: model.colors.map((color) => [...color]) };
    });
    border.addEventListener("pointermove", (event) => {
      if (!dragged) return;
      const { colors } = dragged;
      const both = colors[place][1] + colors[place + 1][1];
      const { left } = one.getBoundingClientRect();
      const share = Math.round(((event.clientX - left) / strip.clientWidth) * 100);
      colors[place][1] = Math.max(1, Math.min(both - 1, share));
      colors[place + 1][1] = both - colors[place][1];
      draw(colors);
      colors.forEach(([color, percent], i) => chips.children[i]?.tell(color, percent / 100, false));
      if (event.timeStamp - dragged.told < DRAG_MS) return;
      dragged.told = event.timeStamp;
      send("divide", { place, percent: colors[place][1] });
    });
    const end = () => {
      if (!dragged) return;
      send("divide", { place, percent: dragged.colors[place][1] });
      dragged = undefined;
    };
    border.addEventListener("pointerup", end);
    border.addEventListener("pointercancel", end);
    return one;
  }

  // Chips stay where they are, so that a key or a button that is held keeps its focus.
  function tell() {
    const { colors, labels } = model;
    root.removeAttribute("aria-busy");
    if (!dragged) {
      draw(colors);
      const at = [...chips.children].findIndex((one) => one.contains(root.getRootNode().activeElement));
      while (chips.children.length > colors.length) chips.lastChild.remove();
      while (chips.children.length < colors.length) chips.append(chip(chips.children.length));
      colors.forEach(([color, percent], i) => chips.children[i].tell(color, percent / 100, colors.length === 1));
      if (at >= colors.length) (chips.children[colors.length - 1]?.querySelector(".remove") ?? hex).focus();
    }
    strip.hidden = chips.hidden = !colors.length;
    hint.hidden = colors.length > 0;
    hint.textContent = labels.hint;
    root.setAttribute("aria-label", labels.palette);
    chips.setAttribute("aria-label", labels.palette);
    hex.setAttribute("aria-label", labels.hex);
    hex.title = labels.hex;
    chosen.setAttribute("aria-label", labels.choose);
    wheel.title = labels.choose;
    add.textContent = labels.add;
    take.textContent = labels.take;
    const atTake = root.getRootNode().activeElement === take;
    take.hidden = !model.can_take;
    if (atTake && take.hidden) (chips.querySelector("input") ?? hex).focus(); // else the keys would reach nothing
    dropper.textContent = labels.eyedropper;
    dropper.hidden = !model.can_pick;
    howWords.textContent = labels.how;
    [...demand.options].forEach((option) => (option.textContent = labels[option.value || "nearest"]));
    demand.value = model.must_show;
    tolerance.value = model.tolerance;
    tolerance.setAttribute("aria-label", labels.tolerance);
    sayTolerance();
    how.hidden = !colors.length;
    near.hidden = !colors.length || !model.must_show;
    error.textContent = model.error;
    error.hidden = !model.error;
    hex.setAttribute("aria-invalid", Boolean(model.error));
  }

  model.on("colors", () => {
    if (typed) hex.value = "";
    typed = false;
  });
  model.on(["colors", "must_show", "tolerance", "error", "labels", "can_take", "can_pick"], tell);
  model.on("msg:custom", tell);
  tell();
  return root;
}
