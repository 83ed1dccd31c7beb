/**
 * Times as `--to-datetime` and `--by-duration` take them: Java's readings of
 * ISO 8601, stricter about the one, laxer about the other than `Date`. Pure.
 */
import { CommandError } from "../command.ts";

const DATETIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{1,3})(Z|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * Milliseconds since 1970 of `YYYY-MM-DDThh:mm:ss.sss` with or without a zone; UTC without one.
 * Throws {@linkcode CommandError}.
 *
 * @example
 * ```ts
 * parseDatetime("2026-01-31T12:00:00.000+01:00");
 * ```
 */
export function parseDatetime(text: string): number {
  const parts = DATETIME.exec(text);
  const zone = parts?.[8] ?? "Z";
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d\d)(\d\d)$/, "$1:$2");
  const date = parts === null ? "" : text.slice(0, 19) + `.${parts[7]!.padStart(3, "0")}`;
  const timestampMs = isDay(parts) ? Date.parse(date + offset) : NaN;
  if (!Number.isNaN(timestampMs)) return timestampMs;
  throw new CommandError(
    `Error parsing timestamp "${text}": it must be like 2026-01-31T12:00:00.000, with or without a zone`,
  );
}

/** `Date.parse` takes the 31st of February for a day in March. */
function isDay(parts: RegExpExecArray | null): boolean {
  if (parts === null) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}

const DURATION =
  /^([-+]?)P(?:([-+]?\d+)D)?(T(?:([-+]?\d+)H)?(?:([-+]?\d+)M)?(?:([-+]?\d+)(?:[.,](\d{0,9}))?S)?)?$/i;

/**
 * Milliseconds of `PnDTnHnMn.nS`, each part with a sign of its own where it has one.
 * Throws {@linkcode CommandError}.
 *
 * @example
 * ```ts
 * parseDuration("P1DT12H"); // 129,600,000
 * ```
 */
export function parseDuration(text: string): number {
  const parts = DURATION.exec(text);
  const given = parts === null ? [] : [parts[2], parts[4], parts[5], parts[6]];
  const isEmpty = given.every((part) => part === undefined) || parts?.[3]?.toUpperCase() === "T";
  if (parts === null || isEmpty) {
    throw new CommandError(`Text "${text}" cannot be parsed to a Duration: it must be like P7D or PT12H30M`);
  }
  const [days, hours, minutes, seconds] = given.map((part) => Number(part ?? 0));
  const fraction = Number(`0.${parts[7] || 0}`) * (parts[6]?.startsWith("-") ? -1 : 1);
  const total = (((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds! + fraction) * 1_000;
  return Math.round(parts[1] === "-" ? -total : total);
}
