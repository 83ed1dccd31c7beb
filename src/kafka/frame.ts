/**
 * Frames of Kafka's protocol, without their length:
 *
 *     request  api key i16 | version i16 | correlation id i32 | client id, 16-bit length, nullable
 *              | tagged fields, in flexible versions | body
 *     reply    correlation id i32 | tagged fields, in flexible versions | body
 *
 * ApiVersions replies never have tagged fields in front of the body: whoever asks
 * does not know yet what the broker speaks. Source: KIP-482, KIP-511.
 */
import { type Message, messageCodec, Reader, type Schema, Writer } from "../bytes/mod.ts";
import type { Api } from "./api.ts";

/** Bytes of the length in front of a reply. */
const LENGTH_BYTES = 4;
const API_VERSIONS = 18;
/** What grew past this while writing a reply is not kept. */
const WRITER_BYTES_KEPT = 1_048_576;

/** What stands in front of a request's body in every version. */
export interface RequestHead {
  readonly key: number;
  readonly version: number;
  readonly correlationId: number;
}

/** The first eight bytes of a request. Throws DecodeError. */
export function readHead(reader: Reader): RequestHead {
  return { key: reader.readInt16(), version: reader.readInt16(), correlationId: reader.readInt32() };
}

/** The rest of the header: the client's name. Throws DecodeError. */
export function readClientId(reader: Reader, api: Api, version: number): string | null {
  const clientId = reader.readNullableString();
  if (isFlexible(api.request, version)) reader.skipTaggedFields();
  return clientId;
}

/**
 * The body. Bytes behind it are let be, as Apache Kafka lets them: librdkafka 2.16 sends three too many when
 * it asks for the metadata of all topics by version 13. Throws DecodeError.
 */
export function readBody(reader: Reader, api: Api, version: number): Message {
  return messageCodec(api.request, version).read(reader);
}

let writer = new Writer(4_096);

/** A reply's chunks, length included. Long records in it are the chunks themselves, not copies. */
export function encodeReply(
  api: Api,
  version: number,
  correlationId: number,
  response: Message,
): Uint8Array[] {
  writer.reset();
  writer.writeInt32(0);
  writer.writeInt32(correlationId);
  if (api.key !== API_VERSIONS && isFlexible(api.response, version)) writer.writeUnsignedVarint(0);
  messageCodec(api.response, version, "dropped").write(writer, response);
  writer.patchInt32(0, writer.position - LENGTH_BYTES + writer.detachedBytes);
  const chunks = writer.chunks();
  if (writer.position > WRITER_BYTES_KEPT) writer = new Writer(4_096);
  return chunks;
}

const FLEXIBLE_FROM = new WeakMap<Schema, number>();

/** True in versions with compact lengths and tagged fields. */
function isFlexible(schema: Schema, version: number): boolean {
  let from = FLEXIBLE_FROM.get(schema);
  if (from === undefined) {
    const { flexibleVersions } = schema;
    from = flexibleVersions === "none" ? Infinity : Number.parseInt(flexibleVersions);
    FLEXIBLE_FROM.set(schema, from);
  }
  return version >= from;
}
