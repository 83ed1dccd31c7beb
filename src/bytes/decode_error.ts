/**
 * The one error a decoder of this project throws on bytes that do not make
 * sense: too short, a length that lies, a number out of range. Doors and
 * recovery catch it and answer with a fault; anything else thrown is a bug.
 */

/** Bytes that cannot be decoded. The message says what was read and what is wanted. */
export class DecodeError extends Error {
  override name = "DecodeError";
}
