// Everything works without this file. It shows local times, refreshes what runs, and continues a
// long search.
"use strict";

const REFRESH_SECONDS = 4;
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const IS_UTC = ["UTC", "Etc/UTC", "GMT", "Etc/GMT"].includes(ZONE);
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
const DAY = { day: "numeric", month: "short", year: "numeric" };
const LOCAL = new Intl.DateTimeFormat("en-GB", { ...DAY, ...CLOCK });
const LOCAL_DAY = new Intl.DateTimeFormat("en-GB", DAY);
const UTC = new Intl.DateTimeFormat("en-GB", { ...CLOCK, timeZone: "UTC" });
const UTC_DAY = new Intl.DateTimeFormat("en-GB", { ...DAY, timeZone: "UTC" });

function localise(part) {
  if (IS_UTC) return;
  for (const time of part.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    const isOtherDay = LOCAL_DAY.format(at) !== UTC_DAY.format(at);
    const utc = document.createElement("small");
    utc.className = "utc";
    utc.textContent = `${isOtherDay ? `${UTC_DAY.format(at)}, ` : ""}${UTC.format(at)} UTC`;
    time.replaceChildren(LOCAL.format(at), " ", utc);
  }
  for (const word of part.querySelectorAll("[data-utc]")) word.remove();
  const zone = part.querySelector("[data-zone]");
  if (zone) zone.textContent = `Times are of ${ZONE.replaceAll("_", " ")}, with UTC beside them.`;
}

function later(seconds) {
  return new Promise((done) => setTimeout(done, 1000 * seconds));
}

async function page(address) {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function isInUse(part) {
  const selection = document.getSelection();
  const isSelected = !selection.isCollapsed && selection.containsNode(part, true);
  return document.hidden || isSelected || part.contains(document.activeElement);
}

function replace(part, nodes) {
  const places = [...part.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
  part.replaceChildren(...nodes);
  localise(part);
  part.querySelectorAll(".scroll").forEach((each, index) => {
    each.scrollLeft = places[index] ?? 0;
  });
}

function sayEnd(status, { ended, reload }) {
  status.textContent = `${ended} `;
  if (!reload) return;
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = reload;
  status.append(link);
}

async function follow(section) {
  const changing = section.querySelector("[data-changing]");
  const status = section.querySelector("[data-status]");
  let said = changing.querySelector("[data-announce]")?.dataset.announce;
  for (;;) {
    await later(section.dataset.every ?? REFRESH_SECONDS);
    if (isInUse(changing)) continue;
    let fresh;
    try {
      fresh = await page(section.dataset.live);
    } catch {
      status.textContent = "The page cannot be refreshed right now.";
      continue;
    }
    // Somebody may have come to it while the answer was on its way.
    if (isInUse(changing)) continue;
    const part = fresh.querySelector("[data-changing]") ?? fresh.body;
    const news = part.querySelector("[data-announce]");
    const words = news?.textContent.trim();
    replace(changing, part.childNodes);
    if (!news) {
      sayEnd(status, section.dataset);
      return;
    }
    const { announce } = news.dataset;
    if (announce !== said) status.textContent = `${announce.endsWith("%") ? `${announce}: ` : ""}${words.replace(/\.$/, "")}.`;
    said = announce;
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
      replace(rows, fresh.childNodes);
      return;
    }
    rows.querySelector("[data-found]").textContent = `Searching: nothing in ${reads} more parts.`;
  }
  if (next) stop.replaceWith(next);
}

localise(document);
for (const section of document.querySelectorAll("[data-live]")) follow(section);
document.addEventListener("click", (event) => { search(event).catch(() => location.reload()); });
