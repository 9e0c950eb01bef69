/** What decides how the command ends. */
export interface ExitFacts {
  /** The command line or the experiment was wrong; nothing was called. */
  readonly usage: boolean;
  /** Something of ours is not proved out of a target. */
  readonly left: boolean;
  readonly defect: boolean;
  readonly signals: readonly ("SIGINT" | "SIGTERM" | "SIGHUP")[];
  readonly aborted: boolean;
  /** Refused, not injected, inconclusive, or a probe errored. */
  readonly unanswered: boolean;
  readonly unmet: boolean;
}

export interface ExitLine {
  readonly code: number;
  readonly meaning: string;
  /** What to do next; empty when there is nothing to do. */
  readonly hint: string;
  readonly applies: (facts: ExitFacts) => boolean;
}

/** Every way in which a run ends; the highest line that applies wins. */
export const exitLines: readonly ExitLine[] = [
  {
    code: 2,
    meaning: "usage or invalid experiment; nothing was called",
    hint: "Mend what is named and start again.",
    applies: ({ usage }) => usage,
  },
  {
    code: 4,
    meaning: "something of ours is not proved out of a target; someone must act",
    hint: "Run the restore command that is printed.",
    applies: ({ left }) => left,
  },
  {
    code: 70,
    meaning: "a defect in Unplug",
    hint: "Report it with the run's journal (unplug show RUN --format json).",
    applies: ({ defect }) => defect,
  },
  {
    code: 129,
    meaning: "ended by SIGHUP; nothing of ours is left in",
    hint: "",
    applies: ({ signals }) => signals[0] === "SIGHUP",
  },
  {
    code: 130,
    meaning: "ended by SIGINT; nothing of ours is left in",
    hint: "",
    applies: ({ signals }) => signals[0] === "SIGINT",
  },
  {
    code: 143,
    meaning: "ended by SIGTERM; nothing of ours is left in",
    hint: "",
    applies: ({ signals }) => signals[0] === "SIGTERM",
  },
  { code: 5, meaning: "aborted; nothing of ours is left in", hint: "", applies: ({ aborted }) => aborted },
  {
    code: 3,
    meaning:
      "no valid answer (refused, not injected, inconclusive, cut short, or a probe erred); nothing of ours is left in",
    hint: "Mend the reason that is named and run it again.",
    applies: ({ unanswered }) => unanswered,
  },
  {
    code: 1,
    meaning: "hypothesis not met",
    hint: "The findings say by how much.",
    applies: ({ unmet }) => unmet,
  },
];

const answered: ExitLine = {
  code: 0,
  meaning: "hypothesis met, or none stated",
  hint: "",
  applies: () => true,
};

/** The line that decides. */
export function exitLine(facts: ExitFacts): ExitLine {
  return exitLines.find(({ applies }) => applies(facts)) ?? answered;
}
