/** What `kafka-consumer-groups` makes of words, and how it lays out tables: the lines of Kafka 4.3.1's own command. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { kafkaConsumerGroups } from "../../../src/cli/kafka/consumer_groups.ts";
import { groupsAction, listFilters, topicArguments } from "../../../src/cli/kafka/consumer_groups_options.ts";
import {
  listText,
  type MemberRow,
  membersText,
  offsetsText,
  stateText,
  stateWarning,
} from "../../../src/cli/kafka/consumer_groups_words.ts";
import { memberRows, offsetRows, stateRow } from "../../../src/cli/kafka/group_rows.ts";
import { parseDatetime, parseDuration } from "../../../src/cli/kafka/moments.ts";
import { csvOf, parseResetFile } from "../../../src/cli/kafka/reset_file.ts";
import { deletedOffsetsText, resetText } from "../../../src/cli/kafka/reset_words.ts";
import { detail, lag, member } from "./groups.ts";

const given = (line: string) => parseArguments(kafkaConsumerGroups, line.split(" "));

describe("kafka-consumer-groups", () => {
  it("groupsAction finds the one action and refuses what Kafka refuses, in its words", () => {
    assert.equal(groupsAction(given("--list --state --type")), "list");
    assert.equal(groupsAction(given("--describe --all-groups --members --verbose")), "describe");
    assert.equal(groupsAction(given("--delete --group a --group b")), "delete");
    assert.equal(groupsAction(given("--delete-offsets --group a --topic t")), "delete-offsets");
    assert.equal(groupsAction(given("--reset-offsets --group a --topic t --shift-by -3")), "reset-offsets");
    const cases: [string, string][] = [
      ["--group a", "Command must include exactly one action: --list, --describe, --delete"],
      ["--list --delete --all-groups", "Command must include exactly one action"],
      ["--describe", "Option [describe] takes one of these options: [group], [all-groups]"],
      ["--describe --group a --members --state", "Option [describe] takes at most one of these options"],
      ["--describe --group a --state stable", "Option [describe] does not take a value for [state]"],
      ["--list --members", "Option(s) [members] are unavailable given other options on the command line"],
      ["--describe --group a --type", "Option(s) [type] are unavailable given other options"],
      ["--list --group a", `Option "[group]" can't be used with option "[list]"`],
      ["--describe --group a --all-groups", `Option "[group]" can't be used with option "[all-groups]"`],
      ["--describe --group a --topic t", `Option "[topic]" can't be used with option "[describe]"`],
      ["--delete --group a --topic t", "The consumer does not support topic-specific offset deletion"],
      ["--delete-offsets --group a", "Option [delete-offsets] takes the following options: [group], [topic]"],
      ["--reset-offsets --topic t --to-latest", "Option [reset-offsets] takes one of these options: [group]"],
      [
        "--reset-offsets --group a --topic t",
        "Option '[reset-offsets]' requires one of the following scenarios",
      ],
      ["--reset-offsets --group a --to-latest", "One of the reset scopes should be defined"],
      [
        "--reset-offsets --group a --topic t --to-latest --dry-run --execute",
        "Option [reset-offsets] only accepts one of [execute] and [dry-run]",
      ],
      [
        "--reset-offsets --group a --topic t --to-latest --to-earliest",
        `Option "[to-earliest]" can't be used with option "[to-latest]"`,
      ],
    ];
    for (const [line, words] of cases) {
      assert.throws(() => groupsAction(given(line)), (error: Error) => {
        assert.ok(error.message.startsWith(words), `${line}: ${error.message}`);
        return error.name === "UsageError";
      });
    }
  });

  it("listFilters takes names in whatever case and refuses others with the known ones", () => {
    assert.deepEqual(listFilters(given("--list --state --type")), { states: [], types: [] });
    assert.deepEqual(listFilters(given("--list --state stable,preparingrebalance --type CLASSIC")), {
      states: ["Stable", "PreparingRebalance"],
      types: ["Classic"],
    });
    assert.throws(
      () => listFilters(given("--list --state asleep")),
      /Invalid state list 'asleep'\. Valid states are: /,
    );
    assert.throws(
      () => listFilters(given("--list --type share")),
      /Invalid types list 'share'\. Valid types are: /,
    );
  });

  it("topicArguments reads topics with and without partitions", () => {
    assert.deepEqual(topicArguments(given("--delete-offsets --topic a --topic b:0,12")), [
      { topic: "a", partitions: null },
      { topic: "b", partitions: [0, 12] },
    ]);
    for (const bad of ["b:0:1", "b:", ":1", "b:x", "b:-1", "b:1,"]) {
      assert.throws(() => topicArguments(given(`--delete-offsets --topic ${bad}`)), /^UsageError: Invalid /);
    }
  });

  it("listText prints names alone, or columns with a heading even without a group", () => {
    const groups = [{ group: "g1", type: "Classic", state: "Empty" }] as const;
    assert.equal(listText(groups, { type: false, state: false }), "g1\n");
    assert.equal(
      dotted(listText(groups, { type: true, state: true })),
      "GROUP·····················TYPE·················STATE···············\n" +
        "g1························Classic··············Empty···············\n",
    );
    assert.equal(
      dotted(listText([], { type: false, state: true })),
      "GROUP·····················STATE···············\n",
    );
    assert.equal(listText([], { type: false, state: false }), "");
  });

  it("offsetsText has Kafka's columns, with the leader epoch when verbose, and - for what is not known", () => {
    const g2 = member({ assignment: [{ topic: "orders", partition: 0 }, { topic: "orders", partition: 1 }] });
    const lags = [
      lag({ partition: 0, committed: 4, end: 6, owner: g2 }),
      lag({ partition: 1, committed: -1, end: 0, owner: g2 }),
      lag({ partition: 2, committed: 1, end: -1, leaderEpoch: 3 }),
    ];
    const rows = offsetRows(detail({ members: [g2] }), lags);
    assert.equal(
      dotted(offsetsText("g2", rows, false)),
      "\nGROUP···········TOPIC···········PARTITION··CURRENT-OFFSET··LOG-END-OFFSET··LAG·············CONSUMER-ID···········································HOST············CLIENT-ID" +
        "\ng2··············orders··········0··········4···············6···············2···············console-consumer-766a698e-cd24-438d-adb9-0a21f335b274·/127.0.0.1······console-consumer" +
        "\ng2··············orders··········1··········-···············0···············-···············console-consumer-766a698e-cd24-438d-adb9-0a21f335b274·/127.0.0.1······console-consumer" +
        "\ng2··············orders··········2··········1···············-···············-···············-·····················································-···············-\n",
    );
    assert.equal(
      dotted(offsetsText("g2", rows.slice(2), true)),
      "\nGROUP···········TOPIC···········PARTITION··LEADER-EPOCH····CURRENT-OFFSET··LOG-END-OFFSET··LAG·············CONSUMER-ID·····HOST············CLIENT-ID" +
        "\ng2··············orders··········2··········3···············1···············-···············-···············-···············-···············-\n",
    );
  });

  it("offsetRows puts the member with the most partitions first and what nobody owns last", () => {
    const small = member({ memberId: "a", assignment: [{ topic: "orders", partition: 0 }] });
    const large = member({
      memberId: "b",
      assignment: [1, 2].map((partition) => ({ topic: "orders", partition })),
    });
    const lags = [
      lag({ topic: "audit", partition: 0 }),
      lag({ partition: 0, owner: small }),
      lag({ partition: 1, owner: large }),
      lag({ partition: 2, owner: large }),
      lag({ partition: 3 }),
    ];
    const rows = offsetRows(detail({ members: [small, large] }), lags);
    assert.deepEqual(
      rows.map(({ topic, partition, memberId }) => [topic, partition, memberId]),
      [["orders", 1, "b"], ["orders", 2, "b"], ["orders", 0, "a"], ["audit", 0, null], ["orders", 3, null]],
    );
  });

  it("membersText shows classic members without epochs, and instances where one has its own", () => {
    const orders = [0, 1, 2].map((partition) => ({ topic: "orders", partition }));
    const classic = memberRows(detail({ members: [member({ assignment: orders })] }));
    assert.equal(
      dotted(membersText("g2", classic, true)),
      "\nGROUP···········CONSUMER-ID···········································HOST············CLIENT-ID········#PARTITIONS·····CURRENT-EPOCH···CURRENT-ASSIGNMENT···TARGET-EPOCH····TARGET-ASSIGNMENT···" +
        "\ng2··············console-consumer-766a698e-cd24-438d-adb9-0a21f335b274·/127.0.0.1······console-consumer·3···············-···············orders:0,1,2·········-···············-···················\n",
    );
    const modern = member({
      memberId: "jS4OaVwOSp64Jo5cTQX0OQ",
      instanceId: "i1",
      clientId: "me",
      protocol: "consumer",
      epoch: 2,
      assignment: orders,
      targetAssignment: orders,
    });
    const rows = memberRows(detail({ type: "Consumer", assignmentEpoch: 2, members: [modern] }));
    assert.equal(
      dotted(membersText("g3", rows, false)),
      "\nGROUP···········CONSUMER-ID············GROUP-INSTANCE-ID·HOST············CLIENT-ID·······#PARTITIONS·····" +
        "\ng3··············jS4OaVwOSp64Jo5cTQX0OQ·i1················/127.0.0.1······me··············3···············\n",
    );
    assert.equal(
      dotted(membersText("g3", rows, true)).split("\n")[2],
      "g3··············jS4OaVwOSp64Jo5cTQX0OQ·i1················/127.0.0.1······me··············3···············2···············orders:0,1,2·········2···············orders:0,1,2········",
    );
    assert.equal(
      dotted(membersText("g1", [], true)),
      "\nGROUP···········CONSUMER-ID·····HOST············CLIENT-ID·······#PARTITIONS·····CURRENT-EPOCH···CURRENT-ASSIGNMENT···TARGET-EPOCH····TARGET-ASSIGNMENT···\n",
    );
  });

  it("membersText says who is upgraded only while a group has members of both protocols", () => {
    const [row] = memberRows(detail({ type: "Consumer", members: [member({ protocol: "consumer" })] })) as [
      MemberRow,
    ];
    assert.doesNotMatch(membersText("g", [row, row], true), /UPGRADED/);
    const mixed = membersText("g", [row, { ...row, isUpgraded: false }], true).split("\n");
    assert.match(mixed[1]!, / TARGET-ASSIGNMENT {4}UPGRADED$/);
    assert.match(mixed[2]!, / true$/);
    assert.match(mixed[3]!, / false$/);
  });

  it("stateText shows the group as a whole, epochs when verbose", () => {
    const coordinator = { node: 1, host: "127.0.0.1", port: 42413 };
    const classic = stateRow(detail({ group: "g1", state: "Empty", assignor: "", coordinator, members: [] }));
    assert.equal(
      dotted(stateText(classic, false)),
      "\nGROUP···········COORDINATOR·(ID)··········ASSIGNMENT-STRATEGY··STATE················#MEMBERS" +
        "\ng1··············127.0.0.1:42413··(1)······-····················Empty················0\n",
    );
    const modern = {
      type: "Consumer",
      group: "g3",
      assignor: "uniform",
      epoch: 2,
      assignmentEpoch: 2,
    } as const;
    assert.equal(
      dotted(stateText(stateRow(detail({ ...modern, coordinator, members: [member({})] })), true)),
      "\nGROUP···········COORDINATOR·(ID)··········ASSIGNMENT-STRATEGY··STATE················GROUP-EPOCH·····TARGET-ASSIGNMENT-EPOCH···#MEMBERS" +
        "\ng3··············127.0.0.1:42413··(1)······uniform··············Stable···············2···············2·························1\n",
    );
  });

  it("stateWarning has words for groups without members and for those on the move", () => {
    assert.equal(stateWarning("g", "Stable"), null);
    assert.equal(stateWarning("g", "Empty"), "\nConsumer group 'g' has no active members.");
    for (const state of ["PreparingRebalance", "CompletingRebalance", "Assigning", "Reconciling"] as const) {
      assert.equal(stateWarning("g", state), "\nWarning: Consumer group 'g' is rebalancing.");
    }
  });

  it("resetText and csvOf lay out new offsets", () => {
    const plan = new Map([["g1", [{ topic: "audit", partition: 0, offset: 1 }]], ["g2", []]]);
    assert.equal(
      dotted(resetText(plan)),
      "\nGROUP···········TOPIC···········PARTITION··NEW-OFFSET\ng1··············audit···········0··········1\n",
    );
    assert.equal(
      dotted(resetText(new Map([["g2", []]]))),
      "\nGROUP···········TOPIC···········PARTITION··NEW-OFFSET\n",
    );
    assert.equal(csvOf(plan, false), "audit,0,1\n");
    assert.equal(csvOf(plan, true), "g1,audit,0,1\n");
  });

  it("parseResetFile reads what csvOf writes, with and without groups, and names a line that is wrong", () => {
    const plan = new Map([
      ["g1", [{ topic: "audit", partition: 0, offset: 1 }, { topic: "orders", partition: 2, offset: 30 }]],
      ['odd, "name"', [{ topic: "audit", partition: 0, offset: 0 }]],
    ]);
    assert.deepEqual(parseResetFile(csvOf(plan, true), null), plan);
    assert.deepEqual(parseResetFile(csvOf(plan, true), "g1"), plan);
    assert.deepEqual(parseResetFile('"orders",0,1\r\norders,1,0\n\n', "g9").get("g9"), [
      { topic: "orders", partition: 0, offset: 1 },
      { topic: "orders", partition: 1, offset: 0 },
    ]);
    assert.throws(
      () => parseResetFile("orders,0,1\norders,x,1\n", "g9"),
      /Line 2 of the reset plan, "orders,x,1"/,
    );
    assert.throws(() => parseResetFile("orders,0,1\n", null), /must be group,topic,partition,offset/);
  });

  it("deletedOffsetsText says how it went partition by partition", () => {
    const results = [
      { topic: "nope", partition: -1, error: new Error("Gone") },
      { topic: "audit", partition: 0, error: null },
    ];
    assert.equal(
      dotted(deletedOffsetsText(results)),
      "\nTOPIC···········PARTITION··STATUS·········" +
        "\naudit···········0··········Successful·····\nnope············-··········Error:·Gone····\n",
    );
  });

  it("parseDatetime takes Java's form, UTC without a zone, and nothing else", () => {
    assert.equal(parseDatetime("2026-01-31T12:00:00.000"), Date.UTC(2026, 0, 31, 12));
    assert.equal(parseDatetime("2026-01-31T12:00:00.5Z"), Date.UTC(2026, 0, 31, 12, 0, 0, 5));
    assert.equal(parseDatetime("2026-01-31T12:00:00.000+01:30"), Date.UTC(2026, 0, 31, 10, 30));
    assert.equal(parseDatetime("2026-01-31T12:00:00.000-02"), Date.UTC(2026, 0, 31, 14));
    for (
      const bad of [
        "2026-01-31",
        "2026-02-31T12:00:00.000",
        "2026-01-31T12:00:00",
        "2026-01-31T25:00:00.000",
        "",
      ]
    ) {
      assert.throws(() => parseDatetime(bad), /Error parsing timestamp/, bad);
    }
  });

  it("parseDuration takes Java's form with signs and fractions", () => {
    assert.equal(parseDuration("P1DT12H"), 129_600_000);
    assert.equal(parseDuration("PT1M1.5S"), 61_500);
    assert.equal(parseDuration("-PT-1.5S"), 1_500);
    assert.equal(parseDuration("pt0s"), 0);
    for (const bad of ["P", "PT", "P1DT", "1D", "P1H", "", "nonsense"]) {
      assert.throws(() => parseDuration(bad), /cannot be parsed to a Duration/, bad);
    }
  });
});

/** Blanks as dots, so that the widths of columns can be seen. */
function dotted(text: string): string {
  return text.replaceAll(" ", "·");
}
