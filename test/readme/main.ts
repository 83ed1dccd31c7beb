/** `deno task readme`: writes the table of settings into the README, from the tables themselves. */
import { settingsTable } from "../../src/config/mod.ts";

const path = new URL("../../README.md", import.meta.url);
const text = await Deno.readTextFile(path);
const [BEGIN, END] = ["<!-- deno-fmt-ignore-start -->", "<!-- deno-fmt-ignore-end -->"];
const start = text.indexOf(BEGIN) + BEGIN.length;
await Deno.writeTextFile(
  path,
  `${text.slice(0, start)}\n\n${settingsTable()}\n${text.slice(text.indexOf(END))}`,
);
