"use strict";

const byId = (id) => document.getElementById(id);
/** The rows on the page by request id, with the text that each was drawn from. */
const shown = new Map();

/** Everything that a client has sent goes through here, as text. */
function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = text;
  return made;
}

function state(request) {
  if (request.status === "IN_QUEUE") return ["queued", `${request.position} ahead in the queue`];
  if (request.status === "IN_PROGRESS") return ["busy", "in progress"];
  return request.error ? ["bad", "failed"] : ["done", "completed"];
}

function film(request) {
  if (!request.video) return element("div", "film none", request.status === "COMPLETED" ? "no video" : "no video yet");
  const frame = element("div", "film"), video = element("video");
  Object.assign(video, { src: request.video, muted: true, loop: true, playsInline: true, preload: "metadata", tabIndex: 0 });
  // Whoever points at it sees it move. A video that is taken away in between is no fault.
  for (const come of ["pointerenter", "focus"]) {
    video.addEventListener(come, () => {
      video.controls = true;
      video.play().catch(() => {});
    });
  }
  video.addEventListener("pointerleave", () => video.pause());
  frame.append(video);
  return frame;
}

function progress(request) {
  const percent = /(\d+)%$/.exec(request.last_log ?? "");
  const bar = element("progress");
  bar.max = 100;
  if (percent) bar.value = Number(percent[1]);
  bar.setAttribute("aria-label", request.last_log ?? "in progress");
  return bar;
}

function card(request) {
  const row = element("article", "request"), about = element("div", "about"), head = element("div", "head");
  const ended = request.status === "COMPLETED", [kind, words] = state(request);
  head.append(element("span", `chip ${kind}`, words));
  if (request.attempts > 1) head.append(element("span", "soft", `attempt ${request.attempts}`));
  head.append(element("span", ended ? "usd" : "usd expected", `${request.usd} USD`));
  about.append(head, element("div", "prompt", request.prompt ?? ""));
  if (request.status === "IN_PROGRESS") about.append(progress(request));
  if (request.error) about.append(element("div", "failed", request.error));
  about.append(element("div", "fine", request.endpoint_id));
  const time = new Date(request.accepted_at).toLocaleTimeString();
  about.append(element("div", "fine", `${request.request_id} · ${time}`));
  row.append(film(request), about);
  return row;
}

/** Only what has changed is drawn anew, so that a video that plays goes on. */
function drawRequests({ requests, accepted }) {
  const place = byId("requests"), ids = new Set(requests.map((request) => request.request_id));
  for (const [id, { row }] of shown) {
    if (!ids.has(id)) {
      row.remove();
      shown.delete(id);
    }
  }
  for (const request of [...requests].reverse()) {
    const text = JSON.stringify(request), known = shown.get(request.request_id);
    if (known?.text === text) continue;
    // The video, once there, stays the same.
    const row = card(request), playing = known?.row.querySelector("video");
    if (known) known.row.replaceWith(row);
    else place.prepend(row);
    if (playing && request.video) row.querySelector("video")?.replaceWith(playing);
    shown.set(request.request_id, { row, text });
  }
  byId("nothing").hidden = requests.length > 0;
  byId("older").hidden = accepted <= requests.length;
  byId("older").textContent = `${accepted - requests.length} older ones are not shown.`;
  filter();
}

function filter() {
  const wanted = byId("filter").value.trim().toLowerCase();
  for (const { row } of shown.values()) row.hidden = !row.textContent.toLowerCase().includes(wanted);
}

function drawLedger(ledger) {
  byId("ledger").replaceChildren(...ledger.map((bill) => {
    const row = element("tr");
    row.append(element("td", "", bill.endpoint_id), element("td", "", `${bill.requests} ×`), element("td", "", `${bill.usd} USD`));
    return row;
  }));
}

function drawRules(rules) {
  byId("rules").replaceChildren(...rules.map((rule) => {
    const row = element("li"), remove = element("button", "", "×");
    remove.setAttribute("aria-label", `Remove ${rule.fault}`);
    remove.addEventListener("click", () => fetch(`/emulator/faults/${rule.id}`, { method: "DELETE" }).then(noted, noted));
    row.append(element("span", "", rule.fault), element("span", "soft", `${rule.hits} of ${rule.matched} hit`), remove);
    return row;
  }));
}

function drawExchanges(exchanges) {
  byId("exchanges").replaceChildren(...exchanges.map((exchange) => {
    const row = element("li"), status = exchange.status ?? "…";
    const kind = !exchange.status ? "queued" : exchange.status < 400 ? "done" : "bad";
    row.append(element("span", `chip ${exchange.faults.length ? "bad" : kind}`, status));
    row.append(`${exchange.method} `, element("span", "soft", exchange.host), exchange.path);
    if (exchange.faults.length) row.append(" ", element("span", "failed", exchange.faults.join(", ")));
    return row;
  }));
}

function draw(overview) {
  for (const name of ["accepted", "waiting", "running", "uploads"]) byId(name).textContent = overview[name];
  byId("total").textContent = overview.total_usd;
  drawRequests(overview);
  drawLedger(overview.ledger);
  drawRules(overview.faults);
  drawExchanges(overview.exchanges);
}

async function refresh() {
  const answer = await fetch("/emulator/overview");
  if (answer.ok) draw(await answer.json());
}

/** One at a time: on a slow machine news come faster than they can be drawn. */
let drawing = null, more = false;
function noted() {
  more = drawing !== null;
  drawing ??= refresh().catch(() => {}).finally(() => {
    drawing = null;
    if (more) noted();
  });
}

async function addFault(event) {
  event.preventDefault();
  const wish = new FormData(event.target), rule = { name: wish.get("name"), probability: Number(wish.get("probability")) };
  if (wish.get("times")) rule.times = Number(wish.get("times"));
  const answer = await fetch("/emulator/faults", { method: "POST", body: JSON.stringify(rule) });
  byId("refused").hidden = answer.ok;
  if (!answer.ok) byId("refused").textContent = (await answer.json()).detail;
  noted();
}

async function nameFaults() {
  const { names } = await (await fetch("/emulator/faults")).json();
  document.querySelector("#fault select").append(...names.map((name) => element("option", "", name)));
}

function connection(words, kind) {
  byId("live").textContent = words;
  byId("live").className = kind;
}

byId("filter").addEventListener("input", filter);
byId("fault").addEventListener("submit", addFault);
nameFaults().catch(() => {});
const news = new EventSource("/emulator/news");
news.onopen = () => connection("live", "on");
news.onerror = () => connection("not connected", "off");
news.onmessage = noted;
