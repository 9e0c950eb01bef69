// A process of its own that takes a run, writes to it, and stays until it is killed or its input ends.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { osLocks } from "../../packages/unplug/src/journal/os-locks.ts";
import { openJournal } from "../../packages/unplug/src/journal/sqlite-journal.ts";

const [folder = "", mode = "", run = "", claim = ""] = process.argv.slice(2);
const journal = openJournal(folder, { now: () => Date.now() });

function say(what: unknown): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

if (mode === "take") {
  const conflict = await journal.take(run, [claim]);
  if (conflict === null) await journal.append(run, 1, [{ type: "step.skipped", step: run, reason: "test" }]);
  say(conflict);
} else if (mode === "probe") {
  let alive = 0;
  for (let i = 0; i < 300; i += 1) alive += (await journal.runs()).filter((head) => head.alive).length;
  say(alive);
} else if (mode === "contend") {
  // Whoever holds the lock is alone with this file.
  const locks = osLocks(join(folder, "locks"));
  const mark = join(folder, "alone");
  let together = 0;
  for (let held = 0; held < 150; ) {
    if (!locks.take(run)) continue;
    held += 1;
    if (existsSync(mark)) together += 1;
    writeFileSync(mark, "");
    rmSync(mark, { force: true });
    locks.release(run);
  }
  say(together);
} else if (mode === "append") {
  await journal.take(run, []);
  for (let i = 0; ; i += 1) {
    await journal.append(run, i, [{ type: "step.skipped", step: String(i), reason: "test" }]);
    say(i);
  }
}
// Whoever drops the journal lets go of its locks when it is collected.
process.stdin.resume().on("end", () => journal.close());
