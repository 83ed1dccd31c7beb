/** Workers, and the segments of partitions drawn as they lie on the disk: as wide as they are large. */
import { html } from "hono/html";
import type { PartitionDescription, TopicDescription } from "../../model/mod.ts";
import type { SegmentView } from "../view.ts";
import { topicChoice } from "./choices.ts";
import { empty, heading, type Html, type PageContext, show, type Site, table } from "./layout.ts";
import { allTopics } from "./topic_facts.ts";
import { topicPath } from "./topics.ts";
import { bytes, count, counted, percent, timeText } from "./words.ts";

/** Partitions drawn on one page, and segments drawn of one; the oldest are drawn as one. */
const PARTITIONS_MAX = 60;
const SEGMENTS_MAX = 120;
const WIDTH = 1_000;
const HEIGHT = 22;
/** A segment that is far smaller than the others is still to be seen. */
const WIDTH_MIN = 4;

interface Drawn {
  readonly topic: string;
  readonly partition: PartitionDescription;
  readonly segments: readonly SegmentView[];
}

export async function storage(site: Site, context: PageContext): Promise<Response> {
  await site.pulse.look();
  const topics = await allTopics(site.view);
  const wanted = context.req.query("topic") ?? "";
  const chosen = topics.filter(({ name, internal }) => wanted === "" ? !internal : name === wanted);
  const drawn = await draw(site, chosen);
  const all = chosen.reduce((sum, { partitions }) => sum + partitions.length, 0);
  const choices = topics.map(({ name }) => [name, name]);
  const { dataDirectory } = site.view.identity;
  const body = html`${heading("Storage")}
<p class="words lead">${dataDirectory === "" ? "In memory alone" : html`In <code>${dataDirectory}</code>`}</p>
<h2>Workers</h2>${workers(site, topics)}
<h2>Segments</h2>
<form class="line" method="get"><label>Topic ${
    topicChoice(choices, "All topics", wanted)
  }</label><button type="submit">Show</button></form>
${
    drawn.length === 0
      ? nothing(wanted, chosen.length > 0 || wanted === "")
      : html`${compaction(site)}${legend(drawn)}`
  }
${
    all > drawn.length
      ? html`
        <p
          class="words">${count(drawn.length)} of ${counted(
            all,
            "partition",
          )} are drawn, those with most bytes. Choose a topic to see others.</p>
      `
      : ""
  }`;
  return await show(site, context, { title: "Storage", section: "Storage", body });
}

/** What a worker owns. */
interface Share {
  readonly name: string;
  readonly bytes: number;
}

function workers({ pulse }: Site, topics: readonly TopicDescription[]): Html {
  const shares = new Map<number, Share[]>(pulse.ranked("worker ").map(([worker]) => [Number(worker), []]));
  for (const { name, partitions } of topics) {
    for (const { partition, worker, bytes } of partitions) {
      if (worker < 0) continue;
      const own = shares.get(worker) ?? [];
      own.push({ name: `${name}-${partition}`, bytes });
      shares.set(worker, own);
    }
  }
  if (shares.size === 0) return empty("No worker yet", "Workers start with the first partitions.");
  const largest = Math.max(...Array.from(shares.values(), sum), 1);
  const rows = [...shares].sort(([a], [b]) => a - b).map(([worker, own]) =>
    html`
      <tr>
        <th scope="row">Worker ${worker}</th>
        <td class="number">${count(own.length)}</td>
        <td class="number">${bytes(sum(own))}</td>
        <td class="fill">${shareBar(own, largest)}</td>
        <td class="number" data-live="worker ${worker}">${percent(pulse.value(`worker ${worker}`))}</td>
      </tr>
    `
  );
  const drawing = html`<span class="hidden">What they own, drawn</span>`;
  return table("Workers", ["Worker", "#Partitions", "#Size", drawing, "#At work"], rows);
}

/** The partitions of a worker side by side, the largest first, each as wide as it is large. */
function shareBar(own: readonly Share[], largest: number): Html {
  let at = 0;
  const boxes = [...own].sort((a, b) => b.bytes - a.bytes).slice(0, SEGMENTS_MAX).map(
    ({ name, bytes: size }) => {
      const x = at;
      at += size / largest * WIDTH;
      const width = Math.max(0, at - x - 2).toFixed(1);
      return html`
        <rect class="closed" x="${x.toFixed(1)}" width="${width}" height="${HEIGHT}">
          <title>${name}: ${bytes(size)}</title>
        </rect>
      `;
    },
  );
  return html`
    <svg class="share" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none"
      aria-hidden="true"><rect class="ground" width="${WIDTH}" height="${HEIGHT}"/>${boxes}</svg>
  `;
}

function nothing(wanted: string, isKnown: boolean): Html {
  return isKnown
    ? empty("Nothing on the disk yet", "Segments appear here with the first records.")
    : empty(`There is no topic "${wanted}"`, html`<a href="/storage">Show all topics</a>`);
}

