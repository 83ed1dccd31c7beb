// What every page of the console runs: the switch of the theme, and the numbers, which it renews every two
// seconds while the page is to be seen. Charts say what they want drawn in `weir.charts`.

const THEMES = ["auto", "light", "dark"];
const PERIOD_MS = 2000;
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

let sinceMs = 0;

function liveAddress() {
  const query = new URLSearchParams();
  for (const name of globalThis.weir.charts.keys()) query.append("chart", name);
  const group = document.querySelector("[data-group-page]");
  const topic = document.querySelector("[data-topic-page]");
  if (group !== null) query.set("group", group.dataset.groupPage);
  if (topic !== null) query.set("topic", topic.dataset.topicPage);
  if (sinceMs > 0) query.set("since", String(sinceMs));
  return `/live.json?${query}`;
}

async function renew() {
  const response = await fetch(liveAddress());
  if (!response.ok) return;
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

async function keepLive() {
  if (!document.hidden) {
    try {
      await renew();
    } catch {
      // The broker is gone, or starting again: the next time tells.
    }
  }
  setTimeout(keepLive, PERIOD_MS);
}

setUpTheme();
// Where the menu is wider than a phone, the place one is at is to be seen.
for (const link of document.querySelectorAll("nav [aria-current]")) {
  link.scrollIntoView({ inline: "center", block: "nearest" });
}
const isLive = document.querySelector("[data-live], [data-chart]") !== null;
if (isLive) keepLive();
