// Dropping works without this file. It takes dragged files, shows progress, has the preview
// follow what is chosen, and waits for what was sent.
"use strict";

const WAIT_MS = 3000;

function upload(form, file, progress, said) {
  const data = new FormData();
  for (const [name, value] of Object.entries(JSON.parse(form.dataset.fields))) data.append(name, value);
  data.append("file", file);
  const request = new XMLHttpRequest();
  let told = -1;
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    const share = Math.floor((100 * event.loaded) / event.total);
    progress.value = share;
    // A screen reader is told each tenth.
    if (Math.floor(share / 10) !== told) said.textContent = `${share}% uploaded.`;
    told = Math.floor(share / 10);
  });
  return new Promise((done, failed) => {
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) done();
      else failed(new Error(request.status === 403 ? "This page is too old: load it again." : "The file was not taken. Is it over 1 GiB?"));
    });
    request.addEventListener("error", () => failed(new Error(`The connection was lost at ${progress.value}%. Nothing was sent. Press the button to try again.`)));
    request.open("POST", form.action);
    request.send(data);
  });
}

function enhance(form) {
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("button");
  const place = form.querySelector("[data-place]");
  const hint = form.querySelector("[data-hint]");
  const progress = form.querySelector("[data-progress]");
  const said = form.querySelector("[data-said]");
  hint.textContent = "Choose a file from this machine, or drag one here.";

  function name() {
    const file = input.files[0];
    if (file) hint.textContent = `${file.name}, ${file.size.toLocaleString("en")} bytes.`;
  }
  input.addEventListener("change", name);
  for (const kind of ["dragenter", "dragover"]) {
    place.addEventListener(kind, (event) => { event.preventDefault(); place.classList.add("over"); });
  }
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    const dropped = event.dataTransfer.files;
    if (!dropped.length) return;
    const one = new DataTransfer();
    one.items.add(dropped[0]);
    input.files = one.files;
    name();
    if (dropped.length > 1) said.textContent = "One file at a time: the first one is taken.";
    button.focus();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    progress.hidden = false;
    progress.value = 0;
    try {
      await upload(form, input.files[0], progress, said);
      said.textContent = "Uploaded. It is being read…";
      location.assign(form.dataset.then);
    } catch (error) {
      said.textContent = error.message;
      button.disabled = false;
      progress.hidden = true;
      button.focus();
    }
  });
}

async function wait(part) {
  while (part.dataset.reload) {
    await new Promise((done) => setTimeout(done, WAIT_MS));
    const answer = await fetch(part.dataset.reload, { credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok) continue;
    if (answer.redirected) return location.assign(answer.url);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-reload]");
    part.replaceChildren(...fresh.childNodes);
    part.dataset.reload = fresh.dataset.reload;
  }
}

function headersOf(form) {
  return [...form.querySelectorAll("input[name^=header-]")].map((each) => each.value).join("\n");
}

// Has the preview be as the columns are chosen. Choices are sent one after the other, in their order.
function followChoices(form) {
  const said = form.querySelector("[data-said]");
  let last = Promise.resolve();
  let newest = 0;

  async function look(number, body) {
    if (number !== newest) return;
    const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
    if (!answer.ok) throw new Error(answer.statusText);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const preview = fresh.querySelector("[data-preview]");
    if (!preview) return location.assign(answer.url);
    if (number !== newest) return;
    document.querySelector("[data-preview]").replaceChildren(...preview.childNodes);
    said.textContent = fresh.querySelector(".said")?.textContent ?? "The preview is as you chose.";
    // Once it is known what the columns are, the header may be found in another line.
    const table = fresh.querySelector("[data-follow] table");
    if (headersOf(form) === headersOf(fresh) || !table) return;
    const { name } = document.activeElement;
    form.querySelector("table").replaceWith(table);
    if (name) form.elements.namedItem(name)?.focus?.();
  }

  form.addEventListener("change", (event) => {
    if (!event.target.matches("select")) return;
    newest += 1;
    const number = newest;
    const body = new FormData(form);
    said.textContent = "Looking again…";
    last = last.then(() => look(number, body)).catch(() => {
      said.textContent = "The preview cannot follow right now: press Look again.";
    });
  });
}

for (const form of document.querySelectorAll("[data-drop]")) enhance(form);
for (const form of document.querySelectorAll("[data-follow]")) followChoices(form);
for (const part of document.querySelectorAll("[data-reload]")) wait(part);
