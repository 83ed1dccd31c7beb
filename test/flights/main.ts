/** `deno task flights [--records N]`: all three million unless told otherwise. Exit status 1 when anything differs. */
import { parseArgs } from "node:util";
import { flyRoundTrip } from "./round_trip.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { records: { type: "string", default: "3000000" } },
});
const result = await flyRoundTrip(Number(values.records), (words) => console.error(words));
console.log(JSON.stringify(result));
console.log(result.difference === null ? "3 passed, 0 failed" : "0 passed, 1 failed");
if (result.difference !== null) Deno.exit(1);
