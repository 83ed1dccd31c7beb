/**
 * Where to begin reading, as people write it: `earliest`, `latest`, an offset,
 * or a moment in ISO 8601. Pure.
 */
import { UsageError } from "./command.ts";

/** An end of the log, an offset, or the first record at or after a moment. */
export type StartPosition = "earliest" | "latest" | number | Date;

/** Year first, then at least a month: what `Date.parse` reads alike everywhere. */
const ISO_TIME = /^\d{4}-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?)?$/;

/** Reads a position; `option` names the option in the error. A time of day without a zone is local time. */
export function parsePosition(option: string, text: string): StartPosition {
  if (text === "earliest" || text === "latest") return text;
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  const timestampMs = ISO_TIME.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(timestampMs)) return new Date(timestampMs);
  throw new UsageError(
    `--${option} must be earliest, latest, an offset or a time such as 2026-01-31T12:00:00Z, not "${text}"`,
  );
}
