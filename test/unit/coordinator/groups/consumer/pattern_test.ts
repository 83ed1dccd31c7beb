/** Patterns of subscriptions: RE2's syntax, whole matches, and no pattern that takes its time. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { compilePattern } from "../../../../../src/coordinator/groups/consumer/pattern/re2.ts";
import { matchTopics } from "../../../../../src/coordinator/groups/consumer/pattern/topics.ts";
import { weigh } from "../../../../../src/coordinator/groups/consumer/pattern/weight.ts";
import { Driver } from "./driver.ts";

function isMatch(pattern: string, text: string): boolean {
  const compiled = compilePattern(pattern);
  assert.ok(typeof compiled !== "string", `${compiled}`);
  return compiled(text);
}

/** Pattern, texts it matches, texts it does not. */
const CASES: [string, string[], string[]][] = [
  ["orders", ["orders"], ["orders-1", "my-orders", ""]],
  ["orders-.*", ["orders-", "orders-1"], ["orders"]],
  [".*", ["", "anything"], []],
  ["", [""], ["a"]],
  ["a|b|", ["a", "b", ""], ["ab"]],
  ["(a|b)+c?", ["a", "abba", "abc"], ["", "c"]],
  ["(?:ab){2}", ["abab"], ["ab", "ababab"]],
  ["a{2,3}", ["aa", "aaa"], ["a", "aaaa"]],
  ["a{2,}", ["aa", "aaaaa"], ["a"]],
  ["a{0}b", ["b"], ["ab"]],
  ["a{,2}", ["a{,2}"], ["aa"]],
  ["x*?y+?z??", ["y", "xxyyz"], ["x"]],
  ["(a*)*", ["", "aaa"], ["b"]],
  ["[a-c_]+", ["abc_"], ["d"]],
  ["[^a-c]", ["d"], ["a"]],
  ["[]a]+", ["]a"], ["b"]],
  ["[a-]+", ["a-a"], ["b"]],
  ["[-a]+", ["a-a"], ["b"]],
  ["[\\w.-]+", ["a.b-c_9"], ["a b"]],
  ["[[:alpha:]]+[[:^alpha:]]", ["ab1"], ["ab"]],
  ["\\d{4}", ["2026"], ["202", "abcd"]],
  ["\\D\\W\\S", ["a-b"], ["1-b"]],
  ["a\\.b", ["a.b"], ["axb"]],
  ["\\Qa.b\\E+", ["a.b", "a.bb"], ["axb"]],
  ["\\x41\\x{42}", ["AB"], ["ab"]],
  ["\\pL+\\p{Lu}\\PN\\p{^Greek}", ["abCdx"], ["abC1x"]],
  ["^a$", ["a"], ["aa"]],
  ["\\Aa\\z", ["a"], [""]],
  ["a.*\\bb", ["a-b"], ["aab"]],
  ["a.*\\Bb", ["aab"], ["a-b"]],
  ["(?i)orders", ["ORDERS", "Orders"], ["order"]],
  ["a(?i:b)c", ["abc", "aBc"], ["aBC"]],
  ["(?P<name>a)(?<other>b)", ["ab"], ["a"]],
  ["(?s-i).", ["a"], [""]],
];

