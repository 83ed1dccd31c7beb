/**
 * What an operator does in the console, in a real browser and on a real broker:
 * from the first topic to the reset of a group. Skipped without Chromium.
 */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { because, close, ConsoleFixture } from "./fixture.ts";

const suite = because === "" ? describe : describe.skip;

suite(`console in a browser${because}`, () => {
  let console: ConsoleFixture;

  beforeAll(async () => {
    console = await ConsoleFixture.start();
  });

  afterAll(() => console?.stop());

  it("says on a broker without topics what to do next", async () => {
    const page = await console.open("/");
    assert.match(await page.locator("main").innerText(), /No topic yet/);
    await page.getByRole("link", { name: "Create a topic" }).click();
    assert.equal(await page.locator("h1").innerText(), "Create a topic");
    await close(page);
  });

  it("creates a topic, and keeps the form and says why where the name is not allowed", async () => {
    const page = await console.open("/new-topic");
    await page.getByLabel("Name").fill("no spaces");
    await page.getByLabel("Partitions").fill("2");
    await console.refused(page, () => page.getByRole("button", { name: "Create" }).click());
    assert.equal(await page.getByLabel("Name").inputValue(), "no spaces");
    await page.getByLabel("Name").fill("orders");
    await page.getByRole("button", { name: "Create" }).click();
    assert.equal(await page.getByRole("status").first().innerText(), "The topic was created.");
    assert.equal(await page.locator("h1").innerText(), "orders");
    await close(page);
  });

  it("produces a record with key, headers and value, and shows it where it was written", async () => {
    const page = await console.open("/topics/orders/produce");
    await page.getByLabel("Key", { exact: true }).fill("user_456");
    await page.getByLabel("Headers").fill("source: web\ntrace: 4bf92f");
    await page.getByLabel("Value", { exact: true }).fill('{"order": 12345678901234567890, "sku": "A-7"}');
    await page.getByRole("button", { name: "Produce" }).click();
    const row = page.locator("#results li");
    await row.locator("summary").click();
    const text = await row.innerText();
    for (const wanted of ["user_456", "source", "web", '"order": 12345678901234567890']) {
      assert.ok(text.includes(wanted), text);
    }
    await close(page);
  });

  it("finds one record among others by its key, by its value, by a header", async () => {
    await console.broker.produce("orders", Array.from({ length: 120 }, (_, index) => `plain ${index}`));
    const page = await console.open("/topics/orders");
    for (const [text, place] of [["USER_456", "key"], ["a-7", "value"], ["trace: 4bf", "header"]] as const) {
      await page.getByLabel("Find").fill(text);
      await page.getByLabel("Where").selectOption(place);
      await page.getByRole("button", { name: "Show", exact: true }).click();
      await page.waitForURL(new RegExp(`in=${place}`));
      const rows = await page.locator("#results li summary").allInnerTexts();
      assert.equal(rows.length, 1, `${text} in ${place}: ${rows.join("\n")}`);
      assert.match(rows[0]!, /user_456/);
    }
    await page.getByLabel("Find").fill("nowhere to be found");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.getByText("No record has").waitFor();
    await close(page);
  });

  it("seeks by offset and by time, and goes on to older and newer records", async () => {
    const page = await console.open("/topics/orders?partition=0&from=offset&at=10&limit=25");
    const offsets = async () => await page.locator("#results .offset").allInnerTexts();
    assert.deepEqual([(await offsets()).at(0), (await offsets()).at(-1)], ["0:10", "0:34"]);
    await page.getByRole("link", { name: "Newer" }).click();
    await page.waitForURL(/positions=/);
    assert.equal((await offsets()).at(0), "0:35");
    await page.goto(`${console.broker.url}/topics/orders?from=time&at=2100-01-01T00:00Z`);
    await page.getByText("No record here").waitFor();
    await close(page);
  });

  it("shows bytes as hex, and msgpack as JSON", async () => {
    await console.broker.createTopic("packed");
    const data = new Uint8Array([0x81, 0xa2, 105, 100, 0xcf, 0, 0x20, 0, 0, 0, 0, 0, 1]).toBase64();
    await console.broker.ask("~/topics/packed/records", { json: { value: { type: "BINARY", data } } });
    const page = await console.open("/topics/packed?form=msgpack");
    assert.match(await page.locator("#results .line-value").innerText(), /^\{"id":9007199254740993\}$/);
    await page.getByRole("button", { name: "Follow live" }).click();
    await page.getByText("Following.").waitFor();
    await console.broker.ask("~/topics/packed/records", { json: { value: { type: "BINARY", data } } });
    await page.locator("#tail-records .line-value", { hasText: '{"id":9007199254740993}' }).waitFor();
    await page.goto(`${console.broker.url}/topics/packed?form=hex`);
    assert.match(
      await page.locator("#results .line-value").first().innerText(),
      /^81a26964cf0020000000000001$/,
    );
    await close(page);
  });

  it("follows records live: rows come as they are written, until it is told to stop", async () => {
    const page = await console.open("/topics/orders");
    await page.getByRole("button", { name: "Follow live" }).click();
    await page.getByText("Following.").waitFor();
    await console.broker.produce("orders", ["live one"], 1);
    await page.locator("#tail-records li", { hasText: "live one" }).waitFor();
    await console.broker.produce("orders", ["live two"], 0);
    await page.locator("#tail-records li", { hasText: "live two" }).waitFor();
    assert.match(await page.locator("#tail-records li").first().innerText(), /live two/);
    await page.getByRole("button", { name: "Stop following" }).click();
    await console.broker.produce("orders", ["unseen"], 0);
    await page.getByRole("button", { name: "Follow live" }).click();
    await page.getByText("Following.").waitFor();
    assert.equal(await page.locator("#tail-records li").count(), 2);
    await close(page);
  });

  it("leaves what records hold as text, in the list and in the live tail", async () => {
    const evil = '<img src="x" onerror="alert(1)"><script>alert(2)</script>';
    await console.broker.createTopic("evil");
    await console.broker.produce("evil", [evil]);
    const page = await console.open("/topics/evil");
    assert.equal(await page.locator("#results .line-value").innerText(), evil);
    await page.getByRole("button", { name: "Follow live" }).click();
    await page.getByText("Following.").waitFor();
    await console.broker.produce("evil", [`again ${evil}`]);
    const row = page.locator("#tail-records .line-value");
    await row.waitFor();
    assert.equal(await row.innerText(), `again ${evil}`);
    assert.equal(await page.locator("main img, main script").count(), 0);
    await close(page);
  });

  it("shows a group's lag grow and fall while one looks", async () => {
    const ends = await console.broker.ask("/topics/orders/records?limit=1000");
    await console.consume("shipping", ends.json.records.length);
    const page = await console.open("/group?id=shipping");
    const lag = page.locator('[data-live="group lag"]');
    assert.equal(await lag.innerText(), "0");
    await console.broker.produce("orders", Array.from({ length: 30 }, () => "more"));
    await page.locator('[data-live="group lag"]', { hasText: /^30$/ }).waitFor();
    await page.locator(".plot canvas").waitFor();
    await console.consume("shipping", 30);
    await page.locator('[data-live="group lag"]', { hasText: /^0$/ }).waitFor();
    await close(page);
  });

  it("resets a group: shows first what would change, then does that", async () => {
    const page = await console.open("/group?id=shipping");
    await page.getByRole("link", { name: "Reset offsets" }).click();
    await page.locator("select[name=to]").selectOption("offset");
    await page.getByLabel("Partition").fill("0");
    await page.getByLabel("Offset, time or number").fill("100");
    await page.getByRole("button", { name: "Preview" }).click();
    assert.match(
      await page.getByRole("region", { name: "Preview of the reset" }).innerText(),
      /orders\s+0\s+\d+\s+100/,
    );
    await page.getByRole("button", { name: "Reset the offsets" }).click();
    assert.equal(await page.getByRole("status").first().innerText(), "The group's offsets were reset.");
    const told = await console.broker.ask("~/consumer-groups/shipping/lags/orders/partitions/0");
    assert.equal(told.json.current_offset, 100);
    await close(page);
  });

  it("changes a setting, and takes it back to its default", async () => {
    const settingOf = async (name: string) =>
      (await console.broker.ask(`~/topics/orders/configs/${name}`)).json.value;
    const page = await console.open("/topics/orders/settings");
    await page.getByLabel("Change retention.ms").click();
    await page.getByLabel("New value of retention.ms").fill("3600000");
    await page.getByRole("button", { name: "Save" }).and(page.locator(":visible")).click();
    // Records may be deleted by that: it asks, and has changed nothing yet.
    assert.match(await page.locator("main").innerText(), /604800000 \(7 d 0 h\) to 3600000 \(1 h 0 min\)/);
    assert.equal(await settingOf("retention.ms"), "604800000");
    await page.getByRole("button", { name: "Change it" }).click();
    await page.getByText("The setting was changed.").waitFor();
    assert.equal(await settingOf("retention.ms"), "3600000");
    assert.match(
      await page.locator(".setting").first().innerText(),
      /retention\.ms[^]*set on the topic[^]*3600000[^]*1 h/,
    );
    await page.getByLabel("Change retention.ms").click();
    await page.getByRole("button", { name: "Back to the default" }).click();
    await page.getByText("back at its default").waitFor();
    assert.equal(await page.getByText("set on the topic").count(), 0);
    await close(page);
  });

  it("deletes a topic only when its name is typed", async () => {
    await console.broker.createTopic("short-lived");
    const page = await console.open("/topics/short-lived");
    await page.getByRole("link", { name: "Delete" }).click();
    await page.getByLabel("Type the topic's name").fill("short");
    await console.refused(page, () => page.getByRole("button", { name: "Delete the topic" }).click());
    const forged = { origin: "http://evil.example", "content-type": "application/x-www-form-urlencoded" };
    const path = "/topics/short-lived/delete";
    const posted = await console.broker.ask(path, {
      method: "POST",
      headers: forged,
      body: "name=short-lived",
    });
    assert.equal(posted.status, 403);
    await page.getByLabel("Type the topic's name").fill("short-lived");
    await page.getByRole("button", { name: "Delete the topic" }).click();
    await page.getByText("The topic and its records are gone.").waitFor();
    assert.equal((await console.broker.ask("~/topics/short-lived")).status, 404);
    await close(page);
  });

  it("pages gave no console error and asked no other host", () => {
    assert.deepEqual(console.watch.errors, []);
    assert.deepEqual(console.watch.strangers, []);
  });
});
