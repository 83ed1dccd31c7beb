/**
 * Kafka's deserializers by the names of their Java classes, as far as a console
 * can show what they make: bytes in, the text of the value out. Pure.
 *
 *     StringDeserializer, UUIDDeserializer   the bytes
 *     Short, Integer, LongDeserializer       2, 4, 8 bytes, big-endian, signed
 *     Float, DoubleDeserializer              4, 8 bytes, IEEE 754
 *     BooleanDeserializer                    1 byte, 0 or 1
 */
import { CommandError } from "../command.ts";

/** Turns bytes into what is printed. Throws {@linkcode CommandError} for bytes of the wrong length. */
export type Deserializer = (bytes: Uint8Array) => Uint8Array;

const encoder = new TextEncoder();
const PACKAGE = "org.apache.kafka.common.serialization.";

const DESERIALIZERS: Readonly<Record<string, Deserializer>> = {
  StringDeserializer: (bytes) => bytes,
  UUIDDeserializer: (bytes) => bytes,
  ShortDeserializer: fixed("ShortDeserializer", 2, (view) => String(view.getInt16(0))),
  IntegerDeserializer: fixed("IntegerDeserializer", 4, (view) => String(view.getInt32(0))),
  LongDeserializer: fixed("LongDeserializer", 8, (view) => String(view.getBigInt64(0))),
  FloatDeserializer: fixed("FloatDeserializer", 4, (view) => decimal(view.getFloat32(0))),
  DoubleDeserializer: fixed("DoubleDeserializer", 8, (view) => decimal(view.getFloat64(0))),
  BooleanDeserializer: fixed("BooleanDeserializer", 1, (view) => String(view.getUint8(0) !== 0)),
};

/** The deserializer of a class name. Throws {@linkcode CommandError} with those there are. */
export function deserializerOf(className: string): Deserializer {
  const name = className.startsWith(PACKAGE) ? className.slice(PACKAGE.length) : className;
  if (Object.hasOwn(DESERIALIZERS, name)) return DESERIALIZERS[name]!;
  throw new CommandError(
    `Deserializer "${className}" cannot be loaded: those of ${PACKAGE.slice(0, -1)} are ` +
      Object.keys(DESERIALIZERS).join(", "),
  );
}

function fixed(name: string, size: number, text: (view: DataView) => string): Deserializer {
  return (bytes) => {
    if (bytes.length !== size) throw new CommandError(`Size of data received by ${name} is not ${size}`);
    return encoder.encode(text(new DataView(bytes.buffer, bytes.byteOffset, size)));
  };
}

/** A whole number keeps its point, as in Java. */
function decimal(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 10_000_000 ? value.toFixed(1) : String(value);
}
