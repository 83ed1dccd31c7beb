/** Patterns of subscriptions: RE2's syntax, whole matches, and no pattern that takes its time. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { matches } from "../../../../../src/coordinator/groups/consumer/pattern/match.ts";
import { parsePattern } from "../../../../../src/coordinator/groups/consumer/pattern/parse.ts";

function isMatch(pattern: string, text: string): boolean {
  const program = parsePattern(pattern);
  assert.ok(typeof program !== "string", `${program}`);
  return matches(program, text);
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

describe("parsePattern", () => {
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
    "(".repeat(200) + ")".repeat(200),
  ];
  for (const pattern of wrong) {
    it(`refuses "${pattern.slice(0, 40)}"`, () => {
      const program = parsePattern(pattern);
      assert.ok(typeof program === "string");
      assert.match(program, /^Pattern /);
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
      const program = parsePattern(pattern);
      if (typeof program !== "string") matches(program, "orders-1");
    }));
  });

  it("takes patterns whose matching would take JavaScript for ever", () => {
    assert.equal(isMatch("(a+)+b", "a".repeat(249)), false);
    assert.equal(isMatch("(a|a)*c", "a".repeat(249)), false);
    assert.equal(isMatch("(.*){10}x", "a".repeat(249)), false);
  });
});
