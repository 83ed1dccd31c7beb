/**
 * What the lint plugin forbids, as data: a row for each thing of the world that only one place may name.
 * In a pure room the row's `pure` text tells what to do instead, elsewhere its `shell` text; a row without
 * `shell` binds pure rooms only. Tests and benches are free.
 */

export interface Ban {
  /** Free names: `setTimeout`, also as `globalThis.setTimeout`. */
  readonly names?: RegExp;
  /** Members of free names, written `Object.member`; also by destructuring. */
  readonly members?: RegExp;
  /** Names that may not be constructed or called without arguments. */
  readonly bare?: RegExp;
  /** Names that may not be constructed at all. */
  readonly constructed?: RegExp;
  readonly modules?: RegExp;
  /** Any async function, await, `for await`, `await using`. */
  readonly asynchrony?: true;
  /** Files, or folders ending in `/`, where it is at home. */
  readonly homes: readonly string[];
  readonly pure: string;
  readonly shell?: string;
}

const CLIENT_RUNTIME = ["src/client/runtime.ts", "src/client/runtime/"];

export const BANS: Readonly<Record<string, Ban>> = {
  "no-clock": {
    names: /^(performance|Temporal|setTimeout|setInterval|setImmediate|clearTimeout|clearInterval)$/,
    members: /^(Date\.now|AbortSignal\.timeout)$/,
    bare: /^Date$/,
    modules: /^node:(timers|perf_hooks)(\/|$)/,
    homes: ["src/host/clock.ts", ...CLIENT_RUNTIME],
    pure: "take `nowMs` as an argument, give a timer back as an output",
    shell: "use the clock of src/host/clock.ts (in the client: src/client/runtime.ts)",
  },
  "no-randomness": {
    names: /^crypto$/,
    members: /^Math\.random$/,
    modules: /^node:crypto$/,
    homes: ["src/host/random.ts", ...CLIENT_RUNTIME],
    pure: "take the value, or a seeded source, as an argument",
    shell: "use the source of src/host/random.ts (in the client: src/client/runtime.ts)",
  },
  "no-console": {
    names: /^console$/,
    members: /^Deno\.(stdout|stderr)$/,
    homes: ["src/host/logger.ts", "src/cli/output.ts"],
    pure: "give back what happened as an output, the shell logs it",
    shell: "log with src/host/logger.ts, print with src/cli/output.ts",
  },
  "no-files": {
    members: /^Deno\.(open|openSync|create|createSync|dlopen|UnsafePointer\w*)$/,
    modules: /^node:fs(\/|$)/,
    homes: ["src/storage/", "src/std/fs/", "src/net/send_buffer.ts"],
    pure: "take a Disk (src/storage/disk.ts) as an argument",
    shell: "use a Disk of src/storage",
  },
  "no-listener": {
    members: /^Deno\.(listen\w*|serve)$/,
    modules: /^node:https?$/,
    homes: ["src/net/"],
    pure: "leave sockets to src/net, take bytes as an argument",
    shell: "use the listeners of src/net",
  },
  "no-worker": {
    constructed: /^Worker$/,
    modules: /^node:worker_threads$/,
    homes: ["src/mailbox/spawn.ts"],
    pure: "give back an output, the pool carries it",
    shell: "use src/mailbox/spawn.ts",
  },
  "no-deno": {
    names: /^(Deno|globalThis|process)$/,
    modules: /^(node:(?!zlib$|buffer$)|fs$|net$|os$|process$|crypto$)/,
    homes: [],
    pure: "take what you need as an argument, or a port such as Disk",
  },
  "no-async": {
    names: /^(Promise|queueMicrotask)$/,
    asynchrony: true,
    homes: [],
    pure: "give back outputs, the shell does the waiting",
  },
};
