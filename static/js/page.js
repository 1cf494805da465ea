// Small help for every page: copy buttons, "/" to search, j and k through rows. Nothing depends on it.
(function () {
  "use strict";
  const typing = (el) => el && (el.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(el.tagName));

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.dataset.full || source.textContent);
      button.textContent = button.dataset.done;
    } catch {
      getSelection().selectAllChildren(source);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (event.key === "j" || event.key === "k") {
      const rows = [...document.querySelectorAll("[data-row]")];
      if (!rows.length) return;
      const now = rows.indexOf(document.activeElement);
      const next = now < 0 ? 0 : now + (event.key === "j" ? 1 : -1);
      if (rows[next]) { event.preventDefault(); rows[next].focus(); }
    }
  });
})();

// A part that reads itself again, but never while somebody works in it.
(function () {
  "use strict";
  document.querySelectorAll("[data-every]").forEach((part) => {
    setInterval(() => {
      const busy = part.contains(document.activeElement) || part.querySelector("details[open]")
        || String(getSelection()).length > 0;
      if (!document.hidden && !busy && window.htmx) window.htmx.trigger(part, "refresh");
    }, Number(part.dataset.every));
  });
  // Empty fields do not clutter the address.
  document.querySelectorAll("form[data-lean]").forEach((form) => {
    form.addEventListener("submit", () => {
      for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    });
  });
  addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-lean] :disabled").forEach((field) => { field.disabled = false; });
  });
  // Facets stand open where there is room for them.
  if (matchMedia("(min-width: 1100px)").matches) {
    document.querySelectorAll("[data-open-wide]").forEach((part) => { part.open = true; });
  }
  // Long work says that it is under way.
  document.querySelectorAll("form[data-slow]").forEach((form) => {
    form.addEventListener("submit", () => {
      const state = form.querySelector("[role=status]");
      if (state) state.textContent = form.dataset.slow;
      form.classList.add("working");
      form.querySelectorAll("button").forEach((button) => { button.setAttribute("aria-disabled", "true"); });
    });
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[aria-disabled=true]");
    if (button) event.preventDefault();
  });
})();
