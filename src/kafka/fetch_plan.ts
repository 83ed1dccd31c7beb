/**
 * What a fetch request asks for, once its session was looked up and its topics'
 * ids were turned into names: the partitions to read, in their order, and who is
 * refused. Called by `apis/01_fetch.ts`.
 */
import { type MessageOf, UUID_NIL } from "../bytes/mod.ts";
import { type Fault, fault, TOPIC_NAME_LENGTH_MAX } from "../model/mod.ts";
import type { KafkaBroker } from "./api.ts";
import type { FetchSession, SessionPartition } from "./fetch_sessions.ts";
import type { FETCH_REQUEST } from "./schemas/fetch.ts";

type Request = MessageOf<typeof FETCH_REQUEST>;

const SESSION_NONE = 0;
const EPOCH_FINAL = -1;
const EPOCH_INITIAL = 0;
const SESSIONS_VERSION_MIN = 7;
const IDS_VERSION_MIN = 13;

/** A partition to be read, or why it can't be. */
export interface PlannedPartition extends Omit<SessionPartition, "highWatermark" | "logStartOffset"> {
  /** What the session knows it by. */
  readonly key: string;
  readonly refused: Fault | null;
}

export interface FetchPlan {
  readonly partitions: readonly PlannedPartition[];
  readonly session: FetchSession | null;
  /** Only what changed is answered. */
  readonly isIncremental: boolean;
}

interface Context {
  readonly version: number;
  readonly broker: KafkaBroker;
}

/** The plan of a request, or the fault the whole of it is answered with. */
export function openPlan(request: Request, context: Context): FetchPlan | Fault {
  const { sessionId, sessionEpoch } = request;
  if (context.version < SESSIONS_VERSION_MIN || sessionEpoch === EPOCH_FINAL) {
    context.broker.sessions.end(sessionId);
    return { partitions: namedIn(request, context), session: null, isIncremental: false };
  }
  return sessionEpoch === EPOCH_INITIAL ? openSession(request, context) : carryOn(request, context);
}

function openSession(request: Request, context: Context): FetchPlan {
  const { broker, version } = context;
  if (request.sessionId !== SESSION_NONE) broker.sessions.end(request.sessionId);
  const partitions = namedIn(request, context);
  const session = partitions.length === 0 || !areKeepable(partitions)
    ? null
    : broker.sessions.create(version >= IDS_VERSION_MIN, partitions.length, broker.nowMs());
  if (session !== null) remember(session, partitions);
  return { partitions, session, isIncremental: false };
}

function carryOn(request: Request, context: Context): FetchPlan | Fault {
  const { broker, version } = context;
  const { sessionId, sessionEpoch } = request;
  const session = broker.sessions.use(sessionId, broker.nowMs());
  if (session === undefined) {
    return fault("FETCH_SESSION_ID_NOT_FOUND", `No fetch session has the id "${sessionId}"`);
  }
  if (session.nextEpoch !== sessionEpoch) {
    const words = `Fetch session's epoch is "${sessionEpoch}", wanted ${session.nextEpoch}`;
    return fault("INVALID_FETCH_SESSION_EPOCH", words);
  }
  if (session.usesIds !== version >= IDS_VERSION_MIN) {
    return fault("FETCH_SESSION_TOPIC_ID_ERROR", "Fetch session changed between topic names and ids");
  }
  const named = namedIn(request, context);
  if (named.length > 0 && !(areKeepable(named) && broker.sessions.hasRoom(named.length))) {
    broker.sessions.end(sessionId);
    return fault(
      "FETCH_SESSION_ID_NOT_FOUND",
      "Fetch sessions hold too many partitions, or a topic's name is too long for one",
    );
  }
  session.advance();
  remember(session, named);
  for (const { topic, topicId, partitions } of request.forgottenTopicsData) {
    for (const partition of partitions) {
      session.partitions.delete(keyOf(session.usesIds ? topicId : topic, partition));
    }
  }
  return { partitions: inSession(session, broker), session, isIncremental: true };
}

/** A session keeps no name that is too long for a topic: what bounds its bytes. */
function areKeepable(partitions: readonly PlannedPartition[]): boolean {
  return partitions.every(({ topic }) => topic.length <= TOPIC_NAME_LENGTH_MAX);
}

function remember(session: FetchSession, partitions: readonly PlannedPartition[]): void {
  for (const { key, refused: _, ...asked } of partitions) {
    const known = session.partitions.get(key);
    if (known === undefined) {
      session.partitions.set(key, { ...asked, highWatermark: -1, logStartOffset: -1 });
      continue;
    }
    known.offset = asked.offset;
    known.bytesMax = asked.bytesMax;
    known.currentLeaderEpoch = asked.currentLeaderEpoch;
    known.lastFetchedEpoch = asked.lastFetchedEpoch;
  }
}

/** A topic may have come or gone since the session's last request. */
function inSession(session: FetchSession, broker: KafkaBroker): PlannedPartition[] {
  return [...session.partitions].map(([key, known]) => (
    session.usesIds ? { ...known, key, ...nameOf(known.topicId, broker) } : { ...known, key, refused: null }
  ));
}

function namedIn(request: Request, { version, broker }: Context): PlannedPartition[] {
  const usesIds = version >= IDS_VERSION_MIN;
  return request.topics.flatMap(({ topic, topicId, partitions }) => {
    const named = usesIds ? nameOf(topicId, broker) : { topic, refused: null };
    return partitions.map((asked) => ({
      ...named,
      key: keyOf(usesIds ? topicId : topic, asked.partition),
      topicId: usesIds ? topicId : UUID_NIL,
      partition: asked.partition,
      offset: asked.fetchOffset,
      bytesMax: Math.max(0, asked.partitionMaxBytes),
      currentLeaderEpoch: asked.currentLeaderEpoch,
      lastFetchedEpoch: asked.lastFetchedEpoch,
    }));
  });
}

function nameOf(topicId: string, broker: KafkaBroker): { topic: string; refused: Fault | null } {
  const topic = broker.image().topicNamesById.get(topicId);
  if (topic !== undefined) return { topic, refused: null };
  return { topic: "", refused: fault("UNKNOWN_TOPIC_ID", `No topic has the id "${topicId}"`) };
}

function keyOf(topic: string, partition: number): string {
  return `${topic} ${partition}`;
}