/** What compaction took of all logs since the workers started. */
function compaction({ pulse }: Site): Html | "" {
  const [cleaned, kept] = [pulse.value("cleaned"), pulse.value("kept")];
  if (!(cleaned > 0)) return "";
  return html`
    <p class="words">Compaction went over ${bytes(cleaned)} since the broker started and kept ${bytes(
      kept,
    )}.</p>
  `;
}

async function draw({ view }: Site, topics: readonly TopicDescription[]): Promise<Drawn[]> {
  const all = topics.flatMap(({ name, partitions }) =>
    partitions.map((partition) => ({ topic: name, partition }))
  )
    .filter(({ partition }) => partition.fault === null)
    .sort((a, b) => b.partition.bytes - a.partition.bytes).slice(0, PARTITIONS_MAX);
  const drawn = await Promise.all(all.map(async ({ topic, partition }) => {
    const segments = await view.segments(topic, partition.partition);
    return { topic, partition, segments: "code" in segments ? [] : segments };
  }));
  const order = new Map(topics.map(({ name }, index) => [name, index]));
  return drawn.filter(({ segments }) => segments.length > 0).sort((a, b) =>
    order.get(a.topic)! - order.get(b.topic)! || a.partition.partition - b.partition.partition
  );
}

function legend(drawn: readonly Drawn[]): Html {
  const largest = Math.max(...drawn.map(({ segments }) => sum(segments)), 1);
  return html`
    <p
      class="legend"><span class="mark active"></span>written to <span class="mark closed"></span>closed <span class="mark clean"></span>compacted</p>
    <ul class="strips">${drawn.map((one) => strip(one, largest))}</ul>
  `;
}

function sum(segments: readonly { readonly bytes: number }[]): number {
  return segments.reduce((total, { bytes }) => total + bytes, 0);
}

function strip({ topic, partition, segments }: Drawn, largest: number): Html {
  const total = sum(segments);
  const shown = segments.slice(-SEGMENTS_MAX);
  const name = `${topic}-${partition.partition}`;
  return html`
    <li
      class="strip"><div class="strip-head"><a href="${topicPath(topic)}?partition=${partition
        .partition}" title="${name}">${name}</a>
    <span class="words">${counted(segments.length, "segment")}, ${bytes(total)}, worker ${partition
      .worker}</span></div>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${name}: ${counted(
      segments.length,
      "segment",
    )}, ${bytes(total)}">
    <rect class="ground" width="${WIDTH}" height="${HEIGHT}"/>${boxes(
      shown,
      total,
      total / largest * WIDTH,
    )}</svg>
    ${shown.length < segments.length ? html`<p class="words">The newest ${SEGMENTS_MAX} are drawn.</p>` : ""}
    <details><summary aria-label="Segments of ${name}">Segments</summary>${segmentTable(
      name,
      shown,
    )}</details></li>
  `;
}

/** Side by side, oldest first, each as wide as its share of the bytes. */
function boxes(segments: readonly SegmentView[], total: number, width: number): Html[] {
  const widths = segments.map(({ bytes }) =>
    Math.max(WIDTH_MIN, total === 0 ? width : bytes / total * width)
  );
  const scale = Math.min(1, WIDTH / widths.reduce((all, one) => all + one, 0));
  let at = 0;
  return segments.map((segment, index) => {
    const x = at;
    at += widths[index]! * scale;
    const kind = segment.isActive ? "active" : segment.isClean ? "clean" : "closed";
    return html`
      <rect class="${kind}" x="${x.toFixed(1)}" width="${Math.max(1, at - x - 1.5).toFixed(
        1,
      )}" height="${HEIGHT}">
        <title>${fileName(segment)}: ${bytes(segment.bytes)}</title>
      </rect>
    `;
  });
}

function fileName({ baseOffset }: SegmentView): string {
  return `${String(baseOffset).padStart(20, "0")}.log`;
}

function segmentTable(name: string, segments: readonly SegmentView[]): Html {
  const rows = [...segments].reverse().map((segment) =>
    html`
      <tr>
        <th scope="row"><code>${fileName(segment)}</code></th>
        <td class="number">${count(segment.baseOffset)}</td>
        <td class="number">${count(segment.nextOffset)}</td>
        <td class="number">${bytes(segment.bytes)}</td>
        <td class="number">${bytes(segment.indexBytes)}</td>
        <td>${timeText(segment.maxTimestamp)}</td>
        <td>${segment.isActive ? "written to" : segment.isClean ? "compacted" : "closed"}</td>
      </tr>
    `
  );
  return table(`Segments of ${name}`, [
    "File",
    "#First offset",
    "#Next offset",
    "#Size",
    "#Indexes",
    "Newest record (UTC)",
    "State",
  ], rows);
}
