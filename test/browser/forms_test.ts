/**
 * The console's forms: what comes after one is sent, what it says of what cannot be taken, and that what
 * cannot be undone is asked for first. Skipped without Chromium.
 */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { because, close, ConsoleFixture } from "./fixture.ts";

const suite = because === "" ? describe : describe.skip;

suite(`forms of the console${because}`, () => {
  let console: ConsoleFixture;

  beforeAll(async () => {
    console = await ConsoleFixture.start();
    await console.broker.createTopic("orders", 2);
    await console.broker.produce("orders", ["one", "two", "three"]);
    await console.consume("shipping", 3);
  });

  afterAll(() => console?.stop());

  const endOf = async () => (await console.broker.ask("/topics/orders/records")).json.records.length;

  it("lead on after they are sent: a reload or the way back sends nothing again, nor tells it again", async () => {
    const page = await console.open("/topics/orders/produce");
    const before = await endOf();
    await page.getByLabel("Value", { exact: true }).fill("once");
    await page.getByRole("button", { name: "Produce" }).click();
    await page.getByText("The record was written").waitFor();
    await page.reload();
    assert.equal(await page.getByText("The record was written").count(), 0);
    await page.goBack();
    assert.match(page.url(), /\/produce$/);
    await page.goForward();
    assert.equal(await page.getByText("The record was written").count(), 0);
    assert.equal(await endOf(), before + 1);
    await close(page);
  });

  /** Sends a form without the browser's own checks, and finds what was typed and why it cannot be taken. */
  async function refusal(
    path: string,
    label: string,
    typed: string,
    send: string,
    exact = true,
  ): Promise<void> {
    const page = await console.open(path);
    const input = page.getByLabel(label, { exact });
    await page.evaluate("for (const form of document.forms) form.noValidate = true");
    await input.fill(typed);
    await console.refused(page, () => page.getByRole("button", { name: send, exact: true }).click());
    const again = page.getByLabel(label, { exact });
    assert.equal(await again.getAttribute("aria-invalid"), "true", `${path}: ${label}`);
    assert.equal(await again.inputValue(), typed, path);
    const id = (await again.getAttribute("aria-describedby"))!.split(" ")[0]!;
    assert.notEqual((await page.locator(`[id="${id}"]`).innerText()).trim(), "", path);
    assert.equal(await page.evaluate("document.activeElement.getAttribute('aria-invalid')"), "true", path);
    await close(page);
  }

  it("say beside the field what cannot be taken, keep what was typed, and begin there", async () => {
    await refusal("/new-topic", "Name", "no spaces", "Create");
    await refusal("/new-topic", "Partitions", "0", "Create");
    await refusal("/topics/orders/partitions", "Partitions in all", "1", "Add partitions");
    await refusal("/topics/orders/produce", "Headers", "no colon", "Produce");
    await refusal("/topics/orders/delete", "Type the topic's name", "other", "Delete the topic");
    await refusal("/topics/orders/trim?partition=0", "Delete all before offset", "99", "Delete records");
    await refusal("/topics/orders?from=offset&at=0", "Offset or time (UTC)", "soon", "Show");
    await refusal("/group/reset?id=shipping&to=offset&at=0", "Offset, time or number", "x", "Preview");
    await refusal("/group/reset?id=shipping&to=offset&at=0", "Partition", "7", "Preview");
  });

  it("say it of settings of a new topic, of JSON that is none, of a setting's value", async () => {
    const page = await console.open("/new-topic");
    await page.getByLabel("Name").fill("fresh");
    await page.getByLabel("Other settings").fill("retention.ms=soon");
    await console.refused(page, () => page.getByRole("button", { name: "Create" }).click());
    assert.equal(await page.getByLabel("Other settings").getAttribute("aria-invalid"), "true");
    assert.equal(await page.getByLabel("Name").inputValue(), "fresh");
    await page.goto(`${console.broker.url}/topics/orders/produce`);
    await page.getByLabel("Value is").selectOption("json");
    await page.getByLabel("Value", { exact: true }).fill('\n{"order": 1,}');
    await console.refused(page, () => page.getByRole("button", { name: "Produce" }).click());
    assert.equal(await page.getByLabel("Value", { exact: true }).inputValue(), '\n{"order": 1,}');
    assert.equal(await page.getByLabel("Value is").inputValue(), "json");
    await page.goto(`${console.broker.url}/topics/orders/settings`);
    await page.getByLabel("Change segment.bytes").click();
    await page.getByLabel("New value of segment.bytes").fill("7");
    const save = page.getByRole("button", { name: "Save" }).and(page.locator(":visible"));
    await console.refused(page, () => save.click());
    assert.equal(await page.getByLabel("New value of segment.bytes").inputValue(), "7");
    assert.match(await page.locator(".wrong:visible").innerText(), /segment\.bytes/);
    await close(page);
  });

  it("ask before they delete: a setting that deletes, a topic, records, a group", async () => {
    const page = await console.open("/topics/orders/settings");
    await page.getByLabel("Change cleanup.policy").click();
    await page.getByLabel("New value of cleanup.policy").fill("compact");
    await page.getByRole("button", { name: "Save" }).and(page.locator(":visible")).click();
    await page.getByText("Of each key only the latest record is kept").waitFor();
    await page.getByRole("link", { name: "Leave it" }).click();
    const policy = await console.broker.ask("~/topics/orders/configs/cleanup.policy");
    assert.equal(policy.json.value, "delete");
    const asks = [
      ["/topics/orders", "Delete", "There is no way back"],
      ["/topics/orders/partitions", "Delete records of partition 0", "for good"],
      ["/group?id=shipping", "Delete", "This deletes shipping"],
    ] as const;
    for (const [path, link, words] of asks) {
      await page.goto(console.broker.url + path);
      await page.getByRole("link", { name: link, exact: true }).click();
      assert.ok((await page.locator("main").innerText()).includes(words), path);
    }
    assert.equal((await console.broker.ask("~/consumer-groups/shipping")).status, 200);
    await page.getByRole("button", { name: "Delete the group" }).click();
    await page.getByText("The group and its offsets are gone.").waitFor();
    assert.equal((await console.broker.ask("~/consumer-groups/shipping")).status, 404);
    await close(page);
  });

  it("delete the records before an offset, and no other", async () => {
    const page = await console.open("/topics/orders/trim?partition=0");
    await page.getByLabel("Delete all before offset").fill("2");
    await page.getByRole("button", { name: "Delete records" }).click();
    await page.getByText("The records were deleted.").waitFor();
    assert.equal(await page.locator('[data-live="partition 0 start"]').innerText(), "2");
    await close(page);
  });

  it("pages gave no console error and asked no other host", () => {
    assert.deepEqual(console.watch.errors, []);
    assert.deepEqual(console.watch.strangers, []);
  });
});
