// The page's address: Back and Forward lead through the questions, a reload or a sent link finds them.

export function render({ model }) {
  const speak = () => {
    document.documentElement.lang = model.language;
  };
  const go = () => model.send_msg({ search: window.location.search });
  model.on("msg:custom", ({ shown, how }) => {
    const now = new URLSearchParams(window.location.search);
    const differs = (name) => (now.get(name) ?? "") !== (shown[name] ?? "");
    const isAnother = differs("query") || differs("region") || now.has("palette") !== ("palette" in shown);
    if (how === "same" && isAnother) return; // the visitor has gone on to another question
    const theme = now.get("theme");
    const search = new URLSearchParams(theme ? { theme, ...shown } : shown);
    const address = `?${search}${window.location.hash}`;
    if (how === "load") window.location.search = search;
    else if (how === "step") window.history.pushState({}, "", address);
    else window.history.replaceState({}, "", address);
  });
  model.on("language", speak);
  window.addEventListener("popstate", go);
  model.on("remove", () => window.removeEventListener("popstate", go));
  speak();
  return document.createElement("span");
}
