/**
 * Takes the README's pictures of the console: a broker with a shop's records on
 * it, a minute of load, then each page as it stands. `deno task screenshots`.
 */
import type { Browser } from "playwright-core";
import { startBroker } from "../../../src/broker.ts";
import { findChromium, launch } from "../chromium.ts";
import { fillShop, openShop, serveShop, trade } from "./shop.ts";

const HERE = new URL("./", import.meta.url).pathname;
const LOAD_MS = 110_000;
const BYTES_MAX = 70_000;
const DESK = { width: 1200, height: 760 };
const TALL = { width: 1200, height: 930 };
const PHONE = { width: 390, height: 760 };

/** One page as it is taken: what of it is opened first, and how far it is scrolled. */
interface Picture {
  readonly name: string;
  readonly path: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: "light" | "dark";
  readonly open?: string;
  readonly top?: number;
}

const PICTURES: readonly Picture[] = [
  { name: "overview", path: "/", viewport: TALL, colorScheme: "light" },
  { name: "phone", path: "/", viewport: PHONE, colorScheme: "dark" },
  { name: "group", path: "/group?id=shipping", viewport: DESK, colorScheme: "dark" },
  { name: "storage", path: "/storage", viewport: TALL, colorScheme: "light", top: 440 },
  {
    name: "messages",
    path: "/topics/orders?find=TEAPOT&in=value&limit=25",
    viewport: DESK,
    colorScheme: "light",
    open: "#results summary",
    top: 300,
  },
  { name: "settings", path: "/topics/customers/settings", viewport: DESK, colorScheme: "dark" },
];

async function main(): Promise<void> {
  const program = findChromium();
  if (program === null) throw new Error("Chromium is not installed");
  const data = await Deno.makeTempDir({ prefix: "weir-shop-" });
  const settings = { "log.segment.bytes": "1048576", "log.cleaner.backoff.ms": "1000" };
  await using broker = await startBroker({ data, settings });
  const writers = await openShop(broker);
  await fillShop(writers);
  const browser = await launch(program);
  serveShop(broker);
  const load = trade(writers, LOAD_MS);
  // What was filled in is read by then, and does not dwarf the rest in the charts.
  await new Promise((resolve) => setTimeout(resolve, 25_000));
  await fetch(`http://${broker.http}/`).then((response) => response.text());
  await load;
  for (const picture of PICTURES) await take(browser, broker.http, picture);
  await browser.close();
  await Deno.remove(data, { recursive: true });
  Deno.exit(0);
}

async function take(browser: Browser, http: string, picture: Picture): Promise<void> {
  const { name, path, viewport, colorScheme, open, top = 0 } = picture;
  const page = await browser.newPage({ viewport, colorScheme });
  await page.goto(`http://${http}${path}`);
  await page.waitForTimeout(2_500);
  if (open !== undefined) await page.locator(open).nth(1).click();
  await page.evaluate(`scrollTo(0, ${top})`);
  const session = await page.context().newCDPSession(page);
  for (let quality = 90; quality > 20; quality -= 10) {
    const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality });
    const bytes = Uint8Array.fromBase64(data);
    await Deno.writeFile(`${HERE}${name}.webp`, bytes);
    if (bytes.length <= BYTES_MAX) break;
  }
  await page.close();
}

await main();
