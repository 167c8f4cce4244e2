// Comfort only; every page works without it.
document.addEventListener("keydown", (event) => {
  // "/" puts the cursor into the search box, as on other archives; not while somebody is typing.
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const box = document.querySelector("[data-slash]");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});
