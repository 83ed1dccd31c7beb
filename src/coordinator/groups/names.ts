/**
 * Names that go into the records of groups, of at most 32,767 bytes each: what
 * Kafka's strings hold. A client may say longer ones, since strings of newer
 * versions have no such bound on the wire, and bytes that are no UTF-8 grow when
 * they are written again. Whatever is longer is refused before anything is decided:
 * a record that cannot be written must not be in a group. So are more strategies than
 * can be compared. Called by `groups.ts`.
 */
import { utf8Size } from "../../bytes/mod.ts";
import {
  type ConsumerHeartbeatCommand,
  type Fault,
  fault,
  type GroupCommand,
  type JoinGroupCommand,
  PROTOCOLS_PER_MEMBER_MAX,
  type Reply,
} from "../../model/mod.ts";
import { refuseCommit } from "./offsets/commit.ts";

const NAME_BYTES_MAX = 32_767;
/** What a character of a text has at the most. */
const BYTES_PER_CHARACTER_MAX = 3;
/** A member id is a name, a hyphen and a UUID. */
const MEMBER_ID_BYTES = 37;

/** The refusal of a command on one group with a name that is too long; `null` when there is none. */
export function refuseNames(command: GroupCommand & { readonly group: string }): Reply | null {
  const failed = checkNames(command);
  if (failed === null) return null;
  return command.kind === "commit_offsets"
    ? refuseCommit(command, failed)
    : { kind: "failed", fault: failed };
}

function checkNames(command: GroupCommand & { readonly group: string }): Fault | null {
  if (isLong(command.group, NAME_BYTES_MAX)) {
    return fault("INVALID_GROUP_ID", `Group id must be at most ${NAME_BYTES_MAX} bytes long`);
  }
  if (command.kind === "join_group") return checkJoin(command);
  return command.kind === "consumer_heartbeat" ? checkHeartbeat(command) : null;
}

function checkJoin({ clientId, instanceId, protocolType, protocols }: JoinGroupCommand): Fault | null {
  const bytesMax = NAME_BYTES_MAX - MEMBER_ID_BYTES;
  return checkCount(protocols.length) ??
    checkName("Client id", clientId, bytesMax) ??
    checkName("Instance id", instanceId, bytesMax) ??
    checkName("Protocol type", protocolType) ??
    firstFault(protocols, ({ name }) => checkName("Protocol name", name));
}

/** Strategies of members are compared with one another, all with all. */
function checkCount(count: number): Fault | null {
  if (count <= PROTOCOLS_PER_MEMBER_MAX) return null;
  return fault(
    "INCONSISTENT_GROUP_PROTOCOL",
    `Member offers "${count}" protocols, wanted are at most ${PROTOCOLS_PER_MEMBER_MAX}`,
  );
}

function checkHeartbeat(command: ConsumerHeartbeatCommand): Fault | null {
  const { memberId, instanceId, clientId, rackId, subscribedTopics } = command;
  return checkName("Member id", memberId) ??
    checkName("Instance id", instanceId, NAME_BYTES_MAX - MEMBER_ID_BYTES) ??
    checkName("Client id", clientId, NAME_BYTES_MAX - MEMBER_ID_BYTES) ??
    checkName("Rack id", rackId) ??
    firstFault(subscribedTopics ?? [], (name) => checkName("Subscribed topic", name));
}

function checkName(what: string, name: string | null, bytesMax = NAME_BYTES_MAX): Fault | null {
  if (name === null || !isLong(name, bytesMax)) return null;
  return fault("INVALID_REQUEST", `${what} must be at most ${bytesMax} bytes long`);
}

function firstFault<Item>(items: readonly Item[], check: (item: Item) => Fault | null): Fault | null {
  for (const item of items) {
    const failed = check(item);
    if (failed !== null) return failed;
  }
  return null;
}

function isLong(name: string, bytesMax: number): boolean {
  return name.length * BYTES_PER_CHARACTER_MAX > bytesMax && utf8Size(name) > bytesMax;
}
