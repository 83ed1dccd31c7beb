// The live tail of a topic: records come as server-sent events and are put on top, the newest 200 are kept.
// Everything that comes from a record is set as text, never as markup.

const RECORDS_MAX = 200;
const LINE_MAX = 300;
const place = document.getElementById("tail");
const list = document.getElementById("tail-records");
const state = document.getElementById("tail-state");
const button = document.getElementById("tail-switch");

let source = null;
let waiting = [];
let isPlanned = false;
let seen = 0;

function address() {
  const { topic, partition, form } = place.dataset;
  const format = form === "hex" || form === "msgpack" ? form : "string";
  const query = new URLSearchParams({ offset: "latest", key: format, value: format });
  if (partition !== "") query.set("partition", partition);
  return `/topics/${encodeURIComponent(topic)}/records?${query}`;
}

function start() {
  source = new EventSource(address());
  button.setAttribute("aria-pressed", "true");
  button.textContent = "Stop following";
  state.textContent = "Waiting for records…";
  source.addEventListener("message", (event) => {
    waiting.push(JSON.parse(event.data, keepDigits));
    seen++;
    if (waiting.length > RECORDS_MAX) waiting = waiting.slice(-RECORDS_MAX);
    if (!isPlanned) requestAnimationFrame(draw);
    isPlanned = true;
  });
  source.addEventListener("open", () => {
    state.textContent = followed();
  });
  source.addEventListener("error", (event) => {
    if (event.data !== undefined) {
      state.textContent = JSON.parse(event.data).message;
      stop();
    } else state.textContent = "The connection was cut, trying again…";
  });
}

function stop() {
  source?.close();
  source = null;
  button.setAttribute("aria-pressed", "false");
  button.textContent = "Follow live";
}

function draw() {
  isPlanned = false;
  const rows = waiting.map(rowOf).reverse();
  waiting = [];
  list.prepend(...rows);
  while (list.children.length > RECORDS_MAX) list.lastElementChild.remove();
  state.textContent = followed();
}

function followed() {
  if (seen === 0) return "Following. Nothing new yet.";
  return `Following. ${seen.toLocaleString("en-US")} new ${seen === 1 ? "record" : "records"}.`;
}

/** Numbers that JavaScript would round stay as they are written, where the browser can do that. */
function keepDigits(_key, value, context) {
  if (typeof value !== "number" || context === undefined || JSON.rawJSON === undefined) return value;
  const isExact = Number.isSafeInteger(value) || context.source.length < 16;
  return isExact ? value : JSON.rawJSON(context.source);
}

function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className !== "") made.className = className;
  made.append(...content);
  return made;
}

/** What a key or a value is, and how it reads. */
function present(value, format) {
  if (format === "null") return { form: "null", line: "null", text: "null" };
  if (format === "hex") {
    return { form: "hex", line: value.slice(0, LINE_MAX), text: value.replaceAll(/(.{32})/g, "$1\n") };
  }
  if (format === "base64") return { form: "base64", line: value.slice(0, LINE_MAX), text: value };
  if (typeof value !== "string") return json(value, format);
  const form = place.dataset.form;
  if (form === "json" || (form === "auto" && /^\s*[[{]/.test(value))) {
    try {
      return json(JSON.parse(value, keepDigits), "json");
    } catch {
      // Text, then.
    }
  }
  return { form: "text", line: value.slice(0, LINE_MAX).replaceAll(/\s+/g, " "), text: value };
}

function json(value, form) {
  return { form, line: JSON.stringify(value).slice(0, LINE_MAX), text: JSON.stringify(value, null, 2) };
}

function rowOf(record) {
  const key = present(record.key, record.key_format);
  const value = present(record.value, record.value_format);
  const when = String(record.timestamp ?? "no time").replace("T", " ").replace("Z", "");
  const summary = element(
    "summary",
    "",
    element("span", "place", element("span", "offset", `${record.partition}:${record.offset}`), ` ${when}`),
    element("span", "key", key.line),
    element("span", "line-value", value.line),
  );
  const body = element(
    "div",
    "record",
    content("Key", key),
    headersOf(record.headers),
    content("Value", value),
  );
  const row = element("li", "fresh", element("details", "", summary, body));
  return row;
}

function content(name, { form, text }) {
  const pre = element("pre", "", text);
  pre.tabIndex = 0;
  pre.setAttribute("aria-label", name);
  const head = element("p", "", element("span", "label", name), " ", element("span", "words", form));
  return element("div", "content", head, pre);
}

function headersOf(headers) {
  if (headers.length === 0) return "";
  const names = element("dl", "headers");
  for (const { name, value } of headers) {
    names.append(element("dt", "", name), element("dd", "", value ?? "null"));
  }
  return element("div", "content", element("p", "", element("span", "label", "Headers")), names);
}

if (place !== null) {
  place.hidden = false;
  button.addEventListener("click", () => source === null ? start() : stop());
}
