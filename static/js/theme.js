// Puts the remembered theme on the page before it is painted; the button cycles system, light, dark.
(function () {
  "use strict";
  const root = document.documentElement;
  const order = ["system", "light", "dark"];
  const read = () => { try { return localStorage.getItem("theme") || "system"; } catch { return "system"; } };
  const apply = (theme) => { if (theme === "system") delete root.dataset.theme; else root.dataset.theme = theme; };
  const label = (button, theme) => {
    const text = button.dataset["label" + theme[0].toUpperCase() + theme.slice(1)];
    button.setAttribute("aria-label", text);
    button.title = text;
    button.dataset.now = theme;
  };
  apply(read());
  root.classList.add("js");
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    if (!button) return;
    button.hidden = false;
    label(button, read());
    button.addEventListener("click", () => {
      const next = order[(order.indexOf(read()) + 1) % order.length];
      try { localStorage.setItem("theme", next); } catch { /* private window: the choice lasts for the page */ }
      apply(next);
      label(button, next);
    });
  });
})();
