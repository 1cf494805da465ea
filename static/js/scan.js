// Scan boxes. A keyboard wedge types fast and ends in Enter or Tab: the field then hands on to the
// next one, and a form that is half filled is never sent. The camera's picture is read on the server.
(function () {
  "use strict";
  if (window.scanBoxes) return;
  window.scanBoxes = true;
  const FAST = 40; // milliseconds between two keys: nobody types like that
  const LEAST = 4; // so many keys make a scan
  const box = (el) => el && el.closest && el.closest("[data-scan]");
  const fieldOf = (part) => part.querySelector("input:not([type=file])");
  // What was refused gives way to the next scan: it is chosen whole, so that nothing is added to it.
  const refused = (field) => Boolean(box(field)) && box(field).classList.contains("bad");
  const empty = () => [...document.querySelectorAll("[data-scan]")].map(fieldOf)
    .find((field) => field && (!field.value || refused(field)) && !field.disabled && field.offsetParent);
  const chosen = (field) => { if (refused(field) && field.matches("input:not([type=file])")) field.select(); };
  document.addEventListener("focusin", (event) => chosen(event.target));
  document.addEventListener("input", (event) => { if (box(event.target)) box(event.target).classList.remove("bad"); });
  chosen(document.activeElement);

  function next(field) {
    const form = field.form;
    if (!form) return;
    const all = [...form.elements].filter((el) => el.type !== "hidden" && el.type !== "file"
      && !el.disabled && el.offsetParent && !el.classList.contains("scan-camera"));
    const after = all[all.indexOf(field) + 1];
    if (after) after.focus();
  }

  function typedInto(field, text) {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // A box for several codes keeps them with a space between, and the cursor until one adds nothing.
  const many = (field) => box(field).hasAttribute("data-many");
  function added(field) {
    if (!many(field) || field.value.endsWith(" ")) return false;
    typedInto(field, `${field.value} `);
    return true;
  }

  // Inside a scan box: Enter never sends the form, and the group separator, which a wedge sends as
  // a key with Ctrl, is kept.
  let quick = 0;
  let before = 0;
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!box(field) || !field.matches("input:not([type=file])")) return;
    const now = event.timeStamp;
    quick = now - before < FAST ? quick + 1 : 0;
    before = now;
    if (event.key === "Tab" && quick >= LEAST && field.value && added(field)) event.preventDefault();
    else if (event.key === "Enter") {
      event.preventDefault();
      if (field.value && !added(field)) {
        field.dispatchEvent(new Event("change", { bubbles: true }));
        next(field);
      }
    } else if (event.ctrlKey && !event.altKey && (event.key === "]" || event.code === "BracketRight")) {
      event.preventDefault();
      field.setRangeText("\u001d", field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }, true);

  // A scan that comes while nothing is being typed goes to the first empty box.
  let keys = "";
  let last = 0;
  document.addEventListener("keydown", (event) => {
    const idle = !event.target.closest || !event.target.closest("input, select, textarea, [contenteditable]");
    if (!idle || event.altKey || event.metaKey) { keys = ""; return; }
    const now = event.timeStamp;
    if (now - last > FAST) keys = "";
    last = now;
    if (event.key === "Enter" || event.key === "Tab") {
      const field = keys.length >= LEAST ? empty() : null;
      if (field) {
        event.preventDefault();
        typedInto(field, keys);
        field.focus();
        if (!added(field)) next(field);
      }
      keys = "";
    } else if (event.ctrlKey && event.key === "]") keys += "\u001d";
    else if (event.key.length === 1 && !event.ctrlKey) {
      keys += event.key;
      if (keys.length > 1) event.stopPropagation(); // no short cut of the page
    }
  }, true);

  async function smaller(file) {
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, 1800 / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const made = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.9); });
      return made || file;
    } catch { return file; }
  }

  async function send(part, file) {
    const field = fieldOf(part);
    const state = part.querySelector("[role=status]");
    const token = field.form && field.form.querySelector("[name=csrfmiddlewaretoken]");
    state.textContent = part.dataset.wait;
    state.classList.remove("error");
    const body = new FormData();
    body.append("picture", await smaller(file), "picture.jpg");
    let said = {};
    try {
      const answer = await fetch(part.dataset.address, {
        method: "POST", body, headers: { "X-CSRFToken": token ? token.value : "" }, redirect: "error",
      });
      said = await answer.json();
    } catch { said = {}; }
    if (said.text) {
      typedInto(field, many(field) ? field.value + said.text : said.text);
      state.textContent = part.dataset.done;
      if (added(field)) field.focus();
      else next(field);
    } else {
      state.textContent = said.wrong || part.dataset.no;
      state.classList.add("error");
      field.focus();
    }
  }

  document.querySelectorAll("[data-scan]").forEach((part) => {
    const button = part.querySelector(".scan-camera");
    const file = part.querySelector("input[type=file]");
    button.hidden = false;
    button.addEventListener("click", () => { file.value = ""; file.click(); });
    file.addEventListener("change", () => { if (file.files[0]) send(part, file.files[0]); });
  });
})();
