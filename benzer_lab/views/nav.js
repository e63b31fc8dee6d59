// Links to the pages of this server. pictures.js stands before this file for its elements.

export function render({ model }) {
  const root = element("nav");
  const tell = () =>
    root.replaceChildren(
      ...model.links.map(([text, href, isHere]) => {
        const link = element("a", "", text);
        link.href = href;
        if (isHere) link.setAttribute("aria-current", "page");
        return link;
      }),
    );
  model.on("links", tell);
  tell();
  return root;
}
