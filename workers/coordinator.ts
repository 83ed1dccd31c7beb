/**
 * The coordinator worker: a disk, a coordinator, and the loop between them and
 * the mailbox. The first message starts it and is answered by "ready" or
 * "refused"; every later one is a list of inputs, one turn. What a turn gives
 * leaves in one message. An error thrown ends the worker; it is started anew and
 * the journal gives back what was promised. Holds no rules.
 */
import { type Coordinator, openCoordinator } from "../src/coordinator/mod.ts";
import { systemClock, systemRandom } from "../src/host/mod.ts";
import type { CoordinatorInput, CoordinatorOutput, CoordinatorStart } from "../src/model/mod.ts";
import { type Disk, DiskError, FileDisk, MemoryDisk } from "../src/storage/mod.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<CoordinatorStart | readonly CoordinatorInput[]>) => void;
  postMessage(outputs: readonly CoordinatorOutput[]): void;
};
let coordinator: Coordinator | null = null;
let callOffWake = () => {};

scope.onmessage = ({ data }) => {
  if ("kind" in data) {
    scope.postMessage(start(data));
    if (coordinator !== null) wakeLater(coordinator);
    return;
  }
  turn(data);
};

function turn(inputs: readonly CoordinatorInput[]): void {
  if (coordinator === null) throw new TypeError("A turn came before the start");
  const outputs = coordinator.turn(inputs, systemClock.now());
  if (outputs.length > 0) scope.postMessage(outputs);
  wakeLater(coordinator);
}

/** Groups have sessions that end when nothing comes. */
function wakeLater({ wakeMs }: Coordinator): void {
  callOffWake();
  if (wakeMs >= Number.MAX_SAFE_INTEGER) return;
  callOffWake = systemClock.after(wakeMs - systemClock.now(), () => turn([]));
}

function start(message: CoordinatorStart): CoordinatorOutput[] {
  const { dataDirectory, clean, recoveryPoint, groupLogs, settings } = message;
  try {
    const journal = { disk: diskOf(message), dataDirectory, clean, recoveryPoint };
    const newId = () => systemRandom.id();
    const options = { journal, groupLogs: { positions: groupLogs }, settings, newId };
    const opened = openCoordinator(options, systemClock.now());
    coordinator = opened.coordinator;
    return [opened.output];
  } catch (error) {
    // A disk that cannot be used at the start is the operator's business, not a reason to try for ever.
    if (!(error instanceof DiskError)) throw error;
    return [{ kind: "refused", message: error.message }];
  }
}

/** The journal is small and read once: a mapping would cost more than it saves. */
function diskOf(message: CoordinatorStart): Disk {
  return message.disk === "memory" ? new MemoryDisk() : new FileDisk();
}
