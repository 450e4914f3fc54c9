// Keeps the page true without loading it anew, so that focus and countdown stay.
"use strict";
const part = (from, name) => from.querySelector(name);
const lost = part(document, ".lost");
let endsAt = 0;

function count() {
  const left = part(document, "[data-left]");
  if (left) left.textContent = Math.max(0, Math.round((endsAt - Date.now()) / 1000));
}

function begin() {
  const left = part(document, "[data-left]");
  if (left) endsAt = Date.now() + 1000 * left.textContent;
  const again = Number(part(document, "main").dataset.again);
  if (again) setTimeout(look, 1000 * again);
}

function show(text) {
  const now = part(document, "main");
  const next = part(new DOMParser().parseFromString(text, "text/html"), "main");
  now.dataset.again = next.dataset.again;
  if (next.dataset.key === now.dataset.key) return;
  const said = part(next, "h1").textContent;
  if (said !== part(now, "h1").textContent) part(document, ".heard").textContent = said;
  now.replaceWith(document.adoptNode(next));
}

async function look() {
  try {
    const answer = await fetch(location.href);
    const text = await answer.text();
    if (!answer.headers.get("content-type").startsWith("text/html")) throw new Error(text);
    show(text);
    lost.textContent = "";
  } catch {
    lost.textContent = lost.dataset.words;
  }
  begin();
}

begin();
setInterval(count, 1000);
