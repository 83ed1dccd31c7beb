/**
 * Settings changed in the console take effect, and the storage page tells truly what lies on the disk:
 * which segments compaction went over, and what it took. Skipped without Chromium.
 */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { because, close, ConsoleFixture } from "./fixture.ts";

const suite = because === "" ? describe : describe.skip;

suite(`storage in the console${because}`, () => {
  let console: ConsoleFixture;

  beforeAll(async () => {
    console = await ConsoleFixture.start({ settings: { "log.cleaner.backoff.ms": "100" } });
    await console.broker.createTopic("customers", 1, { "segment.bytes": "1048576" });
    await using producer = console.client.producer();
    const value = "x".repeat(10_000);
    for (let round = 0; round < 25; round++) {
      const sent = Array.from(
        { length: 10 },
        (_, key) => producer.send("customers", { key: `c${key}`, value }),
      );
      await Promise.all(sent);
    }
  });

  afterAll(() => console?.stop());

  it("draws closed segments as compacted once a policy set in the console had them compacted", async () => {
    const page = await console.open("/storage?topic=customers");
    const closed = await page.locator(".strip rect.closed").count();
    assert.ok(closed >= 2, `${closed} closed segments`);
    assert.equal(await page.locator(".strip rect.clean").count(), 0);
    await page.goto(`${console.broker.url}/topics/customers/settings`);
    await page.getByLabel("Change cleanup.policy").click();
    await page.getByLabel("New value of cleanup.policy").fill("compact");
    await page.getByRole("button", { name: "Save" }).and(page.locator(":visible")).click();
    await page.getByRole("button", { name: "Change it" }).click();
    await page.getByText("The setting was changed.").waitFor();
    for (let look = 0; look < 200 && await page.locator(".strip rect.clean").count() === 0; look++) {
      await page.goto(`${console.broker.url}/storage?topic=customers`);
    }
    assert.equal(await page.locator(".strip rect.closed").count(), 0);
    assert.equal(await page.locator(".strip rect.active").count(), 1);
    await page.getByText("Segments", { exact: true }).last().click();
    const states = await page.locator(".strip tbody td:last-child").allInnerTexts();
    assert.equal(states[0], "written to");
    assert.ok(states.slice(1).every((state) => state === "compacted"), states.join());
    await close(page);
  });

  it("says what compaction went over and what it kept", async () => {
    const page = await console.open("/topics/customers/partitions");
    await page.getByText("those that compaction took still count").waitFor();
    await page.getByRole("link", { name: "See its segments" }).click();
    const told = page.getByText(
      /Compaction went over [\d.]+ MiB since the broker started and kept [\d.]+ (KiB|MiB)/,
    );
    // Readings come every two seconds: the cleaning may be newer than the last.
    for (let look = 0; look < 100 && await told.count() === 0; look++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await page.reload();
    }
    assert.equal(await told.count(), 1);
    await close(page);
  });

  it("pages gave no console error and asked no other host", () => {
    assert.deepEqual(console.watch.errors, []);
    assert.deepEqual(console.watch.strangers, []);
  });
});
