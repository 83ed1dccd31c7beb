/** A partition's directory: how large its log is, whether a cleaning is at work in it, when that is over. */

const LOOK_INTERVAL_MS = 20;
/** A log that nothing has happened to for so long is as small as it gets. */
const STEADY_MS = 3_000;

export class LogFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Bytes of the segments. */
  bytes(): number {
    return this.#segments().reduce((sum, name) => sum + this.#size(name), 0);
  }

  /** Those of the last one, which is never cleaned. */
  activeBytes(): number {
    return this.#size(this.#segments().at(-1)!);
  }

  /** Counts, until it is ended, how often it looked, and how often a cleaning's files were there. */
  watchCleanings(): { end(): { looks: number; cleanings: number } } {
    let [looks, cleanings] = [0, 0];
    const timer = setInterval(() => {
      looks++;
      if (this.#isCleaned()) cleanings++;
    }, LOOK_INTERVAL_MS);
    return {
      end() {
        clearInterval(timer);
        return { looks, cleanings };
      },
    };
  }

  /** Waits until nothing changes any more; gives when that began, on the clock of `performance.now`. */
  async untilSteady(): Promise<number> {
    let bytes = this.bytes();
    let sinceMs = performance.now();
    while (performance.now() - sinceMs < STEADY_MS) {
      await new Promise<void>((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
      const now = this.bytes();
      if (now === bytes && !this.#isCleaned()) continue;
      bytes = now;
      sinceMs = performance.now();
    }
    return sinceMs;
  }

  #isCleaned(): boolean {
    return this.#names().some((name) => /\.(cleaned|swap)$/.test(name));
  }

  #segments(): string[] {
    return this.#names().filter((name) => name.endsWith(".log")).sort();
  }

  #names(): string[] {
    return Array.from(Deno.readDirSync(this.#directory), ({ name }) => name);
  }

  /** 0 for a file that is gone meanwhile. */
  #size(name: string): number {
    try {
      return Deno.statSync(`${this.#directory}/${name}`).size;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return 0;
      throw error;
    }
  }
}
