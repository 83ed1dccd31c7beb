/** A broker with its HTTP door, a browser before it, and what tests of the console ask of both. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { connect } from "weir";
import type { EmbeddedBrokerOptions } from "../../src/broker.ts";
import { HttpBroker } from "../clients/http/http_broker.ts";
import { findChromium, launch, Watch } from "./chromium.ts";

const program = findChromium();
/** To be said by each suite; "" where there is a browser. */
export const because = program === null ? " (skipped: Chromium is not installed)" : "";

type Client = Awaited<ReturnType<typeof connect>>;

export class ConsoleFixture {
  readonly broker: HttpBroker;
  readonly browser: Browser;
  readonly client: Client;
  readonly watch: Watch;

  private constructor(broker: HttpBroker, browser: Browser, client: Client) {
    this.broker = broker;
    this.browser = browser;
    this.client = client;
    this.watch = new Watch(new URL(broker.url).host);
  }

  static async start(options: EmbeddedBrokerOptions = {}): Promise<ConsoleFixture> {
    const broker = await HttpBroker.start(options);
    return new ConsoleFixture(broker, await launch(program!), await connect(broker.broker.native));
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.browser.close();
    await this.broker.stop();
  }

  /** A page of a browser that knows nothing yet. */
  async open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext(options);
    this.watch.follow(context);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(this.broker.url + path);
    return page;
  }

  /** Does what the broker refuses: an answer of 400, which the browser's console tells as an error. */
  async refused(page: Page, action: () => Promise<void>): Promise<void> {
    const told = this.watch.errors.length;
    await action();
    await page.getByRole("alert").waitFor();
    this.watch.errors.length = told;
  }

  /** Reads `count` records of "orders" as a member of `group`, commits, and leaves. */
  async consume(group: string, count: number): Promise<void> {
    await using consumer = this.client.consumer({ group, topics: ["orders"], from: "earliest" });
    let read = 0;
    for await (const record of consumer) {
      await consumer.commit(record);
      if (++read === count) break;
    }
  }
}

export function close(page: Page): Promise<void> {
  return page.context().close();
}
