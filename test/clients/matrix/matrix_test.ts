/** Every row of the client matrix with every client that is here, and the README's table of it. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import type { MatrixClient } from "./client.ts";
import { reasonOf, type Row, ROWS } from "./rows.ts";
import { Broker, CLIENTS } from "./stage.ts";
import { readResults, tableOf } from "./table.ts";

const README = Deno.readTextFileSync(new URL("../../../README.md", import.meta.url));

for (const client of CLIENTS) {
  if ("missing" in client.found) {
    describe.ignore(`${client.name} against the broker: ${client.found.missing}`, () => {
      for (const row of ROWS) it(row.name, () => {});
    });
  } else {
    describe(`${client.name} against the broker`, () => rowsOf(client));
  }
}

function rowsOf(client: MatrixClient): void {
  let broker: Broker;
  beforeAll(async () => {
    broker = await Broker.start();
  });
  afterAll(() => broker.stop());
  for (const row of ROWS) register(client, row, () => broker);
}

function register(client: MatrixClient, row: Row, broker: () => Broker): void {
  const reason = reasonOf(client, row);
  if (reason === null) it(row.name, () => broker().run(client, row));
  else it.ignore(`${row.name}: no, ${reason}`, () => {});
}

describe("README's client matrix", () => {
  it("is the table of the last run (deno task matrix writes both)", async () => {
    assert.ok(README.includes(`<!-- matrix -->\n${tableOf(await readResults())}<!-- /matrix -->`));
  });
});
