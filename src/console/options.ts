/** What the console room is told when it is made; compose takes it from the settings. */
import type { Clock, Logger } from "../host/mod.ts";

export interface ConsoleOptions {
  /** `read-only` forbids every change over HTTP; `off` also leaves the pages out. */
  readonly mode: "full" | "read-only" | "off";
  /** Names that requests may be addressed to besides localhost and IP addresses; `*`: any. */
  readonly hosts: readonly string[];
  /** Bytes of one request's body, and of one record in a stream of them. */
  readonly requestBytesMax: number;
  /** Requests at work at once; live tails count apart. */
  readonly requestsMax: number;
  readonly tailsMax: number;
  /** How long one request may take; live tails and streams of records are bounded otherwise. */
  readonly requestMsMax: number;
  readonly clock: Clock;
  readonly logger: Logger;
}
