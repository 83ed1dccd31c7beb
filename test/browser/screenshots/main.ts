/**
 * Takes the README's pictures of the console: a broker with a shop's records on
 * it, a minute of load, then each page as it stands. `deno task screenshots`.
 */
import { connect } from "weir";
import type { Browser } from "playwright-core";
import { startBroker } from "../../../src/broker.ts";
import { findChromium, launch } from "../chromium.ts";

const HERE = new URL("./", import.meta.url).pathname;
const LOAD_MS = 100_000;
const PERIOD_MS = 250;
const DESK = { width: 1200, height: 760 };
const PHONE = { width: 390, height: 760 };

const PICTURES = [
  { name: "overview", path: "/", viewport: DESK, colorScheme: "light", open: "" },
  { name: "phone", path: "/", viewport: PHONE, colorScheme: "dark", open: "" },
  { name: "group", path: "/group?id=shipping", viewport: DESK, colorScheme: "dark", open: "" },
  { name: "storage", path: "/storage", viewport: DESK, colorScheme: "light", open: "" },
  {
    name: "messages",
    path: "/topics/orders?find=A-7&in=value&limit=25",
    viewport: DESK,
    colorScheme: "light",
    open: "#results summary",
  },
] as const;

type Client = Awaited<ReturnType<typeof connect>>;

async function main(): Promise<void> {
  const program = findChromium();
  if (program === null) throw new Error("Chromium is not installed");
  const data = await Deno.makeTempDir();
  await using broker = await startBroker({ data, settings: { "log.segment.bytes": "1048576" } });
  await using client = await connect(broker.native);
  for (const [name, partitions] of [["orders", 3], ["payments", 2], ["clicks", 4]] as const) {
    await client.admin.createTopic(name, { partitions });
  }
  await fill(client);
  const browser = await launch(program);
  const load = loadFor(client, LOAD_MS);
  // What was filled in is read by then, and does not dwarf the rest in the charts.
  await new Promise((resolve) => setTimeout(resolve, 25_000));
  await fetch(`http://${broker.http}/`).then((response) => response.text());
  await load;
  for (const picture of PICTURES) await take(browser, broker.http, picture);
  await browser.close();
  await Deno.remove(data, { recursive: true });
  Deno.exit(0);
}

/** Some segments to be drawn. */
async function fill(client: Client): Promise<void> {
  await using producer = client.producer({ acks: 1 });
  for (let round = 0; round < 40; round++) {
    const all = Array.from({ length: 200 }, (_, index) => {
      const value = `GET /products/${index} 200 ${"-".repeat(1_200 + index % 7 * 100)}`;
      return producer.send("clicks", { key: `visit_${(round * 200 + index) ** 2 % 89}`, value });
    });
    await Promise.all(all);
  }
}

/** Writes in waves while two groups read, one of them too slowly in between. */
async function loadFor(client: Client, loadMs: number): Promise<void> {
  const producer = client.producer({ acks: 1 });
  const beganMs = Date.now();
  const isSlow = () => (Date.now() - beganMs) % 30_000 < 16_000;
  void read(client, "shipping", "orders", () => isSlow() ? 30 : 0);
  void read(client, "clickstream", "clicks", () => 1);
  for (let order = 100_000; Date.now() - beganMs < loadMs;) {
    const wave = 20 + Math.round(14 * Math.sin((Date.now() - beganMs) / 6_000));
    for (let count = 0; count < wave; count++) await write(producer, order++);
    await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
  }
  // They go on while the pictures are taken.
  void (async () => {
    for (let order = 900_000;; order++) {
      await write(producer, order);
      await new Promise((resolve) => setTimeout(resolve, 12));
    }
  })();
}

async function write(producer: ReturnType<Client["producer"]>, order: number): Promise<void> {
  const user = `user_${order % 97}`;
  const value = {
    order,
    customer: user,
    amount: order * 37 % 9_000 / 100,
    items: [{ sku: `A-${order % 12}`, count: 1 + order % 3 }],
  };
  await Promise.all([
    producer.send("orders", {
      key: user,
      value: JSON.stringify(value),
      headers: { source: order % 2 === 0 ? "web" : "app" },
    }),
    producer.send("clicks", { value: `GET /products/${order % 300} 200 ${"-".repeat(180)}` }),
    ...(order % 3 === 0
      ? [producer.send("payments", { key: `p${order}`, value: `{"order":${order}}` })]
      : []),
  ]);
}

async function read(client: Client, group: string, topic: string, pauseMs: () => number): Promise<void> {
  for await (const _ of client.consumer({ group, topics: [topic], from: "earliest" })) {
    const ms = pauseMs();
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  }
}

async function take(browser: Browser, http: string, picture: typeof PICTURES[number]): Promise<void> {
  const { name, path, viewport, colorScheme, open } = picture;
  const page = await browser.newPage({ viewport, colorScheme });
  await page.goto(`http://${http}${path}`);
  await page.waitForTimeout(2_500);
  if (open !== "") await page.locator(open).nth(1).click();
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 90 });
  await Deno.writeFile(`${HERE}${name}.webp`, Uint8Array.fromBase64(data));
  await page.close();
}

await main();
