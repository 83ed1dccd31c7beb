// The live tail of a topic: records come as server-sent events and are put on top, the newest 200 are kept.
// Everything that comes from a record is set as text, never as markup. A page that is not to be seen lets go
// of its connection, for browsers have few; it goes on where it was, or a little before the end of the log.

const RECORDS_MAX = 200;
const LINE_MAX = 300;
const RETRY_MS = 2000;
const HEX_BYTES_MAX = 8192;
const BYTES_PER_LINE = 16;
const place = document.getElementById("tail");
const list = document.getElementById("tail-records");
const state = document.getElementById("tail-state");
const total = document.getElementById("tail-count");
const button = document.getElementById("tail-switch");

let isWanted = false;
let source = null;
let retry = null;
let waiting = [];
let isPlanned = false;
let seen = 0;
/** The next offset by partition; of every partition, once a record came. */
let positions = new Map();

function address() {
  const { topic, partition, form } = place.dataset;
  const format = form === "hex" || form === "msgpack" || form === "auto" ? form : "string";
  // A few of each partition, of which those that were there before are passed over.
  const again = Math.max(5, Math.ceil(RECORDS_MAX / positions.size));
  const offset = positions.size === 0 ? "latest" : `-${again}`;
  const query = new URLSearchParams({ offset, key: format, value: format });
  if (partition !== "") query.set("partition", partition);
  return `/topics/${encodeURIComponent(topic)}/records?${query}`;
}

function open() {
  close();
  source = new EventSource(address());
  source.addEventListener("open", () => tell("Following."));
  source.addEventListener("message", take);
  source.addEventListener("error", (event) => {
    if (event.data !== undefined) return stop(JSON.parse(event.data).message);
    close();
    tell("The connection was cut, trying again…");
    retry = setTimeout(open, RETRY_MS);
  });
}

function close() {
  clearTimeout(retry);
  source?.close();
  source = null;
}

function start() {
  isWanted = true;
  button.setAttribute("aria-pressed", "true");
  button.textContent = "Stop following";
  tell("Connecting…");
  open();
}

function stop(words) {
  isWanted = false;
  close();
  positions = new Map();
  button.setAttribute("aria-pressed", "false");
  button.textContent = "Follow live";
  tell(words);
}

function tell(words) {
  if (state.textContent !== words) state.textContent = words;
}

function take({ data, lastEventId }) {
  const record = JSON.parse(data, keepDigits);
  if (record.offset < (positions.get(record.partition) ?? 0)) return;
  for (const position of lastEventId.split(",")) {
    const [partition, offset] = position.split(":").map(Number);
    positions.set(partition, Math.max(offset, positions.get(partition) ?? 0));
  }
  waiting.push(record);
  seen++;
  if (waiting.length > RECORDS_MAX) waiting = waiting.slice(-RECORDS_MAX);
  if (!isPlanned) requestAnimationFrame(draw);
  isPlanned = true;
}

function draw() {
  isPlanned = false;
  const rows = waiting.map(rowOf).reverse();
  waiting = [];
  list.prepend(...rows);
  while (list.children.length > RECORDS_MAX) list.lastElementChild.remove();
  total.textContent = `${seen.toLocaleString("en-US")} new ${seen === 1 ? "record" : "records"}`;
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
  if (format === "hex") return hex(value);
  if (format === "base64") return hex(hexOf(value));
  if (typeof value !== "string") return json(value, format);
  if (place.dataset.form === "json") {
    try {
      return json(JSON.parse(value, keepDigits), "json");
    } catch {
      // Text, then.
    }
  }
  return {
    form: "text",
    line: cut(value.slice(0, LINE_MAX * 4).replaceAll(/\s+/g, " ").trim()),
    text: value,
  };
}

function json(value, form) {
  return { form, line: cut(JSON.stringify(value)), text: JSON.stringify(value, null, 2) };
}

function cut(line) {
  return line.length <= LINE_MAX ? line : `${line.slice(0, LINE_MAX)}…`;
}

function hexOf(base64) {
  return Array.from(atob(base64), (sign) => sign.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

/** Bytes as the page sets them out: sixteen a line, with their place and their signs. */
function hex(digits) {
  const pairs = digits.slice(0, HEX_BYTES_MAX * 2).match(/../g) ?? [];
  const lines = [];
  for (let at = 0; at < pairs.length; at += BYTES_PER_LINE) {
    const row = pairs.slice(at, at + BYTES_PER_LINE);
    const signs = row.map((pair) => {
      const code = parseInt(pair, 16);
      return code >= 32 && code < 127 ? String.fromCharCode(code) : ".";
    });
    const place = at.toString(16).padStart(6, "0");
    lines.push(`${place}  ${row.join(" ").padEnd(BYTES_PER_LINE * 3 - 1)}  ${signs.join("")}`);
  }
  const left = digits.length / 2 - pairs.length;
  if (left > 0) lines.push(`and ${left} bytes more`);
  return { form: "hex", line: cut(digits), text: lines.join("\n") };
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
  return element("li", "fresh", element("details", "", summary, body));
}

function content(name, { form, text }) {
  const pre = element("pre", "", text);
  pre.tabIndex = 0;
  pre.setAttribute("role", "group");
  pre.setAttribute("aria-label", name);
  const head = element("p", "", element("span", "label", name), " ", element("span", "words", form));
  return element("div", "content", head, pre);
}

function headersOf(headers) {
  if (headers.length === 0) return "";
  const names = element("dl", "headers");
  for (const { name, value } of headers) {
    names.append(element("dt", "", name), element("dd", "", value ?? element("em", "", "null")));
  }
  return element("div", "content", element("p", "", element("span", "label", "Headers")), names);
}

function onVisibility() {
  if (!isWanted) return;
  if (!document.hidden) return open();
  close();
  tell("Paused while the page is hidden.");
}

if (place !== null) {
  place.hidden = false;
  button.addEventListener("click", () => isWanted ? stop("Stopped.") : start());
  document.addEventListener("visibilitychange", onVisibility);
}
