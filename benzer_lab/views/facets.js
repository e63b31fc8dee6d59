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
  function choice(field, value, n, total) {
    const label = element("label", n ? "choice" : "choice none");
    label.style.setProperty("--whole", `${(100 * total) / most}%`);
    label.style.setProperty("--part", `${(100 * n) / most}%`);
    const count = n === total ? number(n) : `${number(n)} / ${number(total)}`;
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = (model.value[field] ?? []).some((v) => String(v) === String(value)); // an address may hold "1" for 1
    box.addEventListener("change", () => toggle(field, value, box.checked));
    label.append(box, element("span", "value", String(value)), element("span", "count", count));
    return label;
  }

  const number = (n) => n.toLocaleString(model.language);
  let most = 1;

  function menu({ name, label, values }) {
    most = Math.max(1, ...values.map(([, , total]) => total));
    const chosen = model.value[name] ?? [];
    const details = document.createElement("details");
    details.dataset.field = name;
    const summary = element("summary", chosen.length ? "chosen" : "", label);
    if (chosen.length) summary.append(element("b", "count", chosen.length <= 2 ? chosen.join(", ") : String(chosen.length)));
    const list = element("div", "choices");
    list.append(...values.map(([value, n, total]) => choice(name, value, n, total)));
    details.append(summary, list);
    details.addEventListener("toggle", () => details.open && root.querySelectorAll("details").forEach((d) => (d.open = d === details)));
    return details;
  }

  const stops = () => [...root.querySelectorAll("summary, input")];

  function draw() {
    const open = root.querySelector("details[open]");
    const [name, top] = [open?.dataset.field, open?.querySelector(".choices").scrollTop];
    const at = root.getRootNode().activeElement;
    const stop = at === clear ? 0 : stops().indexOf(at); // the button to clear goes away when it has done so
    root.replaceChildren(...model.fields.map(menu), clear);
    const again = [...root.querySelectorAll("details")].find((d) => d.dataset.field === name);
    if (again) {
      again.open = true;
      again.querySelector(".choices").scrollTop = top;
    }
    clear.textContent = model.clear;
    clear.hidden = !Object.keys(model.value).length;
    stops()[stop]?.focus({ preventScroll: true });
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
  model.on(["fields", "value", "clear", "language"], draw);
  draw();
  return root;
}
