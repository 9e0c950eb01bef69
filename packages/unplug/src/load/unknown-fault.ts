import type { AnyFault } from "../contract/fault.ts";
import { didYouMean } from "./nearest.ts";

/** One line for an id that no fault has. */
export function unknownFault(where: string, id: string, faults: readonly AnyFault[]): string {
  const ids = faults.map((fault) => fault.id);
  return `${where}: unknown fault "${id}"${didYouMean(id, ids)}: \`unplug faults\` lists them`;
}
