/** Faults on the native wire: the one place that turns a Fault into what a client reads. */
import { type Fault, isRetriable } from "../model/mod.ts";
import type { WireError } from "./protocol.ts";

/** A fault as the wire carries it. */
export function wireError(fault: Fault): WireError {
  return { code: fault.code, message: fault.message, retriable: isRetriable(fault.code) };
}

/** `{ e }` when there is a fault, nothing otherwise: to be spread into an entry. */
export function errorField(fault: Fault | null): { e?: WireError } {
  return fault === null ? {} : { e: wireError(fault) };
}
