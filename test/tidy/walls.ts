/**
 * The house as data: rooms, which of them are pure, and who may import whom. A room is a folder of src
 * (or a file of src: config, compose, broker), a file of workers, or main.ts. Read by the tidy test
 * (walls) and by the lint plugin (which rooms are pure).
 *
 *     may       rooms it may import, through their mod.ts
 *     passages  single files it may import besides
 *     packages  npm packages, by the import map's names
 */

/** A door in a wall: files of the room that may pass, and the one file they may import. */
export interface Passage {
  /** Pattern of the importing file's path. */
  readonly from: RegExp;
  /** The imported file's path. */
  readonly to: string;
  readonly typeOnly?: boolean;
}

export interface Room {
  /** No async, Deno, clock, randomness, timers or logging: the lint plugin holds it to that. */
  readonly pure: boolean;
  readonly may: readonly string[] | "anything";
  readonly passages?: readonly Passage[];
  /** Packages of the import map it may use; `node:` modules are the lint plugin's business. */
  readonly packages?: readonly string[] | "anything";
}

const DISK = "src/storage/disk.ts";
const disk: Passage = { from: /^/, to: DISK };
const door: Passage = { from: /^/, to: "src/net/mod.ts", typeOnly: true };

export const ROOMS: Readonly<Record<string, Room>> = {
  model: { pure: true, may: [] },
  bytes: { pure: true, may: [] },
  // Counting is everybody's.
  meter: { pure: true, may: [] },
  record: { pure: true, may: ["bytes", "model"], packages: ["lz4js", "snappyjs"] },
  log: { pure: true, may: ["record", "bytes", "model"], passages: [disk] },
  partition: { pure: true, may: ["log", "record", "model", "meter"], passages: [disk] },
  coordinator: {
    pure: true,
    may: ["model", "bytes", "config", "meter"],
    packages: ["re2js"],
    passages: ["src/log/mod.ts", "src/record/mod.ts", DISK].map((to) => (
      { from: /^src\/coordinator\/journal(\/|\.ts|_)/, to }
    )),
  },
  config: { pure: true, may: ["model"], packages: ["smol-toml"] },
  route: { pure: true, may: ["model"] },
  kafka: { pure: true, may: ["model", "bytes", "record", "meter"], passages: [door] },
  native: {
    pure: true,
    may: ["model", "bytes", "record", "meter"],
    passages: [door],
    packages: ["msgpackr"],
  },
  storage: { pure: false, may: ["model", "host", "bytes"] },
  mailbox: { pure: false, may: ["model", "host", "meter"] },
  net: { pure: false, may: ["model", "host", "meter"], packages: ["ws", "@types/ws"] },
  console: {
    pure: false,
    may: ["model", "host", "config", "meter"],
    packages: ["ajv", "hono", "uplot"],
  },
  client: {
    pure: false,
    may: ["bytes", "record", "model", "native"],
    passages: [{ from: /^src\/client\/mod\.ts$/, to: "src/record/codecs/mod.ts" }],
  },
  host: { pure: false, may: [], packages: ["@node-rs/crc32"] },
  std: { pure: false, may: [] },
  "workers/partition": {
    pure: false,
    may: ["partition", "log", "storage", "mailbox", "host", "config", "model", "bytes", "meter"],
    passages: [{ from: /^/, to: "src/record/codecs/mod.ts" }],
    packages: ["@node-rs/crc32"],
  },
  "workers/coordinator": {
    pure: false,
    // A shard's reads and long polls, for who reads the logs that the coordinator writes.
    may: [
      "coordinator",
      "partition",
      "log",
      "storage",
      "mailbox",
      "host",
      "config",
      "model",
      "bytes",
      "meter",
    ],
    passages: [{ from: /^/, to: "src/coordinator/groups/consumer/pattern/re2.ts" }],
    packages: ["@node-rs/crc32"],
  },
  description: { pure: false, may: ["doors", "mailbox", "model", "storage"] },
  metering: { pure: false, may: ["doors", "host", "mailbox", "meter", "model"] },
  protocols: {
    pure: false,
    may: ["config", "host", "kafka", "model", "native", "net", "storage"],
  },
  doors: { pure: false, may: ["config", "host", "meter", "net"] },
  console_view: {
    pure: false,
    may: ["console", "host", "mailbox", "model", "net", "record"],
    passages: [
      { from: /^/, to: "src/record/codecs/mod.ts" },
      // Records written over HTTP go where every client would put them.
      { from: /^src\/console_view\/write\.ts$/, to: "src/client/partitioner.ts" },
    ],
  },
  worker_options: { pure: false, may: ["config", "mailbox"] },
  http_door: {
    pure: false,
    may: [
      "config",
      "console",
      "console_view",
      "doors",
      "host",
      "mailbox",
      "meter",
      "metering",
      "model",
      "net",
    ],
  },
  leftovers: { pure: false, may: ["log", "model", "storage"] },
  checkpoints: { pure: false, may: ["log", "mailbox", "model", "storage"] },
  compose: { pure: false, may: "anything", packages: "anything" },
  broker: { pure: false, may: "anything", packages: "anything" },
  cli: {
    pure: false,
    may: "anything",
    packages: "anything",
    passages: [
      // For the version it prints.
      { from: /^src\/cli\/mod\.ts$/, to: "deno.json" },
      // Before the rest of the room is there.
      { from: /^src\/cli\/catalog\.ts$/, to: "src/mailbox/spawn.ts" },
    ],
  },
  main: { pure: false, may: "anything", packages: "anything" },
};

/** What runs or is imported from outside; each must exist. */
export const ENTRIES: readonly string[] = [
  "main.ts",
  "workers/partition.ts",
  "workers/coordinator.ts",
  "src/client/mod.ts",
  "src/broker.ts",
];

/** Entries that are a package's exports: every name they give away is in use. */
export const PUBLIC: readonly string[] = ["src/client/mod.ts", "src/broker.ts"];

/**
 * The room a path of the repository lies in, or null outside the house (tests, benches, packages).
 *
 * @example
 * ```ts
 * roomOf("src/log/segment.ts"); // "log"
 * roomOf("workers/partition.ts"); // "workers/partition"
 * ```
 */
export function roomOf(path: string): string | null {
  const stem = path.replace(/\.ts$/, "");
  if (stem === "main" || stem.startsWith("workers/")) return stem;
  if (!stem.startsWith("src/")) return null;
  return stem.split("/")[1] ?? null;
}

/** True when the lint plugin holds the file to the rules of pure rooms. */
export function isPure(path: string): boolean {
  const room = roomOf(path);
  return room !== null && (ROOMS[room]?.pure ?? false);
}
