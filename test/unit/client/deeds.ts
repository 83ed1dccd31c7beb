/** What may become of produce requests, by name, and a script of such deeds for the fake broker. */
import { type Deed, type FakeBroker, type Request, wireError } from "./fake_broker.ts";

type Act = (broker: FakeBroker, request: Request) => Deed | Promise<Deed>;

const act = (run: Act): Act => run;

const DEEDS = {
  well: act(() => undefined),
  "well, in a while": act(() => pause(10).then(() => undefined)),
  cut: act(() => "cut"),
  "cut after": act(() => "cut after"),
  "cut at once, take effect later": act((broker) => {
    broker.cut();
    return pause(4).then(() => "cut after");
  }),
  "refuse for now": act((_, request) => refuse(request, "CORRUPT_MESSAGE", true)),
  "refuse for good": act((_, request) => refuse(request, "MESSAGE_TOO_LARGE", false)),
  "write, and say it failed": act(async (broker, request) => {
    await broker.answer(request);
    return refuse(request, "KAFKA_STORAGE_ERROR", true);
  }),
  "restart cleanly": act((broker) => {
    for (const producers of broker.producers.values()) producers.restart();
    return "cut after";
  }),
  forget: act((broker, request) => {
    for (const producers of broker.producers.values()) producers.clear();
    return refuse(request, "CORRUPT_MESSAGE", true);
  }),
};

/** Their names. */
export const KINDS = Object.keys(DEEDS) as (keyof typeof DEEDS)[];

/** An answer that refuses every entry of a produce request. */
export function refuse(request: Request, code: string, retriable: boolean): Deed {
  const entries = request.entries.map(({ topic, partition }: Request) => {
    return { topic, partition, e: wireError(code, retriable) };
  });
  return { reply: { entries } };
}

/** Has the next produce requests end as told, and all others well. */
export function script(broker: FakeBroker, deeds: readonly (keyof typeof DEEDS)[]): void {
  const left = [...deeds];
  broker.script = (request) =>
    request.k === "produce" ? DEEDS[left.shift() ?? "well"](broker, request) : undefined;
}

export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
