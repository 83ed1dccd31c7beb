/** `deno task readme`: writes the README's tables of settings and of Kafka APIs, from the code itself. */
import { settingsTable } from "../../src/config/mod.ts";
import { apisTable } from "./apis_table.ts";

const path = new URL("../../README.md", import.meta.url);
const [BEGIN, END] = ["<!-- deno-fmt-ignore-start -->", "<!-- deno-fmt-ignore-end -->"];

/** Puts `table` between the fences that follow `marker`. */
function place(text: string, marker: string, table: string): string {
  const start = text.indexOf(BEGIN, text.indexOf(marker)) + BEGIN.length;
  return `${text.slice(0, start)}\n\n${table}\n\n${text.slice(text.indexOf(END, start))}`;
}

const text = await Deno.readTextFile(path);
await Deno.writeTextFile(
  path,
  place(place(text, "<!-- settings -->", settingsTable().trimEnd()), "<!-- apis -->", apisTable()),
);
