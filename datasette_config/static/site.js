// Comfort only; every page works without it.
"use strict";

const $ = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// Shortcuts: one sign alone may be typed by accident (WCAG 2.1.4), so they can be switched off
// on the page about accessibility. The browser keeps that; nothing else is kept.
const SETTING = "kommunalradar-kuerzel";
const kept = {
  get: () => { try { return localStorage.getItem(SETTING); } catch { return null; } },
  set: (value) => { try { localStorage.setItem(SETTING, value); } catch { /* not kept, then */ } },
};
const typing = (node) => node.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || kept.get() === "aus") return;
  if (event.key === "/" && !typing(event.target)) {
    const box = $("[data-slash]");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  }
  // From title to title, once one of them has the focus.
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const title = event.target.closest(".entry h3 a, .entry h4 a");
  if (step && title && !event.shiftKey) {
    const titles = all(".entry h3 a, .entry h4 a");
    const next = titles[titles.indexOf(title) + step];
    event.preventDefault();
    if (next) next.focus();
  }
});

const box = $("#kuerzel");
if (box) {
  box.checked = kept.get() !== "aus";
  box.addEventListener("change", () => kept.set(box.checked ? "an" : "aus"));
}

// On the front page one comes to search; where a keyboard would cover the page one may not.
const first = $("[data-first]");
if (first && !location.hash && matchMedia("(hover: hover) and (pointer: fine)").matches) {
  first.focus({ preventScroll: true });
}

// Sharing: the device's own menu, or the clipboard; no service of anybody's is asked.
function addButton(node, text, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = text;
  button.addEventListener("click", () => act(button));
  node.after(" ", button);
}

for (const node of all("[data-copy]")) {
  const url = node.textContent.trim();
  if (navigator.share) {
    addButton(node, node.dataset.share, () => {
      // Whoever closes the menu again has not failed.
      navigator.share({ title: node.dataset.title, url }).catch(() => {});
    });
  }
  if (navigator.clipboard) {
    addButton(node, node.dataset.copy, async (button) => {
      await navigator.clipboard.writeText(url);
      button.textContent = node.dataset.copied;
    });
  }
}

// The search page: a choice takes effect at once, without loading the page anew. The server
// renders the same page as ever; of its answer the part below the search box is taken over.
const form = $("#suche");
let asked = null;

function addressOf(form) {
  const given = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) given.append(name, value);
  const query = given.toString();
  return form.getAttribute("action") + (query ? "?" + query : "");
}

function focusKey(node) {
  if (!node || !node.closest("#stand")) return null;
  if (node.id) return "#" + CSS.escape(node.id);
  if (node.name) {
    const value = node.type === "checkbox" ? `[value="${CSS.escape(node.value)}"]` : "";
    return `#stand [name="${CSS.escape(node.name)}"]${value}`;
  }
  return node.matches("summary") ? "#" + node.parentNode.id + " > summary" : null;
}

async function show(address, { push = true, focus = null } = {}) {
  if (asked) asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  const stand = $("#stand");
  stand.classList.add("loading");
  let page;
  try {
    const answer = await fetch(address, { signal });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || !$("#stand", page)) throw new Error(String(answer.status));
  } catch (error) {
    // The browser itself tells better what is wrong.
    if (!signal.aborted) location.assign(address);
    return;
  }
  const key = focus || focusKey(document.activeElement);
  const open = all("details[open]", stand).map((node) => node.id);
  stand.replaceWith(document.adoptNode($("#stand", page)));
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  document.title = page.title;
  for (const link of all("head link[rel=alternate], head link[rel=prev], head link[rel=next]")) {
    link.remove();
  }
  for (const link of all("head link[rel=alternate], head link[rel=prev], head link[rel=next]", page)) {
    document.head.append(document.adoptNode(link));
  }
  const tongue = $(".tongue");
  if (tongue) tongue.href = $(".tongue", page).getAttribute("href");
  if (push) history.pushState({ live: true }, "", address);
  else $("#q").value = $("#q", page).value;
  if (key) ($(key) || $("#treffer")).focus?.();
  $("#ansage").textContent = $("#treffer").textContent;
}

if (form) {
  document.documentElement.classList.add("live");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show(addressOf(form));
  });
  document.addEventListener("change", (event) => {
    const node = event.target;
    if (node.form !== form || node.id === "q") return;
    // A date that is being typed is not yet one.
    if (node.type === "date" && node.value && node.value < "1990") return;
    show(addressOf(form));
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#stand a[data-live], #stand .months a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (link.closest(".months") && drag.moved) return;
    show(link.href, { focus: "#treffer" });
  });
  addEventListener("popstate", () => show(location.href, { push: false }));
}

// The bars: drag over several to choose the time from the first to the last; with the keyboard,
// Shift and an arrow key, then Enter.
const drag = { from: null, to: null, moved: false };

function brush(list) {
  const bars = [...list.children];
  const [low, high] = [drag.from, drag.to].sort((a, b) => a - b);
  bars.forEach((bar, place) => bar.classList.toggle("chosen", low <= place && place <= high));
  return [bars[low], bars[high]];
}

function choose(list) {
  const [since, until] = brush(list);
  const address = new URL(list.dataset.brush, location.href);
  address.searchParams.set("von", since.dataset.von);
  address.searchParams.set("bis", until.dataset.bis);
  if (form) show(address.pathname + address.search, { focus: "#treffer" });
  else location.assign(address);
}

function barAt(event) {
  const bar = document.elementFromPoint(event.clientX, event.clientY)?.closest(".months li");
  return bar ? [bar.parentNode, [...bar.parentNode.children].indexOf(bar)] : [null, -1];
}

document.addEventListener("pointerdown", (event) => {
  const [list, place] = barAt(event);
  drag.moved = false;
  drag.list = event.button === 0 && event.pointerType !== "touch" ? list : null;
  if (drag.list) drag.from = drag.to = place;
});
document.addEventListener("pointermove", (event) => {
  if (!drag.list || !event.buttons) return;
  const [list, place] = barAt(event);
  if (list !== drag.list || place === drag.to) return;
  drag.to = place;
  drag.moved = true;
  brush(list);
});
document.addEventListener("pointerup", () => {
  const { list } = drag;
  drag.list = null;
  if (list && drag.moved) choose(list);
});
document.addEventListener("keydown", (event) => {
  const bar = event.target.closest(".months li");
  if (!bar) return;
  const list = bar.parentNode;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step && event.shiftKey) {
    event.preventDefault();
    const place = [...list.children].indexOf(bar);
    if (drag.keys !== bar) [drag.keys, drag.from, drag.to] = [bar, place, place];
    drag.to = Math.min(Math.max(drag.to + step, 0), list.children.length - 1);
    brush(list);
  } else if (event.key === "Enter" && drag.keys === bar && drag.from !== drag.to) {
    event.preventDefault();
    drag.keys = null;
    choose(list);
  }
});
