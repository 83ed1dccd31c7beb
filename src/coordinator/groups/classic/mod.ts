/**
 * The classic group protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup) as pure
 * machines over immutable groups. Called by the groups' dispatcher, and by the
 * machines of the new protocol where a group changes over.
 */
export { checkClassicCommit } from "./check_member.ts";
export { decideClassic } from "./decide.ts";
export { describeClassic, stateOfClassic, topicsOfClassic } from "./describe.ts";
export { expireClassic } from "./expire.ts";
export { type ClassicGroup, type ClassicMember, classicOf, emptyClassic, recordOfClassic } from "./group.ts";
export { resumeClassic, touchClassic } from "./heartbeat.ts";
export { dismissClassic, rejoinClassic, stopClassic } from "./migrate.ts";
export { joinRefused, syncRefused } from "./replies.ts";
