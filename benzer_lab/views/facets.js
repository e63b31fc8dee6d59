// A menu of check boxes for each field. Values come from metadata and are untrusted: text nodes only.

function element(tag, name, text = "") {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = text;
  return node;
}

export function render({ model }) {
  const root = element("div", "menus");
  const clear = element("button", "clear");
  clear.type = "button";
  clear.addEventListener("click", () => {
    model.value = {};
  });

  function toggle(field, value, on) {
    const others = (model.value[field] ?? []).filter((v) => String(v) !== String(value));
    const { [field]: _, ...rest } = model.value;
    const chosen = on ? [...others, value] : others;
    model.value = chosen.length ? { ...rest, [field]: chosen } : rest;
  }

  // A dark part on a pale whole: how many would be found, of how many there are. What would find nothing goes grey, not away.
  function choice(field, value) {
    const label = element("label", "choice");
    const count = element("span", "count");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.addEventListener("change", () => toggle(field, value, box.checked));
    const name = element("span", "value");
    label.append(box, name, count);
    const tell = ([, n, total]) => {
      name.textContent = nameOf(field, value);
      label.classList.toggle("none", !n);
      label.style.setProperty("--whole", `${(100 * total) / most}%`);
      label.style.setProperty("--part", `${(100 * n) / most}%`);
      count.textContent = n === total ? number(n) : `${number(n)} / ${number(total)}`;
      box.checked = (model.value[field] ?? []).some((v) => String(v) === String(value)); // an address may hold "1" for 1
    };
    return { label, tell };
  }

  const nameOf = (field, value) => model.names[field]?.[value] ?? String(value);
  const number = (n) => n.toLocaleString(model.language);
  let most = 1;

  function menu({ name, values }) {
    const details = document.createElement("details");
    details.dataset.field = name;
    details.name = "filters"; // the browser closes one when another is opened, at once
    const summary = element("summary", "");
    const choices = values.map(([value]) => choice(name, value));
    const list = element("div", "choices");
    list.append(...choices.map(({ label }) => label));
    details.append(summary, list);
    const tell = ({ label, values }) => {
      const chosen = model.value[name] ?? [];
      most = Math.max(1, ...values.map(([, , total]) => total));
      summary.className = chosen.length ? "chosen" : "";
      summary.textContent = label;
      if (chosen.length) summary.append(element("b", "count", chosen.length <= 2 ? chosen.map((value) => nameOf(name, value)).join(", ") : String(chosen.length)));
      choices.forEach((one, i) => one.tell(values[i]));
    };
    return { details, tell };
  }

  const stops = () => [...root.querySelectorAll("summary, input")];

  let menus = [];
  let made = "";

  // New menus only for other values: a box that went away under a key or a button that is pressed would lose the click.
  function draw() {
    const values = JSON.stringify(model.fields.map(({ name, values }) => [name, values.map(([value]) => value)]));
    const at = root.getRootNode().activeElement;
    const stop = at === clear ? 0 : stops().indexOf(at); // the button to clear goes away when it has done so
    if (values !== made) {
      const open = root.querySelector("details[open]");
      const [name, top] = [open?.dataset.field, open?.querySelector(".choices").scrollTop];
      menus = model.fields.map(menu);
      root.replaceChildren(...menus.map(({ details }) => details), clear);
      const again = menus.map(({ details }) => details).find((details) => details.dataset.field === name);
      if (again) {
        again.open = true;
        again.querySelector(".choices").scrollTop = top;
      }
      made = values;
    }
    menus.forEach(({ tell }, i) => tell(model.fields[i]));
    clear.textContent = model.clear;
    clear.hidden = !Object.keys(model.value).length;
    if (stop >= 0) stops()[stop]?.focus({ preventScroll: true });
  }

  const close = (event) => {
    if (!event.composedPath().includes(root)) root.querySelectorAll("details").forEach((d) => (d.open = false));
  };
  root.addEventListener("keydown", (event) => {
    const open = root.querySelector("details[open]");
    if (event.key !== "Escape" || !open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("click", close);
  model.on("remove", () => document.removeEventListener("click", close));
  model.on(["fields", "value", "clear", "language", "names"], draw);
  draw();
  return root;
}
