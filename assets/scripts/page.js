// The little that pages need beyond HTML: copying a code, sharing a link, printing, and saying so when a request fails.
document.addEventListener("click", async (click) => {
  const button = click.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.querySelector("[data-copied]").textContent = button.dataset.done;
});

// Sharing by whatever the device shares with: the button is shown where there is something.
for (const button of document.querySelectorAll("[data-share]")) {
  button.hidden = !navigator.share;
  button.addEventListener("click", () => {
    navigator.share({ text: button.dataset.shareText, url: button.dataset.share }).catch(() => {});
  });
}

document.addEventListener("click", (click) => {
  if (click.target.closest("[data-print]")) window.print();
});

// htmx leaves the page as it was when an answer is an error or does not come: show the region's fault instead.
function showFault(show) {
  return (event) => {
    const fault = document.querySelector(`[data-fault-of="${event.detail.target?.id}"]`);
    if (fault) fault.hidden = !show;
  };
}
document.addEventListener("htmx:beforeRequest", showFault(false));
document.addEventListener("htmx:responseError", showFault(true));
document.addEventListener("htmx:sendError", showFault(true));
