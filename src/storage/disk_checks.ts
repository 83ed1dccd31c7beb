/**
 * What every implementation of the Disk port refuses in the same words: a
 * position outside the file, a write to a file opened for reading, a closed
 * file. And the one table from the operating system's error names to the codes
 * the broker acts on. Called by the implementations only.
 */
import { DiskError, type DiskErrorCode, type OpenMode } from "./disk.ts";

/** Throws unless `[position, position + length)` lies inside a file of `size` bytes. */
export function checkRange(path: string, size: number, position: number, length: number): void {
  if (position >= 0 && length >= 0 && position + length <= size) return;
  throw new DiskError(
    "io",
    path,
    `Can't view bytes ${position} to ${position + length} of "${path}": the file has ${size}`,
  );
}

/** Throws unless a read may start at `position`; at or past the end it finds nothing, which is fine. */
export function checkReadPosition(path: string, position: number): void {
  if (position >= 0) return;
  throw new DiskError("io", path, `Can't read "${path}" at "${position}": a position is at least 0`);
}

/** Throws unless a write at `position` leaves no hole in a file of `size` bytes. */
export function checkWritePosition(path: string, size: number, position: number): void {
  if (position >= 0 && position <= size) return;
  throw new DiskError(
    "io",
    path,
    `Can't write "${path}" at "${position}": the position must be at most ${size}`,
  );
}

/** Throws unless a file of `size` bytes can be cut to `wanted`. */
export function checkTruncate(path: string, size: number, wanted: number): void {
  if (wanted >= 0 && wanted <= size) return;
  throw new DiskError(
    "io",
    path,
    `Can't cut "${path}" to "${wanted}" bytes: the size must be at most ${size}`,
  );
}

/** Throws when the file was opened for reading only. */
export function checkWritable(path: string, mode: OpenMode): void {
  if (mode !== "read") return;
  throw new DiskError("denied", path, `Can't change "${path}": it was opened for reading only`);
}

/** The error of a call on a closed file. */
export function closedError(path: string): DiskError {
  return new DiskError("io", path, `Can't use "${path}": the file is closed`);
}

const CODES: Readonly<Record<string, DiskErrorCode>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EFBIG: "full",
  ENOENT: "not_found",
  EEXIST: "exists",
  ENOTEMPTY: "exists",
  EISDIR: "exists",
  ENOTDIR: "exists",
  EACCES: "denied",
  EPERM: "denied",
  EROFS: "denied",
  EMFILE: "too_many_open_files",
  ENFILE: "too_many_open_files",
};

/** Where the runtime gives a number and no name: EFBIG, ENOSPC, EDQUOT of Linux and of macOS, Windows' disk full. */
const NAMES: Readonly<Record<string, string>> = {
  27: "EFBIG",
  28: "ENOSPC",
  69: "EDQUOT",
  112: "ENOSPC",
  122: "EDQUOT",
};

/** Of two reasons for one code the rarer one, by the system's name for it. */
const REASONS_BY_NAME: Readonly<Record<string, string>> = {
  EDQUOT: "the disk quota is reached",
  EFBIG: "the file would be larger than the system allows",
  EROFS: "the file system is read-only",
};

const REASONS: Readonly<Record<DiskErrorCode, string>> = {
  full: "no space left on the device",
  not_found: "no such file or directory",
  exists: "something of that name exists or is in the way",
  denied: "permission denied",
  too_many_open_files: "too many open files, raise the limit (ulimit -n)",
  io: "input or output failed",
};

/**
 * Makes the DiskError for what the operating system or the runtime threw.
 * `action` is a verb: `Can't open "data/x.log": no such file or directory`.
 */
export function diskError(error: unknown, action: string, path: string): DiskError {
  if (error instanceof DiskError) return error;
  const code = codeOf(error);
  const detail = code === "io" && error instanceof Error ? ` (${error.message})` : "";
  const reason = isNotCapable(error) ? (error as Error).message : reasonOf(error, code) + detail;
  return new DiskError(code, path, `Can't ${action} "${path}": ${reason}`);
}

/**
 * The same for what must not be taken for a full disk, though that may be the cause: a failed sync, after
 * which nobody knows what of the writes before it is on the device, and a write that could not be taken back.
 */
export function lostError(error: unknown, action: string, path: string): DiskError {
  const { code, message } = diskError(error, action, path);
  return new DiskError(code === "full" ? "io" : code, path, message);
}

function reasonOf(error: unknown, code: DiskErrorCode): string {
  return REASONS_BY_NAME[nameOf(error)] ?? REASONS[code];
}

function codeOf(error: unknown): DiskErrorCode {
  return isNotCapable(error) ? "denied" : CODES[nameOf(error)] ?? "io";
}

/** The system's name for what went wrong, "" when it is none of those known here. */
function nameOf(error: unknown): string {
  const name = (error as { code?: unknown }).code;
  if (typeof name === "string" && Object.hasOwn(CODES, name)) return name;
  return NAMES[/\(os error (\d+)\)/.exec(String(error))?.[1] ?? ""] ?? "";
}

/** Deno refused by its own permissions: its words name the flag, so they are kept. */
function isNotCapable(error: unknown): boolean {
  return error instanceof Error && error.name === "NotCapable";
}
