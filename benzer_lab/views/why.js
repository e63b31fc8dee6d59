// Why the hit in the large view was found: what speaks for it, the colors that both show, what is known of both, and, when it is
// switched on, a veil over the places that are not alike. pictures.js stands before this file, closeup.js behind it.

const PATIENCE = 150; // milliseconds for which a hit is looked at before it is explained: who leafs through them waits for none

function whyPanel(model, dialog, pair, facts, send) {
  const stage = element("div", "stage");
  const panel = element("section", "why");
  const title = element("h3");
  const told = element("div", "told");
  const places = command("button places", "", () => {
    places.setAttribute("aria-pressed", dialog.classList.toggle("veiled"));
  });
  places.setAttribute("aria-pressed", false);
  told.setAttribute("aria-live", "polite");
  panel.append(title, told, places);
  pair.replaceWith(stage);
  stage.append(pair, panel);
  let waiting;

  function bar(shares) {
    const track = element("div", "shares");
    for (const [name, , share] of shares) {
      const part = element("span", `share of-${name}`);
      part.style.flexGrow = share;
      track.append(part);
    }
    const legend = element("p", "legend");
    for (const [name, label, , percent] of shares) {
      const item = element("span", "", `${label} ${percent}`);
      item.prepend(element("i", `of-${name}`));
      legend.append(item);
    }
    return [track, legend];
  }

  // A palette: the shared colors at full height, in one order on both sides, the others low behind them.
  function strip([label, colors]) {
    const line = element("div", "strip");
    line.setAttribute("role", "img");
    const shared = colors.filter(([, , both]) => both).map(([, , , text]) => text);
    line.setAttribute("aria-label", `${label}: ${shared.join(", ")}`);
    for (const [color, share, both, text] of colors) {
      const part = element("span", both ? "both" : "");
      part.style.background = color;
      part.style.flexGrow = share;
      part.title = text;
      line.append(part);
    }
    return [element("p", "side", label), line];
  }

  function known(both) {
    const list = element("dl");
    for (const [field, value] of both) list.append(element("dt", "", field), element("dd", "", value));
    return list;
  }

  function group(nodes) {
    const part = element("div");
    part.append(...nodes);
    return part;
  }

  function hide(hidden) {
    if (hidden && dialog.getRootNode().activeElement === places) dialog.querySelector("button.close").focus(); // else the keys would reach nothing
    places.hidden = hidden;
  }

  function show({ reason, shares = [], colors, strips = [], veils = [], both = [], notes }) {
    const speaks = [...(reason ? [element("p", "reason", reason)] : []), ...(shares.length > 1 ? bar(shares) : [])];
    const palettes = colors ? [element("h4", "", colors), ...strips.flatMap(strip)] : [];
    const lines = [...(both.length ? [known(both)] : []), ...notes.map((note) => element("p", "note", note))];
    told.replaceChildren(...[speaks, palettes, lines].filter((group) => group.length).map(group));
    hide(!veils.length);
    [...pair.querySelectorAll(".picture")].forEach((picture, i) => picture.style.setProperty("--veil", veils[i] ?? "none"));
    const alike = new Set(both.map((line) => line.join("\n")));
    for (const line of facts.rows) {
      const [field, ...values] = [...line.cells].map((cell) => cell.textContent);
      line.classList.toggle("alike", values.length === 2 && alike.has(`${field}\n${values[0]}`));
    }
  }

  // Follows what the large view shows, once it shows it.
  function tell() {
    const { shown, why, labels } = model;
    clearTimeout(waiting);
    stage.classList.toggle("explained", Boolean(shown?.why));
    if (!shown?.why) return;
    title.textContent = labels.why;
    places.textContent = labels.places;
    if (why?.key === shown.why) {
      show(why);
      return;
    }
    told.replaceChildren(element("p", "note", labels.looking));
    waiting = setTimeout(() => send("why", { key: shown.why }), PATIENCE);
  }

  model.on("why", () => model.why?.key === model.shown?.why && show(model.why));
  return { places, tell };
}
