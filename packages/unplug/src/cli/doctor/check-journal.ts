import type { RunHead } from "../../contract/journal.ts";
import { journalHealth } from "../../journal/journal-health.ts";
import type { Finding } from "./diagnosis.ts";

/** Whether the journal can be read and written, is whole, and has room. */
export function checkJournal(folder: string): Finding {
  try {
    const health = journalHealth(folder);
    if (health === null)
      return {
        subject: "journal",
        state: "note",
        text: `there is none in ${folder} yet: the first run makes it`,
      };
    const { path, problems, runs, events, bytes, freeBytes, format } = health;
    const text = `${path}: format ${format}, ${runs} runs, ${events} events, ${size(bytes)}, ${size(freeBytes)} free`;
    if (problems.length === 0)
      return { subject: "journal", state: "good", text: `${text}; whole, readable and writable` };
    return {
      subject: "journal",
      state: "bad",
      text: `${text}: ${problems.join("; ")}`,
      mend: "Make room, or give yourself access; one that is broken: set UNPLUG_HOME to another folder, and keep this one",
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      subject: "journal",
      state: "bad",
      text: `the journal in ${folder} cannot be read: ${why}`,
      mend: "Set UNPLUG_HOME to another folder, and keep this one: most of what is unplugged has a marker in AWS, not all",
    };
  }
}

function size(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.ceil(bytes / 1024)} KiB`;
  return bytes < 1024 ** 3 ? `${Math.floor(bytes / 1024 ** 2)} MiB` : `${Math.floor(bytes / 1024 ** 3)} GiB`;
}

/** Unfinished runs, and those that go on: both lease their targets; and any that is `unreadable`, by its reason. */
export function checkRuns(
  heads: readonly RunHead[],
  unreadable: ReadonlyMap<string, string>,
): readonly Finding[] {
  const open = heads.filter(({ closed }) => !closed);
  const damaged = heads.flatMap((head): readonly Finding[] => {
    const why = unreadable.get(head.run);
    return head.closed && why !== undefined
      ? [{ subject: "runs", state: "note", text: `${head.run} is over, and cannot be read: ${why}` }]
      : [];
  });
  if (open.length === 0)
    return [{ subject: "runs", state: "good", text: "none is unfinished, no target is leased" }, ...damaged];
  return [...open.map((head) => openRun(head, unreadable.get(head.run))), ...damaged];
}

function openRun({ run, alive, startedAt }: RunHead, unreadable: string | undefined): Finding {
  const since = new Date(startedAt).toISOString();
  const why = unreadable === undefined ? "" : `; it cannot be read: ${unreadable}`;
  if (alive)
    return {
      subject: "runs",
      state: "note",
      text: `${run} of ${since} goes on, and leases its targets${why}`,
      mend: `unplug abort ${run}`,
    };
  return {
    subject: "runs",
    state: "left",
    text: `${run} of ${since} ended without restoring everything, and leases its targets${why}`,
    mend:
      unreadable === undefined
        ? `unplug restore ${run}`
        : "Keep this journal and set UNPLUG_HOME to another folder: `unplug doctor` tells there what has a marker, and what restores it",
  };
}
