import { expect, it } from "vitest";
import type { Event } from "../contract/events.ts";
import { exitCodes } from "./exit-codes.ts";
import { tellRestored } from "./restore-report.ts";
import type { Shell } from "./shell.ts";

function told(...happened: readonly Event[]): { readonly code: number; readonly said: string } {
  const said: string[] = [];
  const stdout = { write: (text: string) => said.push(text) };
  const shell: Shell = { env: {}, stdout, stderr: stdout, readInput: () => Promise.resolve("") };
  const events = happened.map((event, i) => ({ sequence: i + 1, at: 0, event }));
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

it("says what a process that died had to do beside, and does not repeat what was told while it was done", () => {
  const place = { account: "123456789012", region: "us-east-1", endpoint: null };
  const id = "arn:aws:lambda:us-east-1:123456789012:function:orders";
  const intended: Event = {
    type: "edit.intended",
    edit: 1,
    step: "block",
    iteration: 1,
    target: id,
    value: { ref: { kind: "function-image", id, within: null, place }, before: "a", after: "b" },
    arms: true,
  };
  const started: Event = { type: "restore.started", step: null, iteration: null, by: "somebody" };
  const beside: Event = { type: "undo.beside", edit: 1, told: "its image had to be put there again" };
  const proved: Event = { type: "proved", edit: 1 };
  const took =
    /^To put back function-image of function orders took more: its image had to be put there again\.$/gm;

  expect(told(intended, started, beside, started, proved).said.match(took)).toHaveLength(1);
  expect(told(intended, started, beside, started, beside, proved).said.match(took)).toHaveLength(1);
  expect(told(intended, started, beside, proved).said).not.toMatch(took);
});
