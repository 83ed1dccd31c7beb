/**
 * A member of a group as a process of its own, to be killed: reads, prints each record's
 * value, commits it, and says "owns 0,1" whenever that changes. Arguments: the broker's address, group, topic.
 */
import { connect } from "weir";

const [address, group, topic] = Deno.args as [string, string, string];
const weir = await connect(address);
const consumer = weir.consumer<"auto", "string">({
  group,
  topics: [topic],
  from: "earliest",
  value: "string",
  autoCommit: false,
  onAssigned: (_, { assignments }) =>
    console.log(`owns ${assignments.map(({ partition }) => partition).sort()}`),
});
for await (const record of consumer) {
  console.log(record.value);
  await consumer.commit(record);
}
