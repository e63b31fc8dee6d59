// A sentence as text, never as markup.

export function render({ model }) {
  const root = document.createElement("p");
  const tell = () => {
    root.textContent = model.text;
    root.className = model.is_alert ? "alert" : "";
    root.setAttribute("role", model.is_alert ? "alert" : "status");
  };
  model.on(["text", "is_alert"], tell);
  tell();
  return root;
}
