/**
 * The broker's log, as a port: one line an event on stderr, so that stdout holds
 * the ready line alone. The only file that writes to the console.
 */
import type { Clock } from "./clock.ts";

export type Level = "info" | "warning" | "error";

export interface Logger {
  /** What happened, in words; `facts` follow as key=value. */
  log(level: Level, words: string, facts?: Readonly<Record<string, string | number>>): void;
}

/** Writes `2026-01-31T12:00:00.000Z warning words key=value` to stderr. */
export function stderrLogger(clock: Clock): Logger {
  return {
    log(level, words, facts = {}) {
      let line = `${new Date(clock.now()).toISOString()} ${level} ${words}`;
      for (const [key, value] of Object.entries(facts)) line += ` ${key}=${value}`;
      try {
        console.error(line);
      } catch {
        // It may be a file on a disk that is full: the broker goes on without the line.
      }
    },
  };
}

/** Drops everything: for brokers inside other people's tests. */
export const silentLogger: Logger = { log() {} };
