/**
 * Keeps the reserve full while a broker runs: looks at it every few seconds, the
 * first time when the start is over, and fills it up piece by piece. Says when
 * commits and metadata have less than is held for them, and when it is whole again.
 * Made by compose, whose own small files may use the reserve, too.
 */
import type { Clock, Logger } from "../host/mod.ts";
import { type Disk, DiskError } from "./disk.ts";
import { Reserve, type ReserveState } from "./reserve.ts";
import { ReservedDisk } from "./reserved_disk.ts";

const FIRST_MS = 2_000;
const LOOK_MS = 5_000;
/** Between two pieces. */
const PIECE_MS = 20;

export class ReserveKeeper {
  /** The disk whose writes may use the reserve. */
  readonly disk: Disk;
  readonly #reserve: Reserve;
  /** The operator was told that something is wrong. */
  #isTold = false;

  /** Over the plain disk; `bytesMax` as the reserve's. In memory there is none. */
  constructor(disk: Disk, dataDirectory: string, bytesMax: number) {
    this.#reserve = new Reserve(disk, dataDirectory, disk.kind === "memory" ? 0 : bytesMax);
    this.disk = new ReservedDisk(disk, this.#reserve);
  }

  /** Bytes that are held now; 0 where that cannot be told. */
  get bytes(): number {
    try {
      return this.#reserve.bytes;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return 0;
    }
  }

  /** Looks from now on; gives what calls it off. The file stays for the next start. */
  begin(clock: Clock, logger: Logger): () => void {
    const look = () => {
      callOff = clock.after(this.#look(logger) === "filling" ? PIECE_MS : LOOK_MS, look);
    };
    let callOff = clock.after(FIRST_MS, look);
    return () => callOff();
  }

  #look(logger: Logger): ReserveState {
    try {
      const state = this.#reserve.keep();
      const { bytes, path } = this.#reserve;
      if (state === "whole" && this.#isTold) logger.log("info", `"${path}" is whole again`);
      if (state === "whole") this.#isTold = false;
      if (state === "short") {
        this.#warn(logger, `"${path}" has "${bytes}" bytes, and there is no room for more`);
      }
      return state;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#warn(logger, error.message);
      return "short";
    }
  }

  #warn(logger: Logger, why: string): void {
    if (this.#isTold) return;
    this.#isTold = true;
    const what = `Less is held for commits and metadata than disk.reserve.bytes asks for`;
    logger.log("warning", `${what}: ${why}`);
  }
}
