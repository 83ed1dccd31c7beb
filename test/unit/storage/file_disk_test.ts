import { FileDisk } from "../../../src/storage/mod.ts";
import { diskCases, onFiles } from "./disk_cases.ts";

diskCases("FileDisk", () => onFiles(new FileDisk()));
