/** The message browser: records of a topic from where one wants, narrowed down by a search, or live. */
import { html } from "hono/html";
import type { TopicDescription, TopicImage } from "../../model/mod.ts";
import { RequestError } from "../failure.ts";
import { findPositions, type Positions, positionsText } from "../records/positions.ts";
import type { RecordView } from "../view.ts";
import { empty, type Html, mayChange, type PageContext, show, type Site } from "./layout.ts";
import { partitionChoice, select } from "./choices.ts";
import { labelled, timeIn, type Wrong, wrongOf } from "./form.ts";
import {
  checkQuery,
  LIMITS,
  matcherOf,
  type MessageQuery,
  PLACES,
  queryText,
  readQuery,
  STARTS,
} from "./message_query.ts";
import { problem } from "./notices.ts";
import { FORMS, present, type Presented } from "./present.ts";
import { scan, type Scanned } from "./scan.ts";
import { topicFrame } from "./topic.ts";
import { topicNamed } from "./topic_facts.ts";
import { topicPath } from "./topics.ts";
import { bytes, count, counted, time } from "./words.ts";

/** How long one search may go on before it shows what it has. */
const SEARCH_MS_MAX = 3_000;
const SCANNED_MAX = 200_000;
/** A search from the newest on looks at so many of each partition. */
const NEWEST_SEARCHED = 20_000;
const POSITIONS_LENGTH_MAX = 2_000;

export async function messages(site: Site, context: PageContext): Promise<Response> {
  const topic = await topicNamed(site.view, context.req.param("topic")!);
  const parameters = new URL(context.req.url).searchParams;
  const query = readQuery(parameters);
  let found: Scanned | null = null;
  let wrong: Wrong | null = null;
  try {
    checkQuery(parameters, topic.partitions.length);
    found = await search(site, topic, query, context.req.raw.signal);
  } catch (error) {
    wrong = wrongOf(error);
  }
  const body = topicFrame(
    site,
    topic,
    "Messages",
    html`${problem(wrong)}
${controls(topic, query, parameters.get("partition") ?? "", wrong)}
${liveControls(topic, query)}
${found === null ? "" : results(site, topic, query, found)}`,
  );
  const status = wrong?.status ?? 200;
  return await show(site, context, {
    title: topic.name,
    section: "Topics",
    body,
    status,
    scripts: ["tail.js"],
  });
}

async function search(
  { view }: Site,
  topic: TopicDescription,
  query: MessageQuery,
  signal: AbortSignal,
): Promise<Scanned> {
  const { partition, from, at, limit, find, positions } = query;
  const image = view.image().topics.get(topic.name);
  if (image === undefined) throw new RequestError(40403, `Topic "${topic.name}" does not exist`);
  const isNewest = from === "latest" && positions === null;
  const share = find === ""
    ? newestShare(limit, partition === null ? image.partitions.length : 1)
    : NEWEST_SEARCHED;
  const start = await findPositions(view, image, {
    partition,
    offset: from === "latest" ? `-${share}` : "earliest",
    time: from === "time" ? String(timeIn("at", at)) : null,
    positions: positions ?? (from === "offset" ? sameOffset(image, partition, at) : null),
  });
  const scannedMax = find === "" ? (isNewest ? limit * start.size : limit) : SCANNED_MAX;
  const bounds = {
    countMax: isNewest ? scannedMax : limit,
    scannedMax,
    untilMs: view.nowMs() + SEARCH_MS_MAX,
    signal,
  };
  const found = await scan(view, topic.name, start, matcherOf(query), bounds);
  return { ...found, records: sorted(found.records, isNewest).slice(0, limit) };
}

/** One offset in the partition that is read, or in each of them. */
function sameOffset({ partitions }: TopicImage, partition: number | null, offset: string): string {
  const chosen = partition === null ? partitions.map(({ partition }) => partition) : [partition];
  return chosen.map((each) => `${each}:${offset}`).join(",");
}

/** Of each partition as many as are shown; of many partitions fewer, for most of it would be left out. */
function newestShare(limit: number, partitions: number): number {
  return Math.min(limit, Math.max(2, Math.ceil(limit * 4 / partitions)));
}

function sorted(records: RecordView[], isNewest: boolean): RecordView[] {
  const sign = isNewest ? -1 : 1;
  return records.sort((a, b) =>
    sign * (a.timestamp - b.timestamp || a.partition - b.partition || a.offset - b.offset)
  );
}

const START_WORDS = { latest: "Newest", earliest: "Oldest", offset: "Offset", time: "Time" };
const PLACE_WORDS = { any: "anywhere", key: "in the key", value: "in the value", header: "in a header" };
const FORM_WORDS = { auto: "as they are", json: "JSON", text: "text", hex: "hex", msgpack: "msgpack" };

function controls(
  topic: TopicDescription,
  query: MessageQuery,
  partition: string,
  wrong: Wrong | null,
): Html {
  const { from, at, find, place, form, limit } = query;
  return html`<form class="controls card" method="get" action="${
    topicPath(topic.name)
  }" id="controls" role="search">
${
    labelled(
      { label: "Partition", name: "partition", wrong },
      (attributes) => partitionChoice(topic.partitions.length, "All", partition, attributes),
    )
  }
<label>From ${select("from", STARTS.map((start) => [start, START_WORDS[start]]), from)}</label>
${
    labelled({ label: "Offset or time (UTC)", name: "at", wrong }, (attributes) =>
      html`
        <input name="at" value="${at}" placeholder="0 or 2026-01-31" autocomplete="off" spellcheck="false"
          ${attributes}>
      `)
  }
<label class="wide">Find <input type="search" name="find" value="${find}" placeholder="text, whatever its case" autocomplete="off" spellcheck="false"></label>
<label>Where ${select("in", PLACES.map((name) => [name, PLACE_WORDS[name]]), place)}</label>
<label>Show ${select("form", FORMS.map((name) => [name, FORM_WORDS[name]]), form)}</label>
<label>At most ${select("limit", LIMITS.map((name) => [String(name), String(name)]), String(limit))}</label>
<button type="submit" class="primary">Show</button></form>`;
}

