// The outline of a master batch record: drag a part to where it belongs. The buttons do the same.
(function () {
  "use strict";
  const outline = document.querySelector("[data-outline]");
  const form = outline && outline.querySelector("form[data-move]");
  if (!form) return;
  const above = { operations: "unit_procedures", phases: "operations", steps: "phases" };
  let dragged = null;
  const clear = () => outline.querySelectorAll(".drop-before, .drop-after, .drop-into")
    .forEach((one) => one.classList.remove("drop-before", "drop-after", "drop-into"));
  const place = (target, event) => {
    if (!dragged || !target || target === dragged) return "";
    if (target.dataset.level === dragged.dataset.level) {
      const box = target.getBoundingClientRect();
      return event.clientY < box.top + box.height / 2 ? "before" : "after";
    }
    return above[dragged.dataset.level] === target.dataset.level ? "into" : "";
  };
  outline.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-node]");
    if (dragged) event.dataTransfer.effectAllowed = "move";
  });
  outline.addEventListener("dragover", (event) => {
    const target = event.target.closest("[data-node]");
    const where = place(target, event);
    clear();
    if (!where) return;
    event.preventDefault();
    target.classList.add(`drop-${where}`);
  });
  outline.addEventListener("drop", (event) => {
    const target = event.target.closest("[data-node]");
    const where = place(target, event);
    clear();
    if (!where) return;
    event.preventDefault();
    form.elements.node.value = dragged.dataset.node;
    form.elements.to.value = target.dataset.node;
    form.elements.place.value = where;
    form.requestSubmit();
  });
  outline.addEventListener("dragend", () => { clear(); dragged = null; });
  const current = outline.querySelector("[aria-current]");
  if (current) current.scrollIntoView({ block: "nearest" });
})();
