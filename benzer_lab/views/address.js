// The page's address: Back and Forward lead through the questions, a reload or a sent link finds them.

export function render({ model }) {
  const speak = () => {
    document.documentElement.lang = model.language;
  };
  const go = () => model.send_msg({ search: window.location.search });
  model.on("msg:custom", ({ shown, load }) => {
    const search = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries(shown)) search.set(name, value);
    if (load) window.location.search = search;
    else window.history.pushState({}, "", `?${search}${window.location.hash}`);
  });
  model.on("language", speak);
  window.addEventListener("popstate", go);
  model.on("remove", () => window.removeEventListener("popstate", go));
  speak();
  return document.createElement("span");
}