/** What the script turns into a live tail; hidden without it. */
function liveControls(topic: TopicDescription, { partition, form }: MessageQuery): Html {
  return html`
    <section class="live" id="tail" hidden aria-label="Live tail" data-topic="${topic.name}"
      data-partition="${partition ?? ""}" data-form="${form}">
      <div class="line"><button type="button" id="tail-switch" aria-pressed="false">Follow live</button>
    <span class="words" id="tail-state" role="status">New records appear here as they are written.</span>
    <span class="words" id="tail-count"></span></div>
      <ol class="records" id="tail-records"></ol>
    </section>
  `;
}

function results(site: Site, topic: TopicDescription, query: MessageQuery, found: Scanned): Html {
  const { records } = found;
  if (records.length === 0) return nothing(site, topic, query, found);
  return html`<section aria-label="Records" id="results">
<p class="words">${counted(records.length, "record")}${
    query.find === "" ? "" : `, found among ${counted(found.scanned, "record")}`
  }${query.from === "latest" && query.positions === null ? ", the newest first" : ""}</p>
<ol class="records">${records.map((record) => row(record, query))}</ol>
${further(topic, query, found)}</section>`;
}

function nothing(site: Site, topic: TopicDescription, query: MessageQuery, found: Scanned): Html {
  if (query.find !== "") {
    const words = `${counted(found.scanned, "record")} looked at${
      found.isAtEnd ? ", that is all there are" : ""
    }.`;
    return html`<section aria-label="Records" id="results">${
      empty(`No record has "${query.find}" ${PLACE_WORDS[query.place]}`, words)
    }
${further(topic, query, found)}</section>`;
  }
  const words = mayChange(site)
    ? html`Seek elsewhere, or <a href="${topicPath(topic.name, "/produce")}">produce a record</a>.`
    : "Seek elsewhere, or follow live.";
  return html`<section aria-label="Records" id="results">${empty("No record here", words)}</section>`;
}

/** Links to what comes after, and, in one partition, before. */
function further(topic: TopicDescription, query: MessageQuery, found: Scanned): Html {
  const links: Html[] = [];
  const { records, positions, isAtEnd } = found;
  const isNewest = query.from === "latest" && query.positions === null;
  const first = Math.min(...records.map(({ offset }) => offset));
  if (query.partition !== null && query.find === "" && first > 0 && records.length > 0) {
    links.push(seek(topic, query, "Older", { from: "offset", at: String(Math.max(0, first - query.limit)) }));
  }
  if (!isNewest && !isAtEnd) {
    const text = nextText(positions);
    if (text !== null) {
      links.push(seek(topic, query, query.find === "" ? "Newer" : "Search on", { positions: text }));
    }
  }
  return links.length === 0 ? html`` : html`<p class="line pages">${links}</p>`;
}

function nextText(positions: Positions): string | null {
  const text = positionsText(positions);
  return text.length > POSITIONS_LENGTH_MAX ? null : text;
}

function seek(
  topic: TopicDescription,
  query: MessageQuery,
  words: string,
  changes: Record<string, string>,
): Html {
  return html`
    <a class="button" href="${topicPath(topic.name)}?${queryText(query, changes)}">${words}</a>
  `;
}

function row(record: RecordView, { form }: MessageQuery): Html {
  const key = present(record.key, form);
  const value = present(record.value, form);
  return html`
    <li>
      <details>
        <summary><span class="place"><span class="offset">${record.partition}:${String(
          record.offset,
        )}</span> ${time(record.timestamp)}</span><span class="key" title="Key">${shortly(
          key,
        )}</span><span class="line-value">${shortly(value)}</span></summary>
        <div class="record"><dl><dt>Partition</dt><dd>${record.partition}</dd><dt>Offset</dt><dd>${count(
          record.offset,
        )}</dd>
    <dt>${record.timestampType === "CreateTime" ? "Created" : "Appended"} (UTC)</dt><dd>${time(
      record.timestamp,
    )}</dd></dl>
    ${content("Key", record.key, key)}${headersOf(record)}${content("Value", record.value, value)}</div>
      </details>
    </li>
  `;
}

function shortly({ form, line }: Presented): Html {
  return form === "null" ? html`<em>null</em>` : html`${line}`;
}

function content(name: string, data: Uint8Array | null, { form, text }: Presented): Html {
  if (data === null) return html`<p><span class="label">${name}</span> <em>null</em></p>`;
  return html`
    <div class="content">
      <p><span class="label">${name}</span> <span class="words">${form}, ${bytes(data.length)}</span></p>
      <pre tabindex="0" role="group" aria-label="${name}">${text}</pre>
    </div>
  `;
}

function headersOf({ headers }: RecordView): Html | "" {
  if (headers.length === 0) return "";
  return html`
    <div class="content">
      <p><span class="label">Headers</span></p>
      <dl class="headers">${headers.map(({ key, value }) =>
        html`
          <dt>${key}</dt>
          <dd>${value === null ? html`<em>null</em>` : present(value, "text").line}</dd>
        `
      )}</dl>
    </div>
  `;
}
