/**
 * `/metrics` of a broker with many partitions and groups: how long an answer takes
 * over HTTP, how large it is, and what a producer notices while somebody scrapes
 * every second, beside the same producer left alone in the same run. Scrapes are
 * packed, as Prometheus asks for, and plain, in turn. Then what counting costs a
 * request: the bench of the meters, with and without them in turn.
 */
import { benchMeter } from "../micro/meter.ts";
import { pause } from "../groups/bench_member.ts";
import { frameOf, LoadConnection, makeBatch } from "./load.ts";
import { cpuSeconds, inDirectory, memoryMb, runBroker } from "./process.ts";
import { percentile, report } from "./report.ts";

/** Answers are shared for a second. */
const BETWEEN_MS = 1_050;
const PRODUCE_EVERY_MS = 2;

/** What the broker holds: each group reads one topic, all of it. */
interface Load {
  readonly topics: number;
  readonly partitionsPerTopic: number;
  readonly groups: number;
}

/** Measures so many scrapes: a thousand partitions once as many small topics, once as a few large ones. */
export async function benchMetrics(directory: string, small: boolean): Promise<void> {
  const [scrapes, groups] = small ? [2, 5] : [40, 100];
  const loads = small ? [[2, 5]] as const : [[100, 10], [10, 100]] as const;
  for (const [topics, partitionsPerTopic] of loads) {
    await inDirectory(
      directory,
      (folder) => measure(folder, { topics, partitionsPerTopic, groups }, scrapes),
    );
  }
  report("metrics, what counting costs a request", await benchMeter(small ? 5 : 500));
}

async function measure(data: string, load: Load, scrapes: number): Promise<void> {
  const broker = await runBroker(data, [], "off", "127.0.0.1:0");
  const url = `http://${/http=([\d.]+:\d+)/.exec(broker.ready)?.[1]}/metrics`;
  const connection = await LoadConnection.open(broker.port);
  await fill(connection, load);
  const unscraped = memoryMb(broker.pid).now;
  const first = await scrape(url, "gzip");
  const beganS = cpuSeconds(broker.pid);
  const alone = await produceFor(connection, scrapes * BETWEEN_MS);
  const aloneS = cpuSeconds(broker.pid) - beganS;
  const scraping = scrapeOften(url, scrapes);
  const scraped = await produceFor(connection, scrapes * BETWEEN_MS);
  const [packed, plain] = await scraping;
  const scrapedS = cpuSeconds(broker.pid) - beganS - aloneS;
  const { text } = await scrape(url, "identity");
  const { topics, partitionsPerTopic, groups } = load;
  const of = `${topics} topics of ${partitionsPerTopic} partitions`;
  report(`metrics, ${of}, ${groups} groups with ${partitionsPerTopic} offsets each`, {
    scrapeMsMedian: percentile(packed, 0.5),
    scrapeMsMax: packed.at(-1)!,
    plainMsMedian: percentile(plain, 0.5),
    plainMsMax: plain.at(-1)!,
    firstScrapeMs: first.ms,
    cpuMsPerScrape: (scrapedS - aloneS) / scrapes * 1_000,
    series: text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length,
    kilobytes: text.length / 1_000,
    collectMs: Number(/^weir_metrics_collect_seconds (.+)$/m.exec(text)?.[1]) * 1_000,
    produceMsP99Alone: percentile(alone, 0.99),
    produceMsP99Scraped: percentile(scraped, 0.99),
    produceMsMaxAlone: alone.at(-1)!,
    produceMsMaxScraped: scraped.at(-1)!,
    memoryMbBefore: unscraped,
    memoryMb: memoryMb(broker.pid).now,
  });
  connection.close();
  await broker.stop();
}

/** Topics with a batch in each partition, and groups that committed an offset of each partition of a topic. */
async function fill(connection: LoadConnection, load: Load): Promise<void> {
  const partitions = load.partitionsPerTopic;
  const topics = Array.from({ length: load.topics }, (_, topic) => ({ name: `topic-${topic}`, partitions }));
  await connection.ask({ k: "create_topics", topics });
  const { batch } = makeBatch(100, 1_024);
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  for (const { name: topic } of topics) {
    const entries = all.map((partition) => ({ topic, partition, batch }));
    await connection.ask({ k: "produce", acks: 1, entries });
  }
  for (let group = 0; group < load.groups; group++) {
    const topic = `topic-${group % load.topics}`;
    const entries = all.map((partition) => ({ topic, partition, offset: 1, metadata: "" }));
    await connection.ask({ k: "commit_offsets", group: `group-${group}`, entries });
  }
}

type Packing = "gzip" | "identity";

/** Until the last byte; fetch unpacks what is packed. */
async function scrape(url: string, packing: Packing): Promise<{ ms: number; text: string }> {
  const beganMs = performance.now();
  const response = await fetch(url, { headers: { "accept-encoding": packing } });
  const text = await response.text();
  return { ms: performance.now() - beganMs, text };
}

/** How long each scrape took, sorted: the packed ones, and the plain ones. */
async function scrapeOften(url: string, scrapes: number): Promise<[number[], number[]]> {
  const took: [number[], number[]] = [[], []];
  for (let count = 0; count < scrapes; count++) {
    await pause(BETWEEN_MS);
    const isPlain = count % 2;
    took[isPlain]!.push((await scrape(url, isPlain ? "identity" : "gzip")).ms);
  }
  for (const times of took) times.sort((one, other) => one - other);
  return took;
}

/** How long answers to a small produce took, sorted; one every few milliseconds. */
async function produceFor(connection: LoadConnection, durationMs: number): Promise<number[]> {
  const { batch } = makeBatch(100, 1_024);
  const frame = frameOf({
    k: "produce",
    c: 1,
    acks: 1,
    entries: [{ topic: "topic-0", partition: 0, batch }],
  });
  const took: number[] = [];
  for (const endMs = performance.now() + durationMs; performance.now() < endMs;) {
    const beganMs = performance.now();
    await connection.send(frame);
    await connection.next();
    took.push(performance.now() - beganMs);
    await pause(PRODUCE_EVERY_MS);
  }
  return took.sort((one, other) => one - other);
}
