import { expect, test } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import { nearest } from "./nearest.ts";

const known = ["FUNCTION_NAME", "REGION", "RAMP_TIME", "EVENT_UUIDS"];

test.each([
  ["FUNCTON_NAME", "FUNCTION_NAME"],
  ["function_name", "FUNCTION_NAME"],
  ["RGEION", "REGION"],
  ["EVENT_UUID", "EVENT_UUIDS"],
  ["event", "EVENT_UUIDS"],
  ["R", null],
  ["TARGET_HOSTNAMES", null],
  ["", null],
])("takes %s for %s", (name, meant) => {
  expect(nearest(name, known)).toBe(meant);
});

test("finds a name after any one slip", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...known),
      fc.nat(),
      fc.constantFrom("drop", "swap", "add"),
      (name, seed, slip) => {
        const at = seed % (name.length - 1);
        const [a, b] = [name[at] ?? "", name[at + 1] ?? ""];
        const middle = { drop: b, swap: b + a, add: `${a}X${b}` }[slip];

        expect(nearest(name.slice(0, at) + middle + name.slice(at + 2), known)).toBe(name);
      },
    ),
  );
});
