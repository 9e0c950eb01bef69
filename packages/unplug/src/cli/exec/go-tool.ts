import { basename } from "node:path";

/**
 * What to say where COMMAND is Go's own tool and starts what it builds: that is a Go program which another starts, and is not
 * reached. Null: it starts nothing.
 *
 * Source: `go help run`, `go help test` (-exec)
 */
export function goToolWarning(file: string, args: readonly string[]): string | null {
  if (!/^go(\d[\w.]*)?$/.test(basename(file))) return null;
  // `go -C DIR run`
  const [verb = ""] = args[0] === "-C" ? args.slice(2) : args.filter((one) => !one.startsWith("-C="));
  if (verb !== "run" && verb !== "test") return null;
  return `unplug: warning: what go ${verb} builds and starts is not reached, only go itself: let go start it, go ${verb} -exec 'unplug exec --block TARGET --' …`;
}
