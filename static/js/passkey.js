// Passkeys: a new one under "My signature", and the signature of any form that asks for one.
(function () {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const plain = (made, names) => JSON.stringify({
    id: made.id, rawId: text(made.rawId), type: made.type, clientExtensionResults: {},
    response: Object.fromEntries(names.map((name) => [name, text(made.response[name])])),
  });
  const say = (part, words) => { part.querySelector("[role=status]").textContent = words; };

  async function enrol(form) {
    const options = JSON.parse(form.dataset.passkeyEnrol);
    options.challenge = bytes(options.challenge);
    options.user.id = bytes(options.user.id);
    const made = await navigator.credentials.create({ publicKey: options });
    form.elements.attestation.value = plain(made, ["clientDataJSON", "attestationObject"]);
  }

  async function sign(form, part, submitter) {
    const data = new FormData(form, submitter);
    data.set("signing_phase", "prepare");
    const address = submitter?.getAttribute("formaction") || form.getAttribute("action") || location.href;
    const answer = await fetch(address, { method: "POST", body: data });
    const type = answer.headers.get("Content-Type") || "";
    if (!type.startsWith("application/json")) return; // refused: the page says why when it is sent
    const asked = await answer.json();
    const made = await navigator.credentials.get({ publicKey: {
      challenge: bytes(asked.challenge), rpId: asked.domain, userVerification: "required", timeout: 120000,
      allowCredentials: [{ type: "public-key", id: bytes(asked.credential) }],
    } });
    form.elements.signing_prepared.value = asked.prepared;
    form.elements.signing_assertion.value = plain(made, ["clientDataJSON", "authenticatorData", "signature"]);
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const part = form.matches("[data-passkey-enrol]") ? form : form.querySelector("[data-passkey-sign]");
    if (!part || form.dataset.answered) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.asking) return;
    form.dataset.asking = "yes";
    say(part, part.dataset.wait);
    try {
      if (part === form) await enrol(form); else await sign(form, part, event.submitter);
      form.dataset.answered = "yes";
      form.requestSubmit(event.submitter);
    } catch (error) {
      say(part, part.dataset.no);
    } finally {
      delete form.dataset.asking;
    }
  }, true);
})();
