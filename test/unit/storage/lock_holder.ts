/** A process of its own that holds a data directory until it is killed: `lock_holder.ts DIRECTORY`. */
import { FileDisk, openDataDirectory } from "../../../src/storage/mod.ts";

openDataDirectory(Deno.args[0] ?? "", new FileDisk());
Deno.stdout.writeSync(new TextEncoder().encode("held\n"));
setInterval(() => {}, 60_000);
