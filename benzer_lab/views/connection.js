// Says when the server cannot be reached, and comes back by itself: in the same session where that still lives, else by loading the
// page again, whose address holds its state.

const LOOK_MS = 2000;
const GRACE_MS = 4000; // in which Bokeh takes up the session again by itself

export function render({ model, view }) {
  const bar = document.createElement("div");
  bar.className = "bar";
  bar.setAttribute("role", "alert");
  bar.hidden = true;
  let looking;
  let lostAt;

  async function look() {
    const answer = await fetch("healthz", { cache: "no-store" }).catch(() => undefined);
    const isOurs = answer?.headers.get("Content-Type")?.startsWith("application/json"); // and not a proxy's that finds no server
    if (isOurs && Date.now() - lostAt > GRACE_MS && !bar.hidden) globalThis.location.reload();
  }

  function lost() {
    if (!bar.hidden) return;
    lostAt = Date.now();
    bar.textContent = model.lost;
    bar.hidden = false;
    looking = setInterval(look, LOOK_MS);
  }

  function found() {
    bar.hidden = true;
    clearInterval(looking);
  }

  // Where the session is gone, or another process answers, Bokeh puts a new one in its place, as the page was first opened.
  globalThis.benzerSession ??= model.session;
  if (globalThis.benzerSession !== model.session) globalThis.location.reload();

  const page = view?.model?.document;
  page?.on_event("connection_lost", lost);
  page?.on_event("client_reconnected", found);
  model.on("remove", () => clearInterval(looking));
  return bar;
}
