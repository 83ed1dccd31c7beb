/**
 * What a page bears: a broker that goes and comes back, a browser that hides it, names and records that
 * would be markup, forms of other sites. Skipped without Chromium.
 */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { connect } from "weir";
import type { Page } from "playwright-core";
import { startBroker } from "../../src/broker.ts";
import { because, close, ConsoleFixture } from "./fixture.ts";

const suite = because === "" ? describe : describe.skip;

/** As if another tab lay before the page, or no longer. */
async function hide(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(
    `Object.defineProperty(document, "hidden", { configurable: true, get: () => ${isHidden} });
     document.dispatchEvent(new Event("visibilitychange"));`,
  );
}

const values = (page: Page) => page.locator("#tail-records .line-value").allInnerTexts();

suite(`console whose broker comes and goes${because}`, () => {
  let console: ConsoleFixture;
  let data: string;

  beforeAll(async () => {
    data = await Deno.makeTempDir();
    console = await ConsoleFixture.start({ data });
    await console.broker.createTopic("orders", 2);
  });

  afterAll(async () => {
    await console?.stop();
    await Deno.remove(data, { recursive: true });
  });

  it("lets go of a live tail while it is hidden, and shows afterwards what it missed, once", async () => {
    const page = await console.open("/topics/orders");
    await page.getByRole("button", { name: "Follow live" }).click();
    await page.getByText("Following.").waitFor();
    await console.broker.produce("orders", ["seen 1"], 0);
    await page.locator("#tail-records li").waitFor();
    await hide(page, true);
    await page.getByText("Paused while the page is hidden.").waitFor();
    await console.broker.produce("orders", ["missed 0", "missed 1"], 0);
    await console.broker.produce("orders", ["missed 2"], 1);
    assert.deepEqual(await values(page), ["seen 1"]);
    await hide(page, false);
    await page.locator("#tail-records li").nth(3).waitFor();
    await console.broker.produce("orders", ["last"], 1);
    await page.locator("#tail-records .line-value", { hasText: "last" }).waitFor();
    assert.deepEqual((await values(page)).sort(), ["last", "missed 0", "missed 1", "missed 2", "seen 1"]);
    await close(page);
  });

  it("says that the broker is gone, and goes on when it is back: numbers, and a live tail", async () => {
    const page = await console.open("/topics/orders");
    await page.getByRole("button", { name: "Follow live" }).click();
    await page.getByText("Following.").waitFor();
    await console.broker.produce("orders", ["before"], 0);
    await page.locator("#tail-records li").waitFor();
    const told = console.watch.errors.length;
    await console.client.close();
    await console.broker.stop();
    await page.getByText("The broker does not answer since").waitFor();
    await page.getByText("The connection was cut, trying again…").waitFor();
    const settings = { "http.listener": new URL(console.broker.url).host };
    await using again = await startBroker({ data, settings });
    await page.locator("#connection").waitFor({ state: "hidden" });
    await page.getByText("Following.").waitFor();
    await using client = await connect(again.native);
    await using producer = client.producer();
    await producer.send("orders", { value: "after", partition: 0 });
    await page.locator("#tail-records .line-value", { hasText: "after" }).waitFor();
    assert.deepEqual(await values(page), ["after", "before"]);
    // The browser's own words on what it could not load.
    const errors = console.watch.errors.splice(told);
    assert.deepEqual(errors.filter((error) => !/Failed to load resource|ERR_/.test(error)), []);
    await close(page);
  });
});

const MARKUP = `"'><img src=x onerror=alert(1)><script>alert(2)</script>`;
/** Turns all text around: what comes after it must not be turned. */
const TURNED = "\u202Eevil";

