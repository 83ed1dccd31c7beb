/**
 * Records written over HTTP as one batch: `POST .../records:batch`, a JSON object
 * of entries that each have an id. What was written and what failed is told apart,
 * with the ids.
 */
import { RequestError } from "../failure.ts";
import { type Call, json, type Route } from "../openapi/route.ts";
import { arrayOf, INTEGER, object, ref, type Schema, TEXT } from "../openapi/schema.ts";
import { CLUSTER, CLUSTER_ID, TOPIC_NAME } from "../rest/shapes.ts";
import { topicOf } from "../rest/topics.ts";
import type { RecordToWrite } from "../view.ts";
import {
  type Failed,
  RECORD_MEMBERS,
  recordOf,
  type RecordRequest,
  REPORT_MEMBERS,
  reportFailure,
  reportOf,
} from "./record_request.ts";

const ENTRIES_MAX = 10_000;
const ID: Schema = { ...TEXT, minLength: 1, maxLength: 80 };

export const PRODUCE_BATCH_SCHEMAS: Readonly<Record<string, Schema>> = {
  ProduceBatchRequestEntry: object({ id: ID }, RECORD_MEMBERS),
  ProduceBatchRequest: object({ entries: arrayOf(ref("ProduceBatchRequestEntry")) }),
  ProduceBatchResponseSuccessEntry: object({ id: ID }, REPORT_MEMBERS),
  ProduceBatchResponseFailureEntry: object({ id: ID, error_code: INTEGER }, { message: TEXT }),
  ProduceBatchResponse: object({
    successes: arrayOf(ref("ProduceBatchResponseSuccessEntry")),
    failures: arrayOf(ref("ProduceBatchResponseFailureEntry")),
  }),
};

export const PRODUCE_BATCH_ROUTE: Route = {
  method: "post",
  path: `${CLUSTER}/topics/{topic_name}/records:batch`,
  tag: "Records",
  summary: `Write up to ${ENTRIES_MAX} records in one object, each with an id of its own`,
  parameters: [CLUSTER_ID, TOPIC_NAME],
  body: ref("ProduceBatchRequest"),
  answers: {
    207: { description: "What was written and what failed, by id", schema: ref("ProduceBatchResponse") },
  },
  serve: produceBatch,
};

type Entry = RecordRequest & { readonly id: string };

async function produceBatch(call: Call): Promise<Response> {
  const topic = topicOf(call).name;
  const { entries } = call.body as { readonly entries: readonly Entry[] };
  checkEntries(entries);
  const failures: (Failed & { readonly id: string })[] = [];
  const wanted: Entry[] = [];
  const records: RecordToWrite[] = [];
  for (const entry of entries) {
    try {
      records.push(recordOf(entry));
      wanted.push(entry);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      failures.push({ id: entry.id, ...reportFailure(error) });
    }
  }
  const answers = records.length === 0 ? [] : await call.view.write(topic, records);
  const successes: object[] = [];
  answers.forEach((answer, index) => {
    const entry = wanted[index]!;
    if (answer.fault !== null) failures.push({ id: entry.id, ...reportFailure(answer.fault) });
    else successes.push({ id: entry.id, ...reportOf(call, topic, entry, records[index]!, answer) });
  });
  return json({ successes, failures }, 207);
}

/** Throws a {@linkcode RequestError} for a batch that is refused as a whole. */
function checkEntries(entries: readonly Entry[]): void {
  if (entries.length === 0) throw new RequestError(42208, "The batch has no entries");
  if (entries.length > ENTRIES_MAX) {
    throw new RequestError(42208, `The batch has ${entries.length} entries, wanted at most ${ENTRIES_MAX}`);
  }
  const ids = new Set<string>();
  for (const { id } of entries) {
    if (ids.has(id)) throw new RequestError(42208, `Two entries of the batch have the id "${id}"`);
    ids.add(id);
  }
}
