// How something was done, opened by a click. pictures.js stands before this file for its elements.

export function render({ model }) {
  const root = element("details");
  const summary = element("summary");
  const list = element("ul");
  const facts = element("div", "machines");
  root.append(summary, list, facts);

  function tell() {
    summary.textContent = model.label;
    list.replaceChildren(...model.sentences.map((text) => element("li", "", text)));
    facts.replaceChildren(
      ...model.facts.map((lines) => {
        const machine = element("dl");
        for (const [name, text] of lines) machine.append(element("dt", "", name), element("dd", "", text));
        return machine;
      }),
    );
    root.hidden = !model.facts.length;
  }

  model.on(["label", "sentences", "facts"], tell);
  tell();
  return root;
}
