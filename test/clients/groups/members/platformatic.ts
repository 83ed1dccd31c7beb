/**
 * A member of a group on @platformatic/kafka: says what it is assigned, reads and
 * commits; SIGTERM makes it leave. `--new` makes it speak the new protocol.
 */
import { Consumer } from "@platformatic/kafka";
import { readOrders, say } from "./orders.ts";

/** It says nothing when the new protocol moves partitions: they are looked at so often. */
const LOOK_MS = 50;

const { broker, group, topic, sessionMs, heartbeatMs } = readOrders();
const consumer = new Consumer({
  clientId: "member",
  groupId: group,
  bootstrapBrokers: [broker],
  groupProtocol: Deno.args.includes("--new") ? "consumer" : "classic",
  sessionTimeout: sessionMs,
  heartbeatInterval: heartbeatMs,
  maxWaitTime: heartbeatMs,
  autocommit: false,
});
let hasJoined = false;
let assigned = "";
consumer.on("consumer:group:join", () => {
  hasJoined = true;
});
setInterval(() => {
  if (!hasJoined) return;
  const partitions = consumer.assignments?.find((one) => one.topic === topic)?.partitions ?? [];
  const words = JSON.stringify(partitions);
  if (words !== assigned) say({ assigned: partitions });
  assigned = words;
}, LOOK_MS);
Deno.addSignalListener("SIGTERM", async () => {
  await consumer.close(true);
  Deno.exit(0);
});

const stream = await consumer.consume({ topics: [topic], mode: "committed", fallbackMode: "earliest" });
for await (const { partition, offset, value, commit } of stream) {
  say({ partition, offset: Number(offset), value: value.toString() });
  await commit();
  say({ committed: Number(offset) + 1, partition });
}
