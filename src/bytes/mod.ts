/** Bytes: readers, writers, varints, ids and checksums. Imports no other room. */
export { type Crc32c, crc32c, useCrc32c } from "./crc32c.ts";
export { DecodeError } from "./decode_error.ts";
export { Reader } from "./reader.ts";
export type { DraftOf, MessageOf } from "./schema_message.ts";
export { type Message, type MessageCodec, messageCodec, type Schema, type SchemaField } from "./schema.ts";
export { putUtf8, utf8Size, utf8Text } from "./text.ts";
export { putUuid, UUID_BYTES, UUID_NIL, uuidText } from "./uuid.ts";
export {
  putUnsignedVarint,
  putVarint,
  putVarlong,
  unsignedVarintSize,
  varintSize,
  varlongSize,
} from "./varint.ts";
export { Writer } from "./writer.ts";