suite(`console before strangers${because}`, () => {
  let console: ConsoleFixture;

  beforeAll(async () => {
    console = await ConsoleFixture.start();
    await console.broker.createTopic("orders");
    const stranger = await connect(console.broker.broker.native, { clientId: MARKUP + TURNED });
    await using producer = stranger.producer();
    await producer.send("orders", {
      key: MARKUP,
      value: MARKUP + TURNED,
      headers: { [`name ${MARKUP}`]: `value ${MARKUP}` },
    });
    await using consumer = stranger.consumer({
      group: MARKUP + TURNED,
      topics: ["orders"],
      from: "earliest",
    });
    for await (const record of consumer) {
      await consumer.commit(record);
      break;
    }
    await console.client.admin.createTopic("left-open", { partitions: 1 });
  });

  afterAll(() => console?.stop());

  it("shows markup in keys, values, headers, group ids and client ids as the text it is", async () => {
    const id = encodeURIComponent(MARKUP + TURNED);
    const find = encodeURIComponent(MARKUP);
    const member = await connect(console.broker.broker.native, { clientId: MARKUP + TURNED });
    const paths = [
      "/topics/orders",
      `/topics/orders?find=${find}&in=header`,
      `/topics/orders?from=time&at=${find}`,
      `/topics/orders?partition=${find}`,
      `/topics?find=${find}`,
      `/topics/${find}`,
      `/groups`,
      `/groups?find=${find}`,
      `/group?id=${id}`,
      `/group/reset?id=${id}&to=earliest`,
      `/group/reset?id=${id}&to=offset&at=${find}&topic=${find}`,
      `/group/delete?id=${id}`,
      `/group?id=${find}missing`,
      "/clients",
      `/clients?find=${find}`,
      `/storage?topic=${find}`,
      `/settings?find=${find}`,
      "/",
    ];
    const page = await console.open("/");
    const told = console.watch.errors.length;
    for (const path of paths) {
      await page.goto(console.broker.url + path);
      if (path === "/" || path === "/groups") await page.locator(".plot canvas").last().waitFor();
      assert.equal(await page.locator("img, main script").count(), 0, path);
      const says = await page.locator("main").innerHTML();
      if (/find=|group\?|clients$|orders$/.test(path)) assert.ok(says.includes("&lt;img"), path);
    }
    // Refused queries are answered 400 and 404, which the browser tells; what a page runs would tell otherwise.
    const errors = console.watch.errors.splice(told);
    assert.deepEqual(errors.filter((error) => !error.includes("Failed to load resource")), []);
    await member.close();
    await close(page);
  });

  it("does not let a name turn around the text beside it", async () => {
    const page = await console.open(`/group/delete?id=${encodeURIComponent(MARKUP + TURNED)}`);
    const found = await page.evaluate(
      `Array.from(document.querySelectorAll("main *"))
        .filter(({ childNodes }) => Array.from(childNodes).some((node) => node.nodeType === 3 &&
          node.data.includes("\u202e")))
        .map((element) => element.localName + " " + getComputedStyle(element).unicodeBidi)`,
    );
    assert.deepEqual(found, ["a isolate", "strong isolate"]);
    await close(page);
  });

  it("refuses a form that another site's page posts", async () => {
    const form = `<form method="post" action="${console.broker.url}/topics/left-open/delete">
      <input name="name" value="left-open"><button>Win</button></form>`;
    const serving = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
    await using evil = Deno.serve(
      serving,
      () => new Response(form, { headers: { "content-type": "text/html" } }),
    );
    const context = await console.browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${evil.addr.port}/`);
    const answer = page.waitForResponse((response) => response.request().method() === "POST");
    await page.getByRole("button").click();
    assert.equal((await answer).status(), 403);
    assert.equal((await console.broker.ask("~/topics/left-open")).status, 200);
    await context.close();
  });

  it("loads nothing into another site's page, and is in no frame", async () => {
    const { headers } = await console.broker.ask("/");
    const policy = headers.get("content-security-policy") ?? "";
    for (
      const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]
    ) {
      assert.ok(policy.includes(part), policy);
    }
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  });
});
