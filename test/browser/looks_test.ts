/**
 * How the console's pages are: accessible, light and dark, on a phone, by keyboard,
 * without a script, small, and harmless in read-only mode. Skipped without Chromium.
 */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import type { Page } from "playwright-core";
import { accessibilityFaults } from "./chromium.ts";
import { because, close, ConsoleFixture } from "./fixture.ts";

const suite = because === "" ? describe : describe.skip;
const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const PAGES = [
  "/",
  "/topics",
  "/new-topic",
  "/topics/orders?partition=0&from=offset&at=0",
  "/topics/orders/partitions",
  "/topics/orders/settings",
  "/topics/orders/produce",
  "/topics/orders/delete",
  "/topics/orders/trim?partition=0",
  "/groups",
  "/group?id=shipping",
  "/group/reset?id=shipping&to=earliest",
  "/group/delete?id=shipping",
  "/storage",
  "/clients",
  "/settings",
];

const WRONG = [
  "/topics/orders?from=offset&at=soon",
  "/group/reset?id=shipping&to=shift&at=x",
  "/topics/missing",
  "/nothing",
];

/** Waits for charts, and opens the first of what can be opened. */
async function unfold(page: Page): Promise<void> {
  if (await page.locator("[data-chart]").count() > 0) await page.locator(".plot canvas").first().waitFor();
  const folded = await page.locator("main details > summary").all();
  for (const summary of folded.slice(0, 2)) await summary.click();
}

suite(`pages of the console${because}`, () => {
  let console: ConsoleFixture;

  beforeAll(async () => {
    console = await ConsoleFixture.start();
    await console.broker.createTopic("orders", 2);
    await console.broker.produce("orders", Array.from({ length: 40 }, (_, index) => `{"order": ${index}}`));
    await console.consume("shipping", 40);
    await console.broker.produce("orders", ["one", "more"]);
  });

  afterAll(() => console?.stop());

  it("reads without JavaScript: numbers, records, segments, a reset's preview", async () => {
    const page = await console.open("/topics/orders?partition=0&from=offset&at=0&limit=25", {
      javaScriptEnabled: false,
    });
    assert.equal(await page.locator("#results li").count(), 25);
    await page.goto(`${console.broker.url}/group/reset?id=shipping&to=earliest`);
    assert.match(await page.locator("main").innerText(), /What would change/);
    await page.goto(`${console.broker.url}/storage`);
    assert.ok(await page.locator(".strip rect.active").count() > 0);
    await close(page);
  });

  it("switches the theme and keeps it for the next page", async () => {
    const page = await console.open("/");
    const ground = () => page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
    const light = await ground();
    await page.getByRole("button", { name: "Theme: auto" }).click();
    await page.getByRole("button", { name: "Theme: light" }).click();
    await page.getByRole("button", { name: "Theme: dark" }).waitFor();
    assert.notEqual(await ground(), light);
    await page.goto(`${console.broker.url}/topics`);
    assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
    await close(page);
  });

  it("is reached by keyboard: the first stop leads to the content, the menu follows", async () => {
    const page = await console.open("/topics/orders");
    const focused = () => page.evaluate("document.activeElement.textContent.trim()");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "To the content");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Weir");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Overview");
    await page.locator("#results summary").first().focus();
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#results details").first().getAttribute("open"), "");
    await close(page);
  });

  it("first page weighs less than 100 KB, heads of its answers included", async () => {
    const page = await console.open("/");
    await page.waitForLoadState("networkidle");
    const bytes = await page.evaluate(
      "['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type))" +
        ".reduce((sum, { transferSize }) => sum + transferSize, 0)",
    ) as number;
    assert.ok(bytes > 50_000 && bytes < 100_000, `${bytes} bytes`);
    await close(page);
  });

  it("knows every number of the overview", async () => {
    const page = await console.open("/");
    assert.ok(await page.locator(".tile .value").count() >= 6);
    await page.locator(".tile [data-live]", { hasText: /^–$/ }).first().waitFor({ state: "detached" });
    for (const name of ["Throughput", "Lag", "Workers", "Disk"]) {
      await page.locator(`.plot[aria-label^="${name} over time: "] canvas`).waitFor();
    }
    await close(page);
  });

  it("shows where the keyboard is at every stop of a page", async () => {
    const page = await console.open("/topics/orders/settings");
    const stops = new Set<string>();
    for (let stop = 0; stop < 25; stop++) {
      await page.keyboard.press("Tab");
      const [name, outline] = await page.evaluate(
        `(({ activeElement }) => [activeElement.outerHTML.slice(0, 80), getComputedStyle(activeElement).outlineStyle])(document)`,
      ) as [string, string];
      assert.notEqual(outline, "none", name);
      stops.add(name);
    }
    assert.ok(stops.size >= 20, `${stops.size} stops`);
    await close(page);
  });

  it("moves nothing where less motion is wanted", async () => {
    const animation = async (reducedMotion: "reduce" | "no-preference") => {
      const page = await console.open("/topics/orders", { reducedMotion });
      await page.getByRole("button", { name: "Follow live" }).click();
      await page.getByText("Following.").waitFor();
      await console.broker.produce("orders", ["moving"]);
      await page.locator("#tail-records li").waitFor();
      const name = await page.evaluate("getComputedStyle(document.querySelector('.fresh')).animationName");
      await close(page);
      return name;
    };
    assert.deepEqual([await animation("no-preference"), await animation("reduce")], ["fresh", "none"]);
  });

  for (const colorScheme of ["light", "dark"] as const) {
    for (const viewport of [DESK, PHONE]) {
      it(`pages have no serious accessibility fault and fit, ${colorScheme}, ${viewport.width} pixels`, async () => {
        const page = await console.open("/", { colorScheme, viewport });
        for (const path of [...PAGES, ...WRONG]) {
          const told = console.watch.errors.length;
          await page.goto(console.broker.url + path);
          // What is refused is answered 400 or 404, which the browser's console tells as an error.
          if (WRONG.includes(path)) console.watch.errors.length = told;
          await unfold(page);
          assert.deepEqual(await accessibilityFaults(page), []);
          assert.equal(await page.evaluate("document.documentElement.scrollWidth"), viewport.width, path);
        }
        await close(page);
      });
    }
  }

  it("a live tail has no serious accessibility fault", async () => {
    const page = await console.open("/topics/orders", { colorScheme: "dark" });
    await page.getByRole("button", { name: "Follow live" }).click();
    await page.getByText("Following.").waitFor();
    await console.broker.produce("orders", ['{"live": 1}']);
    await page.locator("#tail-records summary").first().click();
    assert.deepEqual(await accessibilityFaults(page), []);
    await close(page);
  });

  it("pages gave no console error and asked no other host", () => {
    assert.deepEqual(console.watch.errors, []);
    assert.deepEqual(console.watch.strangers, []);
  });
});

