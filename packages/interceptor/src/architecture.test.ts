import { expect, test } from "vitest";
import { architectureOf, architectures } from "./architecture.ts";

test("knows the architectures that Lambda has, under the names that Node.js gives them, and no other", () => {
  expect(["x64", "arm64"].map(architectureOf)).toEqual(architectures);
  expect(["arm", "ia32", "riscv64", "x86_64", ""].map(architectureOf)).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
});
