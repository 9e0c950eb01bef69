import { randomBytes } from "node:crypto";
import { runId } from "./run-id.ts";

/** A run's id that no run in the journal has. */
export function freshRunId(taken: readonly string[]): string {
  const random = () => randomBytes(1).readUInt8();
  let id = runId(Date.now(), random);
  while (taken.includes(id)) id = runId(Date.now(), random);
  return id;
}
