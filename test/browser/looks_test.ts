/**
 * How the console's pages are: accessible, light and dark, on a phone, by keyboard,
 * without a script, small, and harmless in read-only mode. Skipped without Chromium.
 */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { accessibilityFaults } from "./chromium.ts";
import { because, close, ConsoleFixture } from "./fixture.ts";

const suite = because === "" ? describe : describe.skip;
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

  for (const colorScheme of ["light", "dark"] as const) {
    it(`pages have no serious accessibility fault, ${colorScheme}`, async () => {
      const page = await console.open("/", { colorScheme });
      for (const path of PAGES) {
        await page.goto(console.broker.url + path);
        if (await page.locator("[data-chart]").count() > 0) {
          await page.locator(".plot canvas").first().waitFor();
        }
        for (
          const details of await page.locator("main details > summary").all().then((all) => all.slice(0, 2))
        ) {
          await details.click();
        }
        assert.deepEqual(await accessibilityFaults(page), []);
      }
      await close(page);
    });
  }

  it("pages fit a phone: none is wider than 390 pixels", async () => {
    const page = await console.open("/", { viewport: PHONE });
    for (const path of PAGES) {
      await page.goto(console.broker.url + path);
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), PHONE.width, path);
    }
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
  });

  afterAll(() => console?.stop());

  it("shows no form that changes something, and refuses one that is posted all the same", async () => {
    const page = await console.open("/");
    const paths = [
      "/",
      "/topics",
      "/new-topic",
      "/topics/orders",
      "/topics/orders/settings",
      "/topics/orders/delete",
    ];
    for (const path of paths) {
      await page.goto(console.broker.url + path);
      assert.equal(await page.locator('form[method="post"]').count(), 0, path);
      assert.equal(await page.locator(".badge", { hasText: "read-only" }).count(), 1, path);
    }
    const posted = await console.broker.ask("/topics/orders/delete", {
      method: "POST",
      body: new URLSearchParams("name=orders"),
    });
    assert.equal(posted.status, 403);
  });
});
