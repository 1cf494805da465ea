// A form with a signature says at once that it was sent, and is sent once however often it is touched.
(function () {
  "use strict";
  const busy = (form, on) => {
    form.setAttribute("aria-busy", String(on));
    const said = form.querySelector("[data-busy]");
    said.textContent = on ? said.dataset.busy : "";
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.querySelector("[data-busy]")) return;
    if (form.getAttribute("aria-busy") === "true") event.preventDefault();
    else busy(form, true);
  });
  // Back from the next page, the form can be sent again.
  addEventListener("pageshow", () => {
    document.querySelectorAll("form[aria-busy=true]").forEach((form) => busy(form, false));
  });
})();
