// The outline is open where there is room for it beside the card.
(function () {
  "use strict";
  const fold = document.querySelector(".outline-fold");
  if (!fold) return;
  const wide = matchMedia("(min-width: 1024px)");
  const set = () => { fold.open = wide.matches; };
  set();
  wide.addEventListener("change", set);
  const here = fold.querySelector("[aria-current=step]");
  if (wide.matches && here) {
    const part = fold.closest(".outline");
    part.scrollTop = here.getBoundingClientRect().top - part.getBoundingClientRect().top - part.clientHeight / 3;
  }
})();
