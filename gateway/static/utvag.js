// Small comforts; nothing needs them. A form is sent once, and unsaved writing is not lost by a slip.
"use strict";
(() => {
  let dirty = false;
  document.addEventListener("input", (event) => {
    if (event.target.closest("form.u-form")) dirty = true;
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    dirty = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
  const summary = document.getElementById("error-summary");
  if (summary) summary.focus();
})();
