/**
 * Storage: the Disk port and its implementations. The only room that opens
 * files. Workers and compose choose an implementation; the log sees the port.
 */
export { DiskError } from "./disk.ts";
export type { Disk, DiskEntry, DiskErrorCode, DiskFile, DiskStat, OpenMode } from "./disk.ts";
export { FaultyDisk } from "./faulty_disk.ts";
export { FileDisk } from "./file_disk.ts";
export { MemoryDisk, type MemoryDiskOptions } from "./memory_disk.ts";
export { DataDirectoryError, openDataDirectory } from "./data_directory.ts";
export type { CheckpointName, DataDirectory, Identity, IdentityWanted } from "./data_directory.ts";
export { checkMetaProperties } from "./meta_properties.ts";
export { readWhole, replaceFile } from "./replace_file.ts";
export { type DiskChoice, openDisk } from "./open_disk.ts";
export { Reserve } from "./reserve.ts";
export { ReservedDisk } from "./reserved_disk.ts";
export { ReserveKeeper } from "./reserve_keeper.ts";
