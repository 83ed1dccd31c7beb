/**
 * When a broker is struck, and what its logs' directories look like then.
 */

/** What the striking thread is told. Times in milliseconds. */
export interface Strike {
  readonly pid: number;
  readonly directories: readonly string[];
  /** Strikes when a file's name ends so, `null`: whatever there is. */
  readonly suffix: ".cleaned" | ".swap" | null;
  /** Does not look before. */
  readonly afterMs: number;
  /** Strikes then, seen or not. */
  readonly withinMs: number;
  /** Between seeing and striking. */
  readonly lateMs: number;
}

const SUFFIXES: readonly Strike["suffix"][] = [null, ".cleaned", ".cleaned", ".swap", ".swap"];

/** Files that show what was going on. */
export interface Leftovers {
  readonly cleaned: number;
  readonly swap: number;
  readonly deleted: number;
}

/** A thread that strikes. */
export class Striker {
  readonly #worker = new Worker(new URL("./strike_worker.ts", import.meta.url).href, { type: "module" });

  /** Stops a process at a random moment, in four of five cases while a log is cleaned or its segments swapped. */
  async stopOne(pid: number, directories: readonly string[], random: () => number): Promise<void> {
    const suffix = SUFFIXES[Math.floor(random() * SUFFIXES.length)]!;
    const struck = Promise.withResolvers<void>();
    this.#worker.onmessage = () => struck.resolve();
    this.#worker.onerror = (event) => {
      event.preventDefault();
      struck.reject(new Error(event.message));
    };
    const strike: Strike = {
      pid,
      directories,
      suffix,
      afterMs: 150 + random() * 450,
      withinMs: 500,
      lateMs: suffix === ".cleaned" ? Math.max(0, random() * 6 - 3) : 0,
    };
    this.#worker.postMessage(strike);
    await struck.promise;
  }

  end(): void {
    this.#worker.terminate();
  }
}

/** Counts files of the directories by the suffix that says what became of them. */
export function countLeftovers(directories: readonly string[]): Leftovers {
  const names = directories.flatMap((directory) =>
    Array.from(Deno.readDirSync(directory), ({ name }) => name)
  );
  const count = (suffix: string) => names.filter((name) => name.endsWith(suffix)).length;
  return { cleaned: count(".cleaned"), swap: count(".swap"), deleted: count(".deleted") };
}
