/**
 * Hundreds of topics, groups and partitions: tables come in pages, menus give way to fields, lag is told of
 * every group, and long names push nothing aside. Skipped without Chromium.
 */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { because, close, ConsoleFixture } from "./fixture.ts";

const suite = because === "" ? describe : describe.skip;
const LONG = "customer-events.".repeat(16).slice(0, 249);
const GROUPS = 700;

suite(`console of many${because}`, () => {
  let console: ConsoleFixture;

  beforeAll(async () => {
    console = await ConsoleFixture.start();
    const { client, broker } = console;
    await client.admin.createTopic("wide", { partitions: 130 });
    await client.admin.createTopic(LONG, { partitions: 2 });
    const small = Array.from({ length: 118 }, (_, index) => `small-${String(index).padStart(3, "0")}`);
    await Promise.all(small.map((name) => client.admin.createTopic(name, { partitions: 1 })));
    await broker.produce("wide", ["one", "two", "three"], 129);
    const commit = (index: number) =>
      client.admin.alterGroupOffsets(`group-${String(index).padStart(3, "0")}`, [
        { topic: "wide", partition: 129, offset: index % 3 },
      ]);
    await Promise.all(Array.from({ length: GROUPS }, (_, index) => commit(index)));
    const all = Array.from({ length: 130 }, (_, partition) => ({ topic: "wide", partition, offset: 0 }));
    await client.admin.alterGroupOffsets(`${LONG}-group`, all);
  });

  afterAll(() => console?.stop());

  it("shows topics a hundred a page, and finds one by its name", async () => {
    const page = await console.open("/topics");
    const rows = page.locator("tbody tr");
    assert.equal(await rows.count(), 100);
    await page.getByRole("link", { name: "Next" }).click();
    await page.getByText("Page 2 of 2").waitFor();
    assert.match(await page.locator(".foot").innerText(), /101 to 12\d of 12\d topics/);
    await page.getByLabel("Find a topic").fill("small-117");
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByText("1 topic", { exact: true }).waitFor();
    assert.equal(await rows.count(), 1);
    await close(page);
  });

  it("tells the lag of each group on every page, and renews it", async () => {
    const page = await console.open("/groups?page=7");
    const lag = page.locator('[data-live="lag group-698"]');
    assert.equal(await lag.innerText(), "1");
    await console.broker.produce("wide", ["four"], 129);
    await page.locator('[data-live="lag group-698"]', { hasText: /^2$/ }).waitFor();
    await page.goto(`${console.broker.url}/group?id=group-699`);
    await page.locator(".plot canvas").waitFor();
    await close(page);
  });

  it("shows partitions in pages whose numbers are live, and lets one type which to read", async () => {
    const page = await console.open("/topics/wide/partitions?page=2");
    assert.equal(await page.locator("tbody tr").count(), 30);
    const end = page.locator('[data-live="partition 129 end"]');
    const before = Number(await end.innerText());
    await console.broker.produce("wide", ["five"], 129);
    await page.locator('[data-live="partition 129 end"]', { hasText: new RegExp(`^${before + 1}$`) })
      .waitFor();
    await page.goto(`${console.broker.url}/topics/wide`);
    await page.getByLabel("Partition", { exact: true }).fill("129");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.waitForURL(/partition=129/);
    assert.equal(await page.locator("#results li").count(), before + 1);
    await close(page);
  });

  it("shows a group's partitions in pages, and previews a reset of all of them", async () => {
    const page = await console.open(`/group?id=${LONG}-group`);
    assert.equal(await page.locator("section, .scroll").first().locator("tbody tr").count(), 100);
    await page.getByRole("link", { name: "Reset offsets" }).click();
    await page.locator("select[name=to]").selectOption("latest");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByText("What would change").waitFor();
    assert.equal(
      await page.getByRole("region", { name: "Preview of the reset" }).locator("tbody tr").count(),
      130,
    );
    await close(page);
  });

  for (const width of [390, 1440]) {
    it(`keeps long names within a page of ${width} pixels`, async () => {
      const page = await console.open("/", { viewport: { width, height: 900 } });
      const paths = [
        "/",
        `/topics?find=${LONG}`,
        `/topics/${LONG}`,
        `/topics/${LONG}/partitions`,
        `/topics/${LONG}/settings`,
        `/topics/${LONG}/delete`,
        "/groups?find=customer",
        `/group?id=${LONG}-group`,
        `/group/reset?id=${LONG}-group&to=earliest`,
        `/group/delete?id=${LONG}-group`,
        `/storage?topic=${LONG}`,
        "/clients",
      ];
      for (const path of paths) {
        await page.goto(console.broker.url + path);
        assert.equal(await page.evaluate("document.documentElement.scrollWidth"), width, path);
      }
      await close(page);
    });
  }

  it("pages gave no console error and asked no other host", () => {
    assert.deepEqual(console.watch.errors, []);
    assert.deepEqual(console.watch.strangers, []);
  });
});
