import { expect, it } from "vitest";
import type { Event } from "../contract/events.ts";
import { exitCodes } from "./exit-codes.ts";
import { tellRestored } from "./restore-report.ts";
import type { Shell } from "./shell.ts";

function told(event: Event): { readonly code: number; readonly said: string } {
  const said: string[] = [];
  const stdout = { write: (text: string) => said.push(text) };
  const shell: Shell = { env: {}, stdout, stderr: stdout, readInput: () => Promise.resolve("") };
  const events = [{ sequence: 1, at: 0, event }];
  return { code: tellRestored("r-1", events, { format: "human" }, shell), said: said.join("") };
}

it("says that nothing is left only where all could be told", () => {
  expect(told({ type: "run.finished" })).toEqual({
    code: exitCodes.done,
    said: "Run r-1: nothing of it is left; everything is put back and proved.\n",
  });
  for (const code of ["MarkersUnread", "PartStays"]) {
    const failure = { code, message: "Not every marker could be read" };
    expect(told({ type: "run.failed", failure, defect: false })).toEqual({
      code: exitCodes.left,
      said: "Run r-1: what could be told to be ours is put back and proved; not all could.\n",
    });
  }
});
