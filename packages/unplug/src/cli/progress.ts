import type { Recorded } from "../contract/journal.ts";
import type { Environment } from "../load/variables.ts";
import { eventLine } from "../report/event-line.ts";
import { fold } from "../report/fold.ts";
import { newView, type RunView } from "../report/run-view.ts";
import { liveLines } from "./live-lines.ts";
import { isLive, lookOf } from "./look.ts";
import { Screen } from "./screen.ts";
import type { Stream } from "./shell.ts";

const REDRAW_MS = 100;
const TICK_MS = 1000;

/** A run as it goes on: a terminal sees it move, a pipe or CI gets a line for each event. */
export interface Progress {
  event(recorded: Recorded): void;
  /** Text for people between the events. */
  say(text: string): void;
  /** Ends the moving part; what was said stays. */
  close(): void;
}

export function openProgress(input: {
  readonly run: string;
  readonly stream: Stream;
  readonly env: Environment;
  readonly now: () => number;
  /** What happened before, when an old run is taken up again. */
  readonly before?: readonly Recorded[];
}): Progress {
  return isLive(input.stream, input.env) ? live(input) : plain(input);
}

type Input = Parameters<typeof openProgress>[0];

function plain({ run, stream, env, before = [] }: Input): Progress {
  const look = lookOf(stream, env);
  let view = fold(before, newView(run));
  return {
    event(recorded) {
      view = fold([recorded], view);
      const line = eventLine(recorded, view, look);
      if (line !== null) stream.write(`${line}\n`);
    },
    say: (text) => void stream.write(`${text.trimEnd()}\n`),
    close: () => undefined,
  };
}

function live({ run, stream, env, now, before = [] }: Input): Progress {
  const screen = new Screen(stream);
  let view: RunView = fold(before, newView(run));
  let waiting: string[] = [];
  let closed = false;
  let drawnAt = 0;
  let planned: NodeJS.Timeout | null = null;

  const draw = () => {
    if (planned !== null) clearTimeout(planned);
    planned = null;
    drawnAt = now();
    const lines = closed ? [] : liveLines(view, drawnAt, lookOf(stream, env));
    screen.update(waiting, lines);
    waiting = [];
  };
  const drawSoon = () => {
    planned ??= setTimeout(draw, Math.max(0, drawnAt + REDRAW_MS - now()));
  };
  // It moves the countdown, and must not keep the process from ending.
  const tick = setInterval(drawSoon, TICK_MS).unref();

  return {
    event(recorded) {
      view = fold([recorded], view);
      const line = eventLine(recorded, view, lookOf(stream, env));
      if (line !== null) waiting.push(line);
      drawSoon();
    },
    say(text) {
      waiting.push(...text.trimEnd().split("\n"));
      draw();
    },
    close() {
      if (closed) return;
      closed = true;
      clearInterval(tick);
      draw();
    },
  };
}
