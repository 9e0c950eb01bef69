import { expect, test } from "vitest";
import { runId } from "./run-id.ts";

test("tells when the run began, in UTC, and is not the same twice", () => {
  const bytes = [0, 1, 29, 255];

  const id = runId(Date.UTC(2026, 10, 21, 21, 4, 59), () => bytes.shift() ?? 0);

  expect(id).toBe("r-20261121-2104-23y9");
});
