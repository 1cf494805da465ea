// Clocks count on the page by the server's time: amber from the warning, red when the time is over.
(function () {
  "use strict";
  if (window.batchClocks) return;
  window.batchClocks = true;
  const two = (n) => String(n).padStart(2, "0");
  const words = (ms) => {
    const s = Math.floor(Math.abs(ms) / 1000);
    const h = Math.floor(s / 3600);
    return (h ? `${h}:` : "") + `${h ? two(Math.floor(s / 60) % 60) : Math.floor(s / 60)}:${two(s % 60)}`;
  };
  // How far this device's clock is from the server's, from the first clock that came.
  let ahead = null;
  function tick() {
    document.querySelectorAll("[data-clock]").forEach((part) => {
      const told = part.dataset;
      if (ahead === null) ahead = Date.now() - Date.parse(told.now);
      const now = Date.now() - ahead;
      const due = Date.parse(told.clock), warn = Date.parse(told.warn);
      const time = part.querySelector(".clock-time");
      if (Number.isNaN(due)) time.textContent = `${words(now - Date.parse(told.since))} ${told.runs}`;
      else time.textContent = `${words(due - now)} ${now > due ? told.over : told.left}`;
      part.classList.toggle("over", now > due);
      part.classList.toggle("warn", now <= due && now >= warn);
    });
  }
  tick();
  setInterval(tick, 1000);
})();