describe("compilePattern", () => {
  for (const [pattern, texts, others] of CASES) {
    it(`takes "${pattern}"`, () => {
      for (const text of texts) assert.ok(isMatch(pattern, text), `"${text}" matches`);
      for (const text of others) assert.ok(!isMatch(pattern, text), `"${text}" does not match`);
    });
  }

  const wrong = [
    "(",
    ")",
    "(a",
    "a)",
    "[a",
    "[",
    "[z-a]",
    "*a",
    "a**",
    "a{2}{3}",
    "a{1001}",
    "a{3,2}",
    "\\",
    "(a)\\1",
    "(?=a)",
    "(?!a)",
    "(?<=a)",
    "(?<!a)",
    "(?>a)",
    "\\p{Nothing}",
    "[[:nothing:]]",
    "\\y",
    "((a{100}){100}){100}",
    "a".repeat(1_001),
    "((a{0,100}){0,100}){0,100}",
    `(${"a".repeat(900)}){1000}`,
    `(${"a?".repeat(450)}){1000}`,
    "(\\pL{1000})".repeat(80),
    "(.*){1000}",
  ];
  for (const pattern of wrong) {
    it(`refuses "${pattern.slice(0, 40)}"`, () => {
      const wrong = compilePattern(pattern);
      assert.ok(typeof wrong === "string");
      assert.match(wrong, /^Pattern /);
    });
  }

  it("agrees with JavaScript on patterns both know", () => {
    const atom = fc.constantFrom(
      "a",
      "b",
      ".",
      "[ab]",
      "[^a]",
      "(a|bc)",
      "(?:b|)",
      "\\w",
      "a?",
      "b*",
      "(ab)+",
      "c{1,2}",
    );
    const pattern = fc.array(atom, { maxLength: 6 }).map((atoms) => atoms.join(""));
    const text = fc.array(fc.constantFrom("a", "b", "c", "-"), { maxLength: 8 }).map((chars) =>
      chars.join("")
    );
    fc.assert(fc.property(pattern, text, (pattern, text) => {
      assert.equal(
        isMatch(pattern, text),
        new RegExp(`^(?:${pattern})$`).test(text),
        `${pattern} on ${text}`,
      );
    }));
  });

  it("never throws, whatever it is given", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 30 }), (pattern) => {
      const compiled = compilePattern(pattern);
      if (typeof compiled !== "string") compiled("orders-1");
    }));
  });

  it("says what is wrong, and where", () => {
    const wanted = `must be a regular expression in RE2's syntax`;
    assert.equal(compilePattern("a("), `Pattern "a(" ${wanted}: missing closing ) at "a("`);
    assert.equal(
      compilePattern("a**"),
      `Pattern "a**" ${wanted}: invalid nested repetition operator at "**"`,
    );
    assert.equal(compilePattern("\\"), `Pattern "\\" ${wanted}: trailing backslash at end of expression`);
    assert.match(
      `${compilePattern("a".repeat(1_001))}`,
      /"1001" characters is too long, at most 1000 are wanted$/,
    );
    assert.match(
      `${compilePattern("([ab]c){1000}")}`,
      /comes to "4000" characters written out, at most 2000 /,
    );
  });

  it("takes patterns whose matching would take JavaScript for ever", () => {
    assert.equal(isMatch("(a+)+b", "a".repeat(249)), false);
    assert.equal(isMatch("(a|a)*c", "a".repeat(249)), false);
    assert.equal(isMatch("(.*){10}x", "a".repeat(249)), false);
  });
});

describe("weigh", () => {
  it("writes repetitions out, and takes what is quoted or in brackets for what it is", () => {
    const weights: [string, number][] = [
      ["", 0],
      ["orders-.*", 9],
      ["\\d{4}-\\d{2}", 7],
      ["[a-z(]{10}", 10],
      ["[]){]{10}", 10],
      ["[[:alpha:])]{10}", 10],
      ["\\){10}", 10],
      ["\\p{Greek}{10}", 10],
      ["(ab){10}", 40],
      ["((ab){10}){10}", 420],
      ["a{2,5}", 10],
      ["a{2,}", 4],
      ["a{,5}", 5],
      ["a{0}", 1],
      ["(a", 2],
      ["a)", 2],
    ];
    for (const [pattern, weight] of weights) assert.equal(weigh(pattern), weight, pattern);
  });

  it("bounds what the library makes of a pattern: two states each, and three around them", () => {
    const atom = fc.constantFrom(
      "a",
      ".",
      "\\w",
      "\\)",
      "[^)a]",
      "[](]",
      "\\pL",
      "\\Q(a)\\E",
      "^",
      "(?i)",
      "(?:b|)",
    );
    const count = fc.constantFrom("", "", "*", "+?", "?", "{3}", "{0,7}", "{2,}", "{0}", "{4,9}?");
    const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
      pattern: fc.array(tie("part"), { maxLength: 4 }).map((parts) => parts.join("")),
      part: fc.oneof(
        { depthSize: "small" },
        fc.tuple(atom, count).map(([atom, count]) => atom === "(?i)" ? atom : atom + count),
        fc.tuple(tie("pattern"), tie("pattern"), count).map(([one, other, count]) =>
          `(${one}|${other})${count}`
        ),
      ),
    }));
    fc.assert(fc.property(pattern, (pattern) => {
      const weight = weigh(pattern);
      if (weight > 5_000) return;
      let size = 0;
      try {
        size = RE2JS.compile(pattern).programSize();
      } catch {
        return;
      }
      assert.ok(size <= 2 * weight + 3, `"${pattern}" weighs ${weight}, its program ${size}`);
    }));
  });
});

describe("matchTopics", () => {
  it("gives topics in order, and none for a pattern of another broker's log that is none here", () => {
    const { context } = new Driver({ "orders-b": 1, "orders-a": 1, bills: 1 });
    assert.deepEqual(matchTopics("orders-.*", context), ["orders-a", "orders-b"]);
    assert.deepEqual(matchTopics("orders-(?=a).*", context), []);
  });
});
