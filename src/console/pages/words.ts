/**
 * Numbers as people read them: thousands apart, with their units, times in UTC.
 * Everything on the pages that is a number goes through here. Pure.
 */
import { html } from "hono/html";
import type { Html } from "./layout.ts";

const COUNT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
/** What stands where nothing is known yet. */
export const UNKNOWN = "–";

/** `1,234,567`. */
export function count(value: number): string {
  return Number.isFinite(value) ? COUNT.format(value) : UNKNOWN;
}

/** `3 topics`, `1 topic`. */
export function counted(value: number, noun: string, plural: string = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** `12.4 MiB`. */
export function bytes(value: number): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  let unit = 0;
  let left = value;
  for (; left >= 1_024 && unit < BYTE_UNITS.length - 1; unit++) left /= 1_024;
  return `${left >= 100 || unit === 0 ? COUNT.format(left) : SHORT.format(left)} ${BYTE_UNITS[unit]}`;
}

/** `1,234.5 /s`. */
export function rate(value: number): string {
  return Number.isFinite(value) ? `${value >= 100 ? COUNT.format(value) : SHORT.format(value)} /s` : UNKNOWN;
}

/** `12.4 MiB/s`. */
export function byteRate(value: number): string {
  return Number.isFinite(value) ? `${bytes(value)}/s` : UNKNOWN;
}

/** A share of one as `12.3 %`. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${SHORT.format(share * 100)} %` : UNKNOWN;
}

/** `3 d 4 h`, `12 min`, `4.2 s`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return UNKNOWN;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${SHORT.format(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${COUNT.format(Math.floor(hours / 24))} d ${hours % 24} h`;
}

/** `2026-11-21 20:31:05.120`, UTC; in milliseconds what JavaScript's dates do not reach. */
export function timeText(ms: number): string {
  if (ms < 0) return "no time";
  if (ms > 8_640_000_000_000_000) return `${ms} ms`;
  return new Date(ms).toISOString().replace("T", " ").replace("Z", "");
}

/** The same as an element. */
export function time(ms: number): Html {
  if (ms < 0 || ms > 8_640_000_000_000_000) return html`${timeText(ms)}`;
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}" title="${iso}">${timeText(ms)}</time>`;
}

/** A setting's value with what it means: `604800000` is `7 d 0 h`. Empty where it says enough itself. */
export function meaningOf(name: string, value: string): string {
  const number = Number(value);
  if (!/^-?\d+$/.test(value)) return "";
  if (/(\.ms|\.hours|\.minutes)$/.test(name) && number < 0) return "for ever";
  if (number > 8e15) return "no bound";
  if (name.endsWith(".ms") && number >= 1_000) return duration(number);
  if (/bytes(\.|$)/.test(name)) return number < 0 ? "no bound" : number >= 1_024 ? bytes(number) : "";
  return "";
}
