/**
 * Kill -9 while groups rebalance and commit: native members that come and go, and
 * kafkajs in a classic group of its own. After each start offsets and members
 * must be what was acknowledged.
 */
import { connect, WeirError } from "weir";
import { type BrokerProcess, startProcess } from "../broker_process.ts";
import { ClassicCrashMember } from "./classic_members.ts";
import { GroupLedger } from "./group_ledger.ts";
import { CrashMember } from "./group_member.ts";

const TOPIC = "shared";
const PARTITIONS = 6;
const RECORDS = 10_000;
const MEMBERS_MAX = 4;
const CLASSIC_MEMBERS = 2;

export interface GroupsResult {
  readonly kills: number;
  /** Commits acknowledged, of both groups. */
  readonly commits: number;
  readonly broken: readonly string[];
}

/** Kills the broker `kills` times. */
export async function runGroups(kills: number, random: () => number): Promise<GroupsResult> {
  const data = await Deno.makeTempDir({ prefix: "weir-groups-" });
  let broker = await startProcess(data, [], "127.0.0.1:0");
  const again = { native: broker.native, kafka: broker.kafka };
  const ledgers = { native: new GroupLedger("native"), classic: new GroupLedger("classic") };
  const classic = Array.from({ length: CLASSIC_MEMBERS }, () => {
    return new ClassicCrashMember(broker.kafka, "classic", TOPIC, ledgers.classic);
  });
  const members: CrashMember[] = [];
  try {
    await createTopic(broker);
    await Promise.all(classic.map((member) => member.start()));
    for (let kill = 0; kill < kills; kill++) {
      const round = liveOneRound(broker, members, ledgers.native, random);
      await pause(150 + random() * 500);
      await broker.kill();
      await round;
      broker = await startProcess(data, [`native.listener=${again.native}`], again.kafka);
      for (const ledger of Object.values(ledgers)) await check(broker, ledger);
    }
    await Promise.all(classic.map((member) => member.stop()));
    const commits = ledgers.native.commits + ledgers.classic.commits;
    return { kills, commits, broken: [...ledgers.native.broken, ...ledgers.classic.broken] };
  } finally {
    await broker.kill();
    await Deno.remove(data, { recursive: true });
  }
}

/** Those who stayed go on; some come, and some of those leave again. */
async function liveOneRound(
  broker: BrokerProcess,
  members: CrashMember[],
  ledger: GroupLedger,
  random: () => number,
): Promise<void> {
  const lives = members.splice(0).map((member) => live(member, false));
  const comers = MEMBERS_MAX - lives.length + 1;
  for (let number = 0; number < comers; number++) {
    const member = new CrashMember("native", TOPIC, ledger, random);
    lives.push(pause(random() * 300).then(() => live(member, lives.length > 1 && random() < 0.5)));
  }
  await Promise.all(lives);

  async function live(member: CrashMember, leaves: boolean): Promise<void> {
    const hasLeft = await member.liveUntilGone(broker.native, leaves);
    if (!hasLeft) members.push(member);
  }
}

/** With records at all offsets that will be committed: kafkajs commits anew where it finds none. */
async function createTopic(broker: BrokerProcess): Promise<void> {
  await using weir = await connect(broker.native);
  await weir.admin.createTopic(TOPIC, { partitions: PARTITIONS });
  await using producer = weir.producer();
  const sent = Array.from({ length: PARTITIONS * RECORDS }, (_, index) => {
    return producer.send(TOPIC, { partition: index % PARTITIONS, value: "x" });
  });
  await Promise.all(sent);
}

async function check(broker: BrokerProcess, ledger: GroupLedger): Promise<void> {
  await using weir = await connect(broker.native);
  const places = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: TOPIC, partition }));
  const offsets = await weir.admin.groupOffsets(ledger.group, places);
  ledger.check(offsets, await describe());

  async function describe() {
    try {
      return await weir.admin.describeGroup(ledger.group);
    } catch (error) {
      if (error instanceof WeirError && error.code === "GROUP_ID_NOT_FOUND") return null;
      throw error;
    }
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
