/** The first page: what flows, what waits, what it lies on, and who works, all live. */
import { html } from "hono/html";
import { groupPath } from "./group_facts.ts";
import {
  chart,
  empty,
  heading,
  type Html,
  mayChange,
  type PageContext,
  show,
  type Site,
  table,
  tile,
} from "./layout.ts";
import { numberOf, overviewNumbers } from "./live.ts";
import { topicPath } from "./topics.ts";
import { count, counted, duration, UNKNOWN } from "./words.ts";

const LINES_MAX = 5;

/** A number, and beside it a smaller one, where `#` stands in the words. */
const TILES: readonly (readonly [name: string, live: string, besides: string, words: string])[] = [
  ["Records in", "records", "bytesIn", "# written"],
  ["Bytes out", "bytesOut", "requests", "requests #"],
  ["Lag of all groups", "lag", "", "records still to be read"],
  ["Data", "data", "diskFree", "# free on disk"],
  ["Busiest worker", "busiest", "memory", "# of memory"],
  ["Connections", "connections", "waiters", "# waiting for records"],
];

export async function overview(site: Site, context: PageContext): Promise<Response> {
  const { view, pulse } = site;
  await pulse.look();
  const numbers = overviewNumbers(pulse);
  const hasTopics = [...view.image().topics.values()].some(({ internal }) => !internal);
  const tiles = TILES.map(([name, live, besides, words]) =>
    tile(name, numbers[live]!, live, besides === "" ? words : beside(besides, numbers, words))
  );
  const body = html`${heading("Overview")}
<p class="words lead">${standing(site)}</p>
<dl class="tiles">${tiles}</dl>
${hasTopics ? "" : start(site)}
<div class="grid two">
${chart("bytes", "Throughput", "bytes", "Bytes written and read each second")}
${chart("lag", "Lag", "count", "Records each group has still to read")}
${chart("workers", "Workers", "share", "Share of the time each is at work")}
${chart("data", "Disk", "bytes", "Bytes of all segments")}
</div>
${hasTopics ? html`<div class="grid two">${busiest(site)}${behind(site)}</div>` : ""}`;
  return await show(site, context, { title: "Overview", section: "Overview", body, scripts: ["charts.js"] });
}

function beside(live: string, numbers: Readonly<Record<string, string>>, words: string): Html | string {
  if (live === "diskFree" && numbers[live] === UNKNOWN) return "in memory alone";
  const [before = "", after = ""] = words.split("#");
  return html`${before}<span data-live="${live}">${numbers[live]!}</span>${after}`;
}

/** How long the broker is up, and where it can be reached. */
function standing({ view, pulse }: Site): Html {
  const { kafka, native } = view.identity.addresses;
  const doors = [["Kafka", kafka], ["native", native]].filter(([, address]) => address !== null);
  const places = doors.map(([name, address]) =>
    html`
      · ${name} <code>${address}</code>
    `
  );
  const uptime = duration(pulse.value("uptime") * 1_000);
  return html`Up <span data-live="uptime">${uptime}</span>${places}`;
}

function start(site: Site): Html {
  const { kafka } = site.view.identity.addresses;
  return empty(
    "No topic yet",
    html`${
      mayChange(site) ? html`<a class="button" href="/new-topic">Create a topic</a>, or point` : "Point"
    } any Kafka client at <code>${
      kafka ?? "the native door"
    }</code>: producing to a topic makes it where <code>auto.create.topics.enable</code> allows that.`,
  );
}

function busiest({ view, pulse }: Site): Html {
  const ranked = pulse.ranked("topic ").filter(([name]) => view.image().topics.get(name)?.internal === false);
  const rates = ranked.length > 0
    ? ranked.slice(0, LINES_MAX).map(([name]) => name)
    : [...view.image().topics.values()].filter(({ internal }) => !internal).slice(0, LINES_MAX)
      .map(({ name }) => name);
  const rows = rates.map((name) => {
    const partitions = view.image().topics.get(name)?.partitions.length ?? 0;
    return html`
      <tr>
        <th scope="row"><a href="${topicPath(name)}">${name}</a></th>
        <td class="number">${count(partitions)}</td>
        <td class="number" data-live="topic ${name}">${numberOf(pulse, `topic ${name}`)}</td>
      </tr>
    `;
  });
  return html`<section class="card"><h2>Busiest topics</h2>${
    table("Busiest topics", ["Topic", "#Partitions", "#Records in"], rows)
  }<p><a href="/topics">All topics</a></p></section>`;
}

function behind({ pulse }: Site): Html {
  const groups = pulse.ranked("lag ");
  if (groups.length === 0) {
    return html`<section class="card"><h2>Furthest behind</h2>${
      empty("No group has committed an offset yet", "A consumer with a group id shows up here with its lag.")
    }</section>`;
  }
  const rows = groups.slice(0, LINES_MAX).map(([group, lag]) =>
    html`
      <tr>
        <th scope="row"><a href="${groupPath(group)}">${group}</a></th>
        <td class="number" data-live="lag ${group}">${count(lag)}</td>
      </tr>
    `
  );
  return html`<section class="card"><h2>Furthest behind</h2>${
    table("Groups furthest behind", ["Group", "#Lag"], rows)
  }<p><a href="/groups">${counted(groups.length, "group")}</a></p></section>`;
}
