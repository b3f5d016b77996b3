// Leave at once: the page is replaced in the history, so that going back does not lead here.
"use strict";
(() => {
  const leave = document.getElementById("leave");
  if (!leave) return;
  const go = () => {
    document.body.hidden = true;
    window.location.replace(leave.href);
  };
  leave.addEventListener("click", (event) => {
    event.preventDefault();
    go();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") go();
  });
  // Brought back from the browser's memory of pages: shown again, never blank.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && document.body.hidden) document.body.hidden = false;
  });
})();
