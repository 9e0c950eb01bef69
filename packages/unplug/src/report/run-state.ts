import type { RunView, StepState, StepView } from "./run-view.ts";

/** How a run stands: only a dead process's run can be unfinished. */
export function runState(view: RunView, alive: boolean): "running" | "finished" | "unfinished" {
  if (alive && view.closedAt === null) return "running";
  return view.finishedAt === null && view.closedAt === null ? "unfinished" : "finished";
}

/** How a step stands: nothing goes on in a run whose process is dead. */
export function stepState({ state }: StepView, running: boolean): StepState | "cut-short" {
  return state === "running" && !running ? "cut-short" : state;
}
