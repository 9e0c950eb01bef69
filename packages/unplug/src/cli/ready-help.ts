import { fstatSync, writeSync } from "node:fs";
import { type HelpModel, helpText } from "./help-text.ts";

/** JSON: models by command, "" for all. Put in by the bundle, so that who asks for help does not wait for the program. */
declare const UNPLUG_HELP: string | undefined;

const STDOUT = 1;
const DEFAULT_WIDTH = 80;

/**
 * Prints the help of a command, "" for the help of all.
 *
 * False when nothing was printed: in a checkout, of what is no command, and where standard output takes nothing.
 */
export function printReadyHelp(name: string): boolean {
  const ready: Readonly<Record<string, HelpModel>> =
    typeof UNPLUG_HELP === "string" ? JSON.parse(UNPLUG_HELP) : {};
  const model = Object.hasOwn(ready, name) ? ready[name] : undefined;
  if (model === undefined) return false;
  try {
    // To open process.stdout takes longer than all else here, and only a terminal has a width.
    const columns = fstatSync(STDOUT).isCharacterDevice() ? process.stdout.columns : DEFAULT_WIDTH;
    return writeSync(STDOUT, helpText(model, columns > 0 ? columns : DEFAULT_WIDTH)) > 0;
  } catch {
    return false;
  }
}
