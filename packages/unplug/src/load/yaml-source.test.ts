import { expect, test } from "vitest";
import { InvalidExperiment } from "./invalid-experiment.ts";
import { readYaml } from "./yaml-source.ts";

function problem(text: string): string {
  try {
    readYaml(text, "e.yaml");
  } catch (error) {
    if (!(error instanceof InvalidExperiment)) throw error;
    expect(error.problems).toHaveLength(1);
    return `\n${error.problems.join("\n")}\n`;
  }
  return "none";
}

test.each([
  ["text that is never closed", 'a:\n  b: "c\nd: e\n'],
  ["a list that is never closed", "a: [b,\nc: d\n"],
  ["a map on the line of its key", "a: b: c\n"],
  ["a character that no text begins with", "a: @b\n"],
  ["a list item on the line of its key", "a: - b\n"],
  ["a variable that is no text for YAML", "a: { b: ${NAME}, c: d }\n"],
  ["a problem far to the right", `a: [${"x, ".repeat(100)}"b" c, ${"y, ".repeat(100)}]\n`],
  ["many problems, of which the first counts", "a: }\nb: }\nc: }\n"],
  ["an alias of nothing", "a: 1\nb: *nothing\n"],
  ["an alias of what it is in", "a: &a [*a]\n"],
  ["aliases that multiply", bomb()],
  ["lists in lists without end", "[".repeat(5000) + "]".repeat(5000)],
  ["maps in maps without end", nested(1500)],
  ["more levels than any experiment has", nested(60)],
  ["a map for a key", "{ a: b }: c\n"],
  ["bytes", "a: !!binary b3JkZXJz\n"],
  ["a set", "a: !!set { b }\n"],
  ["a merge of what is no map", "a: { <<: 5 }\n"],
  ["a version that YAML does not have", "%YAML 3.0\n---\na: b\n"],
  ["a program", "\u007fELF\u0002\u0001\u0001\u0000\u0000"],
  ["what is not UTF-8", "a: b\nc: B\ufffdcher\n"],
  ["lines that end as on old Macs", "a: b\rc: d\r"],
])("refuses with one problem: %s", (_, text) => {
  expect(problem(text)).toMatchSnapshot();
});

test("takes a key for what it is, whatever it is called", () => {
  const { data } = readYaml("{ 1: a, true: b, ~: c, __proto__: { d: e } }\n", "e.yaml");

  expect(Object.entries(Object(data))).toEqual([
    ["1", "a"],
    ["true", "b"],
    ["~", "c"],
    ["__proto__", { d: "e" }],
  ]);
  expect(Reflect.get({}, "d")).toBeUndefined();
});

function bomb(): string {
  const level = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(of).join(", ")}]\n`;
  return level("a", "x") + level("b", "*a") + level("c", "*b") + level("d", "*c");
}

function nested(levels: number): string {
  return Array.from({ length: levels }, (_, i) => `${" ".repeat(i)}a:\n`).join("");
}
