/**
 * The limit to measure against: the least a Deno process can do to get bytes from
 * a socket into a file, or back. No frames, no checks, no threads.
 *
 *     in SIZE     reads; each SIZE bytes are written to a file and answered with 32 bytes
 *     sync SIZE   the same, with fdatasync before the answer
 *     out SIZE    each 64 bytes read are answered with SIZE bytes of the file
 *     relay SIZE  first connection writes, each SIZE bytes go through the file to the second
 */
const [mode, directory, sizeText] = Deno.args;
const size = Number(sizeText);
const file = Deno.openSync(`${directory}/pump`, { read: true, write: true, create: true });
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(listener.addr.port);
Deno.addSignalListener("SIGTERM", () => Deno.exit(0));

async function writeAll(socket: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
}

/** Calls `each` with every `length` bytes that arrive. */
async function readEach(
  socket: Deno.Conn,
  length: number,
  each: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const buffer = new Uint8Array(Math.max(1_048_576, length * 2));
  let end = 0;
  for (;;) {
    const count = await socket.read(buffer.subarray(end));
    if (count === null) return;
    end += count;
    let at = 0;
    for (; end - at >= length; at += length) await each(buffer.subarray(at, at + length));
    buffer.copyWithin(0, at, end);
    end -= at;
  }
}

function writeFile(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

async function takeIn(socket: Deno.Conn, syncs: boolean): Promise<void> {
  const answer = new Uint8Array(32);
  await readEach(socket, size, async (bytes) => {
    writeFile(bytes);
    if (syncs) file.syncDataSync();
    await writeAll(socket, answer);
  });
}

async function giveOut(socket: Deno.Conn): Promise<void> {
  const bytes = new Uint8Array(size);
  const fileBytes = file.statSync().size;
  let position = 0;
  await readEach(socket, 64, async () => {
    if (position + size > fileBytes) position = 0;
    file.seekSync(position, Deno.SeekMode.Start);
    for (let at = 0; at < size;) at += file.readSync(bytes.subarray(at)) ?? size;
    position += size;
    await writeAll(socket, bytes);
  });
}

async function relay(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const back = new Uint8Array(size);
  let position = 0;
  await readEach(from, size, async (bytes) => {
    writeFile(bytes);
    file.seekSync(position, Deno.SeekMode.Start);
    file.readSync(back);
    position += size;
    await writeAll(to, back);
  });
}

if (mode === "relay") {
  const from = await listener.accept();
  const to = await listener.accept();
  to.setNoDelay(true);
  await relay(from, to);
} else {
  for await (const socket of listener) {
    socket.setNoDelay(true);
    if (mode === "out") void giveOut(socket);
    else void takeIn(socket, mode === "sync");
  }
}
