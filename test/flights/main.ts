/**
 * `deno task flights [--records N]`: all three million unless told otherwise; exit status 1 when anything
 * differs. `deno task flights --print N` writes N of them as lines, ORIGIN TAB JSON, for `weir produce`.
 */
import { parseArgs } from "node:util";
import { readFlights } from "./flights.ts";
import { flyRoundTrip } from "./round_trip.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { records: { type: "string", default: "3000000" }, print: { type: "string" } },
});
if (values.print !== undefined) {
  for await (const flights of readFlights(Number(values.print))) {
    for (const { origin, json } of flights) console.log(`${origin}\t${json}`);
  }
  Deno.exit();
}
const result = await flyRoundTrip(Number(values.records), (words) => console.error(words));
console.log(JSON.stringify(result));
console.log(result.difference === null ? "3 passed, 0 failed" : "0 passed, 1 failed");
if (result.difference !== null) Deno.exit(1);
