/**
 * The coordinator worker: a disk, a coordinator, and the loop between them and
 * the mailbox. The first message starts it and is answered by "ready" or
 * "refused"; a list of inputs is one turn. What a turn gives leaves in one
 * message. Other messages ask for what lies in the logs of `__consumer_offsets`,
 * as they would ask a partition worker. Turns wait, in their order, while what
 * knows patterns is loaded. An error thrown ends the worker; it is
 * started anew and the journal gives back what was promised. Holds no rules.
 */
import { type Coordinator, openCoordinator } from "../src/coordinator/mod.ts";
import { stopwatch, systemClock, systemRandom } from "../src/host/mod.ts";
import { OpenFiles } from "../src/log/mod.ts";
import {
  Arena,
  type FromPartitionWorker,
  openToPartitionWorker,
  type ToPartitionWorker,
} from "../src/mailbox/mod.ts";
import { CoordinatorMeter } from "../src/meter/mod.ts";
import {
  type CoordinatorInput,
  type CoordinatorOutput,
  type CoordinatorStart,
  type GroupFigures,
  OFFSETS_TOPIC,
  OFFSETS_WAITERS_MAX,
  type ShardInput,
} from "../src/model/mod.ts";
import { AdoptedLogs } from "../src/partition/mod.ts";
import { type Disk, DiskError, FileDisk, MemoryDisk, Reserve, ReservedDisk } from "../src/storage/mod.ts";

/** Idle buffers for records that were read. */
const KEPT_BYTES_MAX = 1_048_576;

type Reading = Extract<ToPartitionWorker, { kind: "turn" }>;

const scope = self as unknown as {
  onmessage: (event: MessageEvent<CoordinatorStart | readonly CoordinatorInput[] | Reading>) => void;
  postMessage(message: readonly CoordinatorOutput[] | FromPartitionWorker, transfer?: ArrayBuffer[]): void;
};
const arena = new Arena(KEPT_BYTES_MAX);
const meter = new CoordinatorMeter(stopwatch);
let coordinator: Coordinator | null = null;
let logs: AdoptedLogs | null = null;
/** Turns that wait for patterns to be known. */
const held: (readonly CoordinatorInput[])[] = [];
let callOffWake = () => {};

scope.onmessage = ({ data }) => {
  if (!("kind" in data)) take(data);
  else if (data.kind === "start") scope.postMessage(start(data));
  else answerReads(data);
  wakeLater();
};

function take(inputs: readonly CoordinatorInput[]): void {
  if (held.length === 0 && !coordinator?.needsPatterns(inputs)) return turn(inputs);
  held.push(inputs);
  if (held.length === 1) void loadPatterns();
}

/** The library costs a thread 20 ms and 8 MB: loaded for the first turn that may look at a pattern. */
async function loadPatterns(): Promise<void> {
  const { compilePattern } = await import("../src/coordinator/groups/consumer/pattern/re2.ts");
  coordinator?.usePatterns(compilePattern);
  for (const inputs of held.splice(0)) turn(inputs);
  wakeLater();
}

function turn(inputs: readonly CoordinatorInput[]): void {
  if (coordinator === null || logs === null) throw new TypeError("A turn came before the start");
  meter.begin();
  const outputs = coordinator.turn(inputs, systemClock.now());
  meter.end(inputs.length);
  if (outputs.length > 0) scope.postMessage(outputs);
  for (const output of outputs) {
    if (output.kind === "flushed") logs.flushed(output.groupLogs.map(({ partition }) => partition));
  }
  if (logs.waiterCount > 0) read([], [], false);
}

function answerReads(message: Reading): void {
  openToPartitionWorker(message);
  for (const buffer of message.returned) arena.giveBack(buffer);
  read(message.inputs, message.buffers, true);
}

function read(inputs: readonly ShardInput[], returned: readonly ArrayBuffer[], asked: boolean): void {
  if (logs === null) throw new TypeError("A turn came before the start");
  const outputs = logs.turn(inputs, systemClock.now());
  const buffers = arena.seal();
  if (!asked && outputs.length === 0) return;
  const told = inputs.some(({ kind }) => kind === "describe") ? measure() : {};
  const message = { kind: "turned", outputs, buffers, returned, asked, ...told } as const;
  scope.postMessage(message, [...buffers, ...returned]);
}

/** What whoever measures is told besides. */
function measure(): { counts: Float64Array; groups?: GroupFigures } {
  const counts = meter.snapshot(Deno.memoryUsage().heapUsed);
  return coordinator === null ? { counts } : { counts, groups: coordinator.measureGroups() };
}

/** Groups have sessions that end when nothing comes, and who reads waits no longer than wanted. */
function wakeLater(): void {
  callOffWake();
  if (held.length > 0) return;
  const wakeMs = Math.min(coordinator?.wakeMs ?? Infinity, logs?.wakeMs ?? Infinity);
  if (wakeMs >= Number.MAX_SAFE_INTEGER) return;
  callOffWake = systemClock.after(wakeMs - systemClock.now(), () => {
    take([]);
    wakeLater();
  });
}

function start(message: CoordinatorStart): CoordinatorOutput[] {
  const { dataDirectory, clean, recoveryPoint, groupLogs, settings } = message;
  const disk = diskOf(message);
  try {
    const journal = { disk, dataDirectory, clean, recoveryPoint };
    const newId = () => systemRandom.id();
    const options = { journal, groupLogs: { positions: groupLogs }, settings, newId, meter };
    const opened = openCoordinator(options, systemClock.now());
    coordinator = opened.coordinator;
    logs = coordinator && logsOf(coordinator, disk, dataDirectory);
    return [opened.output];
  } catch (error) {
    // A disk that cannot be used at the start is the operator's business, not a reason to try for ever.
    if (!(error instanceof DiskError)) throw error;
    return [{ kind: "refused", message: error.message }];
  }
}

/** The coordinator's own logs, to be read. */
function logsOf(owner: Coordinator, disk: Disk, dataDirectory: string): AdoptedLogs {
  const options = {
    disk,
    dataDirectory,
    openFiles: new OpenFiles(disk),
    checkCrcOnRead: true,
    jitter: () => systemRandom.fraction(),
    waitersMax: OFFSETS_WAITERS_MAX,
    allocate: (length: number) => arena.take(length),
  };
  return new AdoptedLogs(options, (partition) => {
    const log = owner.groupLog(partition, systemClock.now());
    return log && { name: `${OFFSETS_TOPIC}-${partition}`, log };
  });
}

/** The journal is small and read once: a mapping would cost more than it saves. On a full disk it uses the reserve. */
function diskOf({ disk, dataDirectory }: CoordinatorStart): Disk {
  if (disk === "memory") return new MemoryDisk();
  const files = new FileDisk();
  return new ReservedDisk(files, new Reserve(files, dataDirectory, 0));
}
