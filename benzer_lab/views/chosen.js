// The chosen design, and where one can go from it. pictures.js stands before this file.

export function render({ model, view }) {
  const root = element("section", "one");
  const frame = element("span", "frame");
  const words = element("div", "words");
  const tools = element("div", "tools");
  const tell = (type) => () => model.send_msg({ type });
  const [title, note] = [element("p", "title"), element("p", "note")];
  const group = command("group", "", tell("group"));
  const search = element("a", "button");
  const [go, similar, close] = ["go", "similar", "close"].map((type) => command("button", "", tell(type)));
  words.append(title, note, group);
  tools.append(search, similar, go, close);
  root.append(frame, words, tools);
  const pictures = new Pictures(model, { view });

  function show() {
    const { one: design, labels } = model;
    root.hidden = !design;
    for (const [node, word] of [[search, "search"], [similar, "similar"], [go, "go"], [close, "close"]]) node.textContent = labels[word] ?? "";
    if (!design) return;
    [title.textContent, note.textContent, group.textContent] = [design.title, design.note, design.group];
    group.hidden = !design.group;
    search.hidden = !design.link;
    if (design.link) search.href = design.link;
    pictures.show(frame, design.key);
  }

  model.on(["one", "labels"], show);
  show();
  return root;
}
