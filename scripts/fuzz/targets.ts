import { answerTargets } from "./answer-targets.ts";
import { archiveTargets } from "./archive-targets.ts";
import { sandboxTargets } from "./sandbox-targets.ts";
import type { FuzzTarget } from "./target.ts";
import { textTargets } from "./text-targets.ts";

export const targets: readonly FuzzTarget[] = [
  ...archiveTargets,
  ...textTargets,
  ...answerTargets,
  ...sandboxTargets,
];
