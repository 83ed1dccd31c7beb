/** A member of a group on kafkajs: says what it is assigned, reads and commits; SIGTERM makes it leave. */
import kafkajs from "kafkajs";
import { readOrders, say } from "./orders.ts";

const { broker, group, topic, sessionMs, heartbeatMs } = readOrders();
const { Kafka, logLevel } = kafkajs;
const kafka = new Kafka({ clientId: "member", brokers: [broker], logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({
  groupId: group,
  sessionTimeout: sessionMs,
  heartbeatInterval: heartbeatMs,
  maxWaitTimeInMs: heartbeatMs,
});
consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
  say({ assigned: payload.memberAssignment[topic] ?? [] });
});
consumer.on(consumer.events.CRASH, ({ payload }) => console.error(payload.error));

await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ partition, message }) => {
    say({ partition, offset: Number(message.offset), value: message.value!.toString() });
    const committed = Number(message.offset) + 1;
    await consumer.commitOffsets([{ topic, partition, offset: String(committed) }]);
    say({ committed, partition });
  },
});
Deno.addSignalListener("SIGTERM", async () => {
  await consumer.disconnect();
  Deno.exit(0);
});
