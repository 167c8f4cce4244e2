// Comfort only; every page of the desk works without it.
document.addEventListener("keydown", (event) => {
  // One key a decision: it does what a click on the marked element would; not while typing.
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select");
  if (typing) return;
  if (event.key === "/") {
    const box = document.querySelector("[data-slash]");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
    return;
  }
  if (!/^[a-z0-9]$/i.test(event.key)) return;
  const wanted = document.querySelector(`[data-key="${event.key.toLowerCase()}"]:not(:disabled)`);
  if (!wanted) return;
  event.preventDefault();
  wanted.click();
});

// A job under way: ask every second how far it is, and show the page anew when it has ended.
const box = document.querySelector("[data-poll]");
if (box) {
  const ask = async () => {
    try {
      const answer = await fetch(box.dataset.poll, { headers: { accept: "application/json" } });
      if (answer.ok && !answer.redirected) {
        const job = await answer.json();
        if (job.ended) return location.reload();
        const bar = box.querySelector("progress");
        if (job.total) {
          bar.max = job.total;
          bar.value = job.done;
        } else {
          bar.removeAttribute("value");
        }
        box.querySelector(".state").textContent = job.word;
        box.querySelector(".line").textContent = job.line || "";
        box.querySelector(".stuck").hidden = !job.stuck;
      }
    } catch {
      // The line is down for a moment: the next question may get through.
    }
    setTimeout(ask, 1000);
  };
  setTimeout(ask, 600);
}

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 4000);
});
