/** Faults on the native wire: the one place that turns a Fault into what a client reads. */
import { type Fault, type FaultCode, isRetriable } from "../model/mod.ts";
import type { WireError } from "./protocol.ts";

/** Errors put into words since somebody took them, by their code: no more entries than there are codes. */
let errors = new Map<FaultCode, number>();

/** What the answer that is being made says went wrong, how often each; `null` when nothing. To be counted. */
export function takeErrors(): ReadonlyMap<FaultCode, number> | null {
  if (errors.size === 0) return null;
  const taken = errors;
  errors = new Map();
  return taken;
}

/** A fault as the wire carries it. */
export function wireError(fault: Fault): WireError {
  errors.set(fault.code, (errors.get(fault.code) ?? 0) + 1);
  return { code: fault.code, message: fault.message, retriable: isRetriable(fault.code) };
}

/** `{ e }` when there is a fault, nothing otherwise: to be spread into an entry. */
export function errorField(fault: Fault | null): { e?: WireError } {
  return fault === null ? {} : { e: wireError(fault) };
}
