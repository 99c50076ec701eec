// Everything works without this file. It refreshes a running job, and continues a long search.
"use strict";

const REFRESH_MS = 4000;

function later() {
  return new Promise((done) => setTimeout(done, REFRESH_MS));
}

async function page(address) {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function follow(section) {
  const changing = section.querySelector("[data-changing]");
  const status = section.querySelector("[data-status]");
  let said = "";
  for (;;) {
    await later();
    if (document.hidden || changing.contains(document.activeElement)) continue;
    let fresh;
    try {
      fresh = await page(section.dataset.live);
    } catch {
      status.textContent = "The page cannot be refreshed right now.";
      continue;
    }
    const news = fresh.querySelector("[data-announce]");
    changing.replaceChildren(...fresh.body.childNodes);
    if (!news) {
      status.textContent = "The job has ended. ";
      const link = document.createElement("a");
      link.href = location.href;
      link.textContent = "Load its files and reasons";
      status.append(link);
      return;
    }
    const share = changing.querySelector(".now strong").textContent.trim();
    if (share !== said) status.textContent = `${share}: ${news.textContent.trim()}.`;
    said = share;
  }
}

async function search(event) {
  const link = event.target.closest("a[data-search]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const rows = document.getElementById("rows");
  let next = link;
  let stopped = false;
  const stop = document.createElement("button");
  stop.textContent = "Stop searching";
  stop.addEventListener("click", () => { stopped = true; });
  link.replaceWith(stop);
  stop.focus();
  for (let reads = 1; next && !stopped; reads += 1) {
    const fresh = (await page(next.href)).getElementById("rows");
    next = fresh.querySelector("a[data-search]");
    if (fresh.querySelector("tbody tr") || !next) {
      rows.replaceChildren(...fresh.childNodes);
      return;
    }
    rows.querySelector("[data-found]").textContent = `Searching: nothing in ${reads} more parts.`;
  }
  if (next) stop.replaceWith(next);
}

for (const time of document.querySelectorAll("time")) {
  time.title = `${new Date(time.dateTime).toLocaleString()} local time`;
}
for (const section of document.querySelectorAll("[data-live]")) follow(section);
document.addEventListener("click", (event) => { search(event).catch(() => location.reload()); });
