import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../load/variables.ts";

/** The folder that holds the journal: `UNPLUG_HOME`, else where the system keeps state. */
export function stateFolder(env: Environment, userFolder: string = homedir()): string {
  const own = env["UNPLUG_HOME"];
  if (own !== undefined && own !== "") return own;
  const state = env["XDG_STATE_HOME"];
  // The XDG specification says to ignore a path that is not absolute.
  if (state?.startsWith("/")) return join(state, "unplug");
  return join(userFolder, ".local", "state", "unplug");
}