suite(`console in read-only mode${because}`, () => {
  let console: ConsoleFixture;

  beforeAll(async () => {
    console = await ConsoleFixture.start({ settings: { "console.mode": "read-only" } });
    await console.client.admin.createTopic("orders", { partitions: 1 });
    await using producer = console.client.producer();
    for (const value of ["one", "two"]) await producer.send("orders", { value });
    await console.consume("shipping", 2);
  });

  afterAll(() => console?.stop());

  it("shows no form that changes something, nor a link to one", async () => {
    const page = await console.open("/");
    for (const path of PAGES) {
      await page.goto(console.broker.url + path);
      assert.equal(await page.locator('form[method="post"]').count(), 0, path);
      const links = page.locator(
        "main a.danger, main a[href$='/produce'], main a[href='/new-topic'], main a[href*='/trim']",
      );
      assert.equal(await links.count(), 0, path);
      assert.equal(await page.locator(".badge", { hasText: "read-only" }).count(), 1, path);
    }
    await close(page);
  });

  it("refuses every form that is posted all the same", async () => {
    const id = "id=shipping";
    const forms = [
      ["/new-topic", "name=sneaked&partitions=1"],
      ["/topics/orders/partitions", "partitions=5"],
      ["/topics/orders/settings", "name=retention.ms&value=1&sure=1"],
      ["/topics/orders/produce", "value=sneaked"],
      ["/topics/orders/delete", "name=orders"],
      ["/topics/orders/trim?partition=0", "before=1"],
      [`/group/reset?${id}`, 'moves=[["orders",0,0]]'],
      [`/group/delete?${id}`, id],
    ] as const;
    for (const [path, form] of forms) {
      const posted = await console.broker.ask(path, { method: "POST", body: new URLSearchParams(form) });
      assert.equal(posted.status, 403, path);
    }
    const told = await console.broker.ask("/topics/orders/records");
    assert.equal(told.json.records.length, 2);
  });
});
