import { Script } from "node:vm";

/** Longer than this no pattern is looked for: a whole run waits for it. */
const MOST_MS = 200;

const script = new Script('new RegExp(pattern, "su").test(text)');

/** Whether a text matches a pattern; throws when that takes too long, as with some patterns it does, for ever. */
export function isMatch(pattern: string, text: string): boolean {
  try {
    return script.runInNewContext({ pattern, text }, { timeout: MOST_MS }) === true;
  } catch (error) {
    // It may be an error of the other context.
    if (Object(error).code === "ERR_SCRIPT_EXECUTION_TIMEOUT")
      throw new Error(
        `/${pattern}/ took longer than ${MOST_MS} ms on a text of ${text.length} characters: write a simpler pattern`,
      );
    throw error;
  }
}
