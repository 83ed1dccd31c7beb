/** How `weir group` looks on a terminal, wide and narrow. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  describeGroupText,
  listGroupsText,
  rangesText,
  resetGroupText,
} from "../../../src/cli/group_words.ts";
import { detail, lag, member } from "./groups.ts";

const owner = member({
  instanceId: "billing-1",
  assignment: [5, 0, 1, 2].map((partition) => ({ topic: "orders", partition })).concat({
    topic: "audit",
    partition: 0,
  }),
});

describe("group words", () => {
  it("describeGroupText shows the group, each partition with its lag, and who owns what", () => {
    const lags = [
      lag({ partition: 0, committed: 10, end: 1_210, records: 1_200, behindMs: 75_040, owner }),
      lag({ partition: 1, committed: -1, end: 3, records: null, behindMs: null, owner }),
      lag({ partition: 2, committed: 7, end: 7 }),
    ];
    assert.equal(
      describeGroupText(detail({ group: "order-processor", members: [owner] }), lags, Infinity),
      `order-processor: Stable, 1 member, 1,200 records and 75.0 s behind, 1 partition without a commit
classic protocol, generation 3, assignor range, coordinator 127.0.0.1:9292 (broker 1)

topic   partition  committed   end   lag  seconds  member                                                 host       client
orders          0         10  1210  1200     75.0  console-consumer-766a698e-cd24-438d-adb9-0a21f335b274  127.0.0.1  console-consumer
orders          1          -     3     -        -  console-consumer-766a698e-cd24-438d-adb9-0a21f335b274  127.0.0.1  console-consumer
orders          2          7     7     0      0.0  -                                                      -          -

member                                                 instance   partitions  host       client            owns
console-consumer-766a698e-cd24-438d-adb9-0a21f335b274  billing-1           5  127.0.0.1  console-consumer  audit 0, orders 0-2,5
`,
    );
  });

  it("describeGroupText shortens member ids where the terminal is narrow, then leaves columns out that the members' table has", () => {
    const lags = [lag({ partition: 0, committed: 7, end: 7, owner })];
    const row = (width: number) => {
      const text = describeGroupText(detail({ members: [owner] }), lags, width).split("\n")[4]!;
      return text.slice(text.indexOf("0.0  ") + 5);
    };
    assert.equal(row(100), "console-con…21f335b274  127.0.0.1  console-consumer");
    assert.equal(row(80), "console-co…1f335b274  127.0.0.1");
    assert.equal(row(40), "cons…b274");
  });

  it("describeGroupText says so when nothing is committed and nobody is there", () => {
    const empty = detail({ type: "Consumer", state: "Empty", assignor: "uniform" });
    assert.equal(
      describeGroupText(empty, [], 80),
      "g2: Empty, 0 members, nothing committed\n" +
        "consumer protocol, epoch 3, assignor uniform, coordinator 127.0.0.1:9292 (broker 1)\n",
    );
    assert.match(describeGroupText(empty, [lag({})], 80), /^g2: Empty, 0 members, not behind\n/);
  });

  it("describeGroupText says what members speak while a group has both protocols", () => {
    const members = [member({ memberId: "a" }), member({ memberId: "b", protocol: "consumer" })];
    const text = describeGroupText(detail({ type: "Consumer", members }), [], 200);
    assert.match(
      text,
      /\nmember {2}protocol {2}instance .*\na {7}classic {3}- .*\nb {7}consumer {2}- .* nothing\n$/,
    );
  });

  it("listGroupsText and resetGroupText are tables", () => {
    const group = {
      group: "order-processor",
      type: "Consumer",
      state: "Reconciling",
      protocolType: "consumer",
    } as const;
    assert.equal(
      listGroupsText([group]),
      "group            state        protocol\norder-processor  Reconciling  consumer\n",
    );
    const resets = [{ topic: "orders", partition: 0, before: -1, offset: 0 }, {
      topic: "orders",
      partition: 10,
      before: 12,
      offset: 7,
    }];
    assert.equal(
      resetGroupText(resets),
      "topic   partition  before  now\norders          0       -    0\norders         10      12    7\n",
    );
  });

  it("rangesText joins neighbours", () => {
    assert.equal(rangesText([0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
    assert.equal(rangesText([]), "");
  });
});
