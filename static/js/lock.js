// The idle lock on the screen: covers the page in time, and lifts the cover when the password was right.
// The server locks by itself; this only shows it before something is sent, and keeps what is typed.
(function () {
  "use strict";
  const cover = document.getElementById("lock");
  if (!cover) return;
  const limit = Number(cover.dataset.minutes) * 60000;
  const stillHere = document.querySelector("[data-still-here]").dataset.stillHere;
  const form = cover.querySelector("form");
  const wrong = cover.querySelector("[data-wrong]");
  const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value;
  let touched = Date.now(), told = Date.now();

  const lock = () => { if (!cover.open) cover.showModal(); };
  const touch = () => {
    if (cover.open) return;
    const now = Date.now();
    if (now - touched >= limit) { lock(); return; }
    touched = now;
    if (now - told > 60000) {
      told = now;
      fetch(stillHere, { method: "POST", headers: { "X-CSRFToken": token() } }).catch(() => {});
    }
  };
  ["keydown", "pointerdown"].forEach((kind) => addEventListener(kind, touch, { passive: true }));
  setInterval(() => { if (Date.now() - touched >= limit) lock(); }, 5000);
  addEventListener("lotbook-locked", lock);
  cover.addEventListener("cancel", (event) => event.preventDefault());

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await fetch(form.action, {
      method: "POST", body: new FormData(form), headers: { "HX-Request": "true" },
    }).catch(() => null);
    form.querySelectorAll("[type=password]").forEach((field) => { field.value = ""; });
    if (answer && answer.status === 204 && !answer.headers.get("HX-Redirect")) {
      touched = told = Date.now();
      wrong.hidden = true;
      cover.close();
    } else if (answer && answer.headers.get("HX-Redirect")) {
      location.assign(answer.headers.get("HX-Redirect"));
    } else {
      wrong.textContent = wrong.dataset.wrong;
      wrong.hidden = false;
    }
  });
})();
