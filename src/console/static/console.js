// What every page of the console runs: the switch of the theme, and the numbers, which it renews every two
// seconds while the page is to be seen. Charts say what they want drawn in `weir.charts`. Where the broker
// does not answer, the page says so, and goes on once it does.

const THEMES = ["auto", "light", "dark"];
const PERIOD_MS = 2000;
const ANSWER_MS_MAX = 10_000;
/** Characters of an address that ask for numbers of certain topics, groups and workers. */
const KEYS_LENGTH_MAX = 6000;
const root = document.documentElement;

/** Shared with the script of the charts, which runs first where there are any. */
globalThis.weir ??= { charts: new Map(), onTheme: [] };

function setUpTheme() {
  const button = document.getElementById("theme");
  const words = () => {
    button.textContent = `Theme: ${root.dataset.theme}`;
  };
  words();
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
    document.cookie = `weir-theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=strict`;
    words();
    for (const action of globalThis.weir.onTheme) action();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const action of globalThis.weir.onTheme) action();
  });
}

/** What was done is told once: neither a reload nor the way back tells it again. */
function forgetNotice() {
  const url = new URL(location.href);
  if (!url.searchParams.has("done")) return;
  url.searchParams.delete("done");
  history.replaceState(history.state, "", url);
}

let sinceMs = 0;

function liveAddress() {
  const query = new URLSearchParams();
  for (const name of globalThis.weir.charts.keys()) query.append("chart", name);
  const group = document.querySelector("[data-group-page]");
  const topic = document.querySelector("[data-topic-page]");
  if (group !== null) query.set("group", group.dataset.groupPage);
  if (topic !== null) query.set("topic", topic.dataset.topicPage);
  const rows = document.querySelector("[data-first-row]");
  if (rows !== null) query.set("first", rows.dataset.firstRow);
  if (sinceMs > 0) query.set("since", String(sinceMs));
  let left = KEYS_LENGTH_MAX;
  for (const { dataset: { live } } of document.querySelectorAll("[data-live]")) {
    if (!/^(topic|lag|worker) /.test(live)) continue;
    left -= live.length + 8;
    if (left > 0) query.append("key", live);
  }
  return `/live.json?${query}`;
}

async function renew() {
  const response = await fetch(liveAddress(), { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
  if (!response.ok) throw new Error(`The broker answers ${response.status}`);
  const { numbers, charts } = await response.json();
  for (const element of document.querySelectorAll("[data-live]")) {
    const text = numbers[element.dataset.live];
    if (text !== undefined && element.textContent !== text) element.textContent = text;
  }
  let isWhole = true;
  let lastMs = sinceMs;
  for (const [name, points] of Object.entries(charts)) {
    isWhole = globalThis.weir.charts.get(name)(points, sinceMs === 0) && isWhole;
    const times = points.rows[0];
    if (times.length > 0) lastMs = Math.max(lastMs, Math.round(times[times.length - 1] * 1000));
  }
  // A chart whose lines are others now wants all points.
  sinceMs = isWhole ? lastMs : 0;
}

const connection = document.getElementById("connection");
let lostAt = null;

/** Says once that the numbers stand still, and since when. */
function lose() {
  if (lostAt !== null) return;
  lostAt = new Date().toISOString().slice(11, 19);
  connection.textContent =
    `The broker does not answer since ${lostAt} UTC: numbers stand still. Trying again…`;
  connection.hidden = false;
  root.dataset.stale = "";
}

function find() {
  if (lostAt === null) return;
  lostAt = null;
  connection.hidden = true;
  delete root.dataset.stale;
}

let timer = null;
let isAsking = false;

async function keepLive() {
  clearTimeout(timer);
  if (document.hidden || isAsking) return;
  isAsking = true;
  try {
    await renew();
    find();
  } catch {
    if (!isLeaving) lose();
  }
  isAsking = false;
  timer = setTimeout(keepLive, PERIOD_MS);
}

// What is cut off because one goes elsewhere says nothing of the broker.
let isLeaving = false;
addEventListener("pagehide", () => isLeaving = true);
addEventListener("pageshow", () => isLeaving = false);

setUpTheme();
forgetNotice();
// Where the menu is wider than a phone, the place one is at is to be seen.
for (const link of document.querySelectorAll("nav [aria-current]")) {
  link.scrollIntoView({ inline: "center", block: "nearest" });
}
if (document.querySelector("[data-live], [data-chart]") !== null) {
  document.addEventListener("visibilitychange", keepLive);
  keepLive();
}
