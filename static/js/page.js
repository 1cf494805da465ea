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

// What is typed outlives an ended session, another form on the page and the way back: a form with
// data-draft keeps its text in this tab, for this person, until it is recorded or the person leaves.
(function () {
  "use strict";
  const person = document.body.dataset.person;
  const shelf = (() => { try { return window.sessionStorage; } catch { return null; } })();
  const forms = [...document.querySelectorAll("form[data-draft]")];
  if (!shelf || !person) return;
  const mine = `draft ${person} `;
  // A form is known by where it is sent; one page may hold the form of many parts (?node=...).
  const key = (form) => {
    const to = new URL(form.getAttribute("action") || location.pathname, location.href);
    return mine + to.pathname + to.search;
  };
  // What one signs with is never kept, its name neither, nor a patient's label.
  const fields = (form) => [...form.elements].filter((field) => field.name && !field.closest(".sign, [data-never-kept]")
    && /^(text|textarea|select-one|search|date|datetime-local|checkbox|radio)$/.test(field.type));
  // A tick or a choice is known by its name and value, and is on or off.
  const ticks = (field) => /^(checkbox|radio)$/.test(field.type);
  const named = (field) => (ticks(field) ? `${field.name}=${field.value}` : field.name);
  const typed = (form) => JSON.stringify(fields(form).map((field) => [named(field), ticks(field) ? field.checked : field.value]));
  const put = (name, value) => { try { shelf.setItem(name, value); } catch { /* no room: it stays on the page alone */ } };

  const sent = shelf.getItem("sent");
  shelf.removeItem("sent");
  if (sent && document.querySelector(".notice.success, [data-recorded]")) shelf.removeItem(sent);

  forms.forEach((form) => {
    const blank = typed(form);
    const kept = shelf.getItem(key(form));
    if (kept && kept !== blank) {
      const values = new Map(JSON.parse(kept));
      fields(form).forEach((field) => {
        if (!values.has(named(field))) return;
        if (ticks(field)) field.checked = values.get(named(field));
        else field.value = values.get(named(field));
      });
      const note = form.querySelector("[data-draft-note]");
      if (note) note.hidden = false;
      const fold = form.closest("details");
      if (fold) fold.open = true;
    }
    form.addEventListener("input", () => {
      if (typed(form) === blank) shelf.removeItem(key(form));
      else put(key(form), typed(form));
    });
    form.addEventListener("submit", () => { put(key(form), typed(form)); put("sent", key(form)); });
  });
  document.querySelectorAll("form[data-forget]").forEach((form) => {
    form.addEventListener("submit", () => {
      Object.keys(shelf).filter((name) => name.startsWith(mine)).forEach((name) => shelf.removeItem(name));
    });
  });
  // A finger that comes to a reading replaces it; the next touch sets the caret.
  let come = null;
  document.addEventListener("focusin", (event) => { come = event.target; });
  document.addEventListener("click", (event) => {
    if (event.target === come && come.matches("input.reading")) come.select();
    come = null;
  });
  // A page that the browser kept whole may show a form that was sent: read it anew.
  addEventListener("pageshow", (event) => { if (event.persisted && forms.length) location.reload(); });
})();

// After a no, the first field that is wrong is where one goes on; after a yes it is what was said,
// or the question that this brought up. Long texts are counted.
(function () {
  "use strict";
  const wrong = document.querySelector("main [aria-invalid=true]:not([type=hidden]), main .notice.bad, main .notice.error");
  const on = wrong || document.querySelector("main [data-go-on]") || document.querySelector("main .notices .notice");
  if (on) {
    const fold = on.closest("details");
    if (fold) fold.open = true;
    if (!on.matches("input, select, textarea")) on.tabIndex = -1;
    on.focus();
  }
  document.querySelectorAll("textarea[data-limit]").forEach((field) => {
    const limit = Number(field.dataset.limit);
    const note = document.createElement("span");
    note.className = "help";
    note.setAttribute("aria-live", "polite");
    field.after(note);
    const count = () => {
      const length = [...field.value].length;
      note.textContent = length < limit * 0.8 ? "" : field.dataset.count.replace("%(n)s", length).replace("%(limit)s", limit);
      note.classList.toggle("error", length > limit);
    };
    field.addEventListener("input", count);
    count();
  });
})();
