/**
 * A shop for the README's pictures: topics of several kinds with records that look real, and clients that
 * write in waves and read, some of them too slowly, one not at all.
 */
import { connect } from "weir";
import { pack } from "msgpackr";
import type { EmbeddedBroker } from "../../../src/broker.ts";

const PERIOD_MS = 250;
const CITIES = ["Lisbon", "Turin", "Ghent", "Graz", "Bergen", "Cork", "Lyon", "Gdynia"];
const PAGES = ["/", "/cart", "/checkout", "/search?q=teapot", "/account", "/returns"];
const SKUS = ["TEAPOT-1L", "MUG-BLUE", "KETTLE-17", "SPOON-SET", "TRAY-OAK", "FILTER-100"];

type Client = Awaited<ReturnType<typeof connect>>;
type Producer = ReturnType<Client["producer"]>;

/** Who writes what; each is a client of its own, as the pages tell. */
interface Writers {
  readonly web: Producer;
  readonly till: Producer;
  readonly crm: Producer;
}

export async function openShop(broker: EmbeddedBroker): Promise<Writers> {
  const [web, till, crm] = await Promise.all(
    ["shop-web", "payment-gateway", "crm-sync"].map((clientId) => connect(broker.native, { clientId })),
  ) as [Client, Client, Client];
  for (const [name, partitions] of [["orders", 3], ["payments", 2], ["clicks", 4]] as const) {
    await web.admin.createTopic(name, { partitions });
  }
  await crm.admin.createTopic("customers", {
    partitions: 2,
    config: { "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.2" },
  });
  return {
    web: web.producer({ acks: 1 }),
    till: till.producer({ acks: 1 }),
    crm: crm.producer({ acks: 1 }),
  };
}

/** What was there before anybody looked: some segments to be drawn. */
export async function fillShop({ web, crm }: Writers): Promise<void> {
  for (let round = 0; round < 40; round++) {
    const clicks = Array.from({ length: 200 }, (_, index) => {
      const visit = `visit_${(round * 200 + index) ** 2 % 89}`;
      return web.send("clicks", { key: visit, value: click(round * 200 + index, "-".repeat(1_000)) });
    });
    const customers = Array.from({ length: 120 }, (_, index) => writeCustomer(crm, round * 37 + index));
    await Promise.all([...clicks, ...customers]);
  }
}

/** Writes in waves for so long, and goes on at an even pace while pictures are taken. */
export async function trade(writers: Writers, forMs: number): Promise<void> {
  const beganMs = Date.now();
  let order = 104_200;
  while (Date.now() - beganMs < forMs) {
    const wave = 20 + Math.round(14 * Math.sin((Date.now() - beganMs) / 6_000));
    for (let count = 0; count < wave; count++) await sell(writers, order++);
    await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
  }
  void (async () => {
    for (;; order++) {
      await sell(writers, order);
      await new Promise((resolve) => setTimeout(resolve, 12));
    }
  })();
}

/** One order, and what comes with it. */
async function sell({ web, till, crm }: Writers, order: number): Promise<void> {
  const customer = `cust-${1_000 + order * 7 % 97}`;
  const items = [{ sku: SKUS[order % 6]!, count: 1 + order % 3 }];
  const value = { order, customer, city: CITIES[order % 8]!, amount: order * 37 % 9_000 / 100, items };
  const headers = {
    source: order % 3 === 0 ? "app" : "web",
    trace: (order * 2_654_435_761 % 4_294_967_296).toString(16),
  };
  const cents = Math.round(value.amount * 100);
  const payment = new Uint8Array(pack({ order, method: order % 2 === 0 ? "card" : "transfer", cents }));
  await Promise.all([
    web.send("orders", { key: customer, value: JSON.stringify(value), headers }),
    web.send("clicks", { key: `visit_${order % 89}`, value: click(order, "") }),
    order % 3 === 0 ? till.send("payments", { key: `pay-${order}`, value: payment }) : null,
    order % 5 === 0 ? writeCustomer(crm, order) : null,
  ]);
}

function click(index: number, filler: string): string {
  return `GET ${PAGES[index % 6]!} 200 ${12 + index * 7 % 90} ms ${filler}`.trim();
}

async function writeCustomer(crm: Producer, index: number): Promise<void> {
  const number = 1_000 + index * 7 % 97;
  const notes = "Prefers delivery on Saturdays. ".repeat(24 + index % 9);
  const value = JSON.stringify({
    customer: `cust-${number}`,
    city: CITIES[number % 8]!,
    orders: index,
    notes,
  });
  await crm.send("customers", { key: `cust-${number}`, value });
}

/** Consumers: one that is at times too slow, one that keeps up, one that stands still after a while. */
export function serveShop(broker: EmbeddedBroker): void {
  const beganMs = Date.now();
  const pace = () => (Date.now() - beganMs) % 30_000 < 16_000 ? 30 : 0;
  void read(broker, "shipping-1", "shipping", "orders", pace);
  void read(broker, "shipping-2", "shipping", "orders", pace);
  void read(broker, "clickstream", "clickstream", "clicks", () => 1);
  void read(broker, "billing", "billing", "payments", (count) => count < 150 ? 20 : 86_400_000);
}

async function read(
  broker: EmbeddedBroker,
  clientId: string,
  group: string,
  topic: string,
  pauseMs: (count: number) => number,
): Promise<void> {
  const client = await connect(broker.native, { clientId });
  let count = 0;
  for await (const _ of client.consumer({ group, topics: [topic], from: "earliest" })) {
    const ms = pauseMs(count++);
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  }
}
