/** Kafka's protocol from the client's side, frame by frame, with the broker's own tables. */
import { type Message, messageCodec, Reader, type Schema, Writer } from "../../src/bytes/mod.ts";
import { findApi } from "../../src/kafka/registry.ts";

const API_VERSIONS = 18;

/** One connection; requests go one after another. */
export class KafkaWire {
  readonly #socket: Deno.TcpConn;
  #correlationId = 0;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  /** Connects to `HOST:PORT`. */
  static async open(address: string): Promise<KafkaWire> {
    const [hostname, port] = address.split(":");
    return new KafkaWire(await Deno.connect({ hostname: hostname!, port: Number(port) }));
  }

  /** The answer to one request in the given version; `null` when the broker closed the connection instead. */
  ask(key: number, version: number, message: Message): Promise<Message | null> {
    const turn = this.#turn.then(async () => {
      await this.send(key, version, message);
      return await this.answer(key, version);
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async send(key: number, version: number, message: Message): Promise<void> {
    const { request } = findApi(key)!;
    const writer = new Writer();
    writer.writeInt16(key);
    writer.writeInt16(version);
    writer.writeInt32(++this.#correlationId);
    writer.writeString("conformance");
    if (isFlexible(request, version)) writer.writeUnsignedVarint(0);
    messageCodec(request, version, "dropped").write(writer, message);
    await this.sendFrame(chunksOf(writer));
  }

  /** Any bytes at all, behind their length. */
  async sendFrame(body: Uint8Array): Promise<void> {
    const frame = new Uint8Array(4 + body.length);
    new DataView(frame.buffer).setInt32(0, body.length);
    frame.set(body, 4);
    for (let at = 0; at < frame.length;) at += await this.#socket.write(frame.subarray(at));
  }

  /** The next answer; `null` when the connection was closed. */
  answer(key: number, version: number): Promise<Message | null> {
    return this.answerTo(this.#correlationId, key, version);
  }

  /** The next answer, which must be to that request. */
  async answerTo(wanted: number, key: number, version: number): Promise<Message | null> {
    const head = await this.#take(4);
    if (head === null) return null;
    const frame = await this.#take(new DataView(head.buffer).getInt32(0));
    if (frame === null) return null;
    const reader = new Reader(frame);
    const correlationId = reader.readInt32();
    if (correlationId !== wanted) throw new Error(`Answer to request "${correlationId}"`);
    const { response } = findApi(key)!;
    if (key !== API_VERSIONS && isFlexible(response, version)) reader.skipTaggedFields();
    const message = messageCodec(response, version).read(reader);
    if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes follow the answer`);
    return message;
  }

  close(): void {
    this.#socket.close();
  }

  async #take(size: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size;) {
      const count = await this.#socket.read(bytes.subarray(at)).catch(() => null);
      if (count === null) return null;
      at += count;
    }
    return bytes;
  }
}

function isFlexible({ flexibleVersions }: Schema, version: number): boolean {
  return flexibleVersions !== "none" && version >= Number.parseInt(flexibleVersions);
}

function chunksOf(writer: Writer): Uint8Array {
  const chunks = writer.chunks();
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
