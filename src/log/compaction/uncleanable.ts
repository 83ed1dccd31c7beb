/**
 * Why a log can't be compacted: damage, or records that can't be read here. Thrown
 * inside the room only; the cleaning ends, leaves the log as it is and says so.
 */
export class UncleanableError extends Error {
  override name = "UncleanableError";
}
