/**
 * A consumer at the end of the log, in a thread of its own: what it does must not
 * hold up the producer's clock. Told a port it begins, told anything else it ends,
 * and says how many records it had.
 */
import { LoadConnection } from "../macro/load.ts";
import { fetchOnce } from "./reading.ts";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<number | "end">) => void;
  postMessage: (records: number) => void;
};
let isOver = false;

scope.onmessage = ({ data }) => {
  if (data === "end") isOver = true;
  else void readTail(data);
};

async function readTail(port: number): Promise<void> {
  const connection = await LoadConnection.open(port);
  let [offset, records] = [0, 0];
  while (!isOver) {
    const taken = await fetchOnce(connection, offset, () => {});
    offset = taken.nextOffset;
    records += taken.records;
  }
  connection.close();
  scope.postMessage(records);
}
