/**
 * What a test asks of a faulty disk, and the words of its errors. Called by
 * `faulty_disk` and `faulty_file`.
 */
import { DiskError, type DiskErrorCode } from "./disk.ts";

/** What a rule may make fail; "read" stands for `read` and `view`. */
export type FaultyOperation =
  | "open"
  | "list"
  | "stat"
  | "makeDirectory"
  | "rename"
  | "remove"
  | "syncDirectory"
  | "read"
  | "write"
  | "truncate"
  | "sync";

/** Which calls fail, and how. */
export interface FailureRule {
  readonly operation: FaultyOperation;
  /** The exact path; without it every path. */
  readonly path?: string;
  /** Default "io". */
  readonly code?: DiskErrorCode;
  /** Matching calls that still work before the first failure. Default 0. */
  readonly after?: number;
  /** Failures before the rule ends. Default 1. */
  readonly times?: number;
}

/** Which write the power cut hits. */
export interface TornWrite {
  /** The exact path; without it any file. */
  readonly path?: string;
  /** Matching writes that still work before. Default 0. */
  readonly after?: number;
  /** How much of the write reaches the device: bytes from its start. */
  readonly keepBytes: number;
}

/** The error of a call that a fault was asked for. */
export function refuse(code: DiskErrorCode, operation: string, path: string, reason: string): DiskError {
  return new DiskError(code, path, `Can't ${operation} "${path}": ${reason}`);
}
