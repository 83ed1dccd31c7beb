/** Tools that ask for the broker itself: what it speaks, who leads, who produces. */
import assert from "node:assert/strict";
import type { Case, Field } from "../cases.ts";
import { createTopic, done } from "./tools.ts";

/** The APIs that the Kafka door promises, by key, with the versions that Apache Kafka 4.3 serves. */
const PROMISED = [
  "Produce(0): 0 to 13",
  "Fetch(1): 4 to 18",
  "ListOffsets(2): 1 to 11",
  "Metadata(3): 0 to 13",
  "FindCoordinator(10): 0 to 6",
  "SaslHandshake(17): 0 to 1",
  "ApiVersions(18): 0 to 4",
  "CreateTopics(19): 2 to 7",
  "DeleteTopics(20): 1 to 6",
  "DeleteRecords(21): 0 to 2",
  "InitProducerId(22): 0 to 5",
  "OffsetForLeaderEpoch(23): 2 to 4",
  "DescribeAcls(29): 1 to 3",
  "DescribeConfigs(32): 1 to 4",
  "AlterConfigs(33): 0 to 2",
  "DescribeLogDirs(35): 1 to 5",
  "CreatePartitions(37): 0 to 3",
  "ElectLeaders(43): 0 to 2",
  "IncrementalAlterConfigs(44): 0 to 1",
  "ListPartitionReassignments(46): 0",
  "DescribeCluster(60): 0 to 2",
  "DescribeProducers(61): 0",
  "ListConfigResources(74): 0 to 1",
  "DescribeTopicPartitions(75): 0",
];

async function listsVersions(field: Field): Promise<void> {
  const text = await done(field, "kafka-broker-api-versions", []);
  assert.match(
    text,
    new RegExp(`^${field.server.address} \\(id: \\d+ rack: null isFenced: false\\) -> \\(\n`),
  );
  const missing = PROMISED.filter((api) => !text.includes(`\t${api} [usable: `));
  assert.deepEqual(missing, [], text);
  assert.doesNotMatch(text, /UNKNOWN/);
}

async function namesTheCluster(field: Field): Promise<void> {
  const properties = await Deno.readTextFile(`${field.server.data}/meta.properties`);
  const [, cluster] = /^cluster\.id=(.*)$/m.exec(properties) ?? [];
  assert.equal(await done(field, "kafka-cluster", ["cluster-id"]), `Cluster ID: ${cluster}\n`);
  const endpoints = (await done(field, "kafka-cluster", ["list-endpoints"])).trimEnd().split("\n");
  const [id, host, port, rack, state, type] = endpoints[1]!.trim().split(/\s+/);
  assert.equal(endpoints.length, 2);
  assert.match(id!, /^\d+$/);
  assert.deepEqual([`${host}:${port}`, rack, state, type], [
    field.server.address,
    "null",
    "unfenced",
    "broker",
  ]);
}

async function electsAndReassigns(field: Field): Promise<void> {
  await createTopic(field, "cluster-a", 1);
  const one = ["--topic", "cluster-a", "--partition", "0"];
  for (const type of ["preferred", "unclean"]) {
    const said = await done(field, "kafka-leader-election", ["--election-type", type, ...one]);
    assert.equal(said, "Valid replica already elected for partitions cluster-a-0\n");
  }
  assert.equal(
    await done(field, "kafka-reassign-partitions", ["--list"]),
    "No partition reassignments found.\n",
  );
}

async function describesProducers(field: Field): Promise<void> {
  await createTopic(field, "cluster-b", 1);
  const load = ["--topic", "cluster-b", "--num-records", "50", "--record-size", "10", "--throughput", "-1"];
  await done(field, "kafka-producer-perf-test", load);
  const words = ["describe-producers", "--topic", "cluster-b", "--partition", "0"];
  const lines = (await done(field, "kafka-transactions", words)).trimEnd().split("\n");
  assert.equal(lines.length, 2, lines.join("\n"));
  const [id, epoch, coordinator, sequence, time, start] = lines[1]!.trim().split(/\s+/);
  assert.match(id!, /^\d+$/);
  assert.deepEqual([epoch, coordinator, sequence, start], ["0", "-1", "49", "None"]);
  assert.match(time!, /^\d{13}$/);
}

export const CLUSTER_CASES: readonly Case[] = [
  { name: "kafka-broker-api-versions lists what Apache Kafka 4.3 serves", run: listsVersions },
  { name: "kafka-cluster names the cluster and its broker", run: namesTheCluster },
  { name: "kafka-leader-election and kafka-reassign-partitions find nothing to do", run: electsAndReassigns },
  { name: "kafka-transactions describes an idempotent producer", run: describesProducers },
];
