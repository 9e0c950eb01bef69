import { expect, inject } from "vitest";
import { inTerminal } from "../../packages/unplug/src/cli/terminal-for-test.ts";
import { Lab, REGION, TOGGLE } from "../support/lab.ts";
import { needs } from "../support/needs.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: what is looked for
const [ASCII, ESCAPE, COLOUR] = [/^[\u0000-\u007f]*$/, /\u001b/, /\u001b\[\d+m/];

needs("python3").test(
  "a run is legible in a narrow terminal without UTF-8, and what is shown of it suits the reader",
  async (python3) => {
    await using lab = await Lab.open({ timing: "none" });
    const { bin, cache } = inject("command");
    await lab.addFed("orders", 2);
    const shows = (args: readonly string[], env: NodeJS.ProcessEnv, columns = 80) =>
      inTerminal(python3, {
        command: [process.execPath, bin, ...args],
        columns,
        env: { ...lab.env, XDG_CACHE_HOME: cache, TERM: "xterm", LC_ALL: "C.UTF-8", ...env },
      });
    const tunables = [
      `REGION=${REGION}`,
      "FUNCTION_NAME=orders",
      "EVENT_UUIDS=all",
      "TOTAL_CHAOS_DURATION=1",
    ];

    const run = await shows(["fault", TOGGLE, ...tunables], { LC_ALL: "POSIX" }, 40);
    expect(run.code, run.shown).toBe(0);
    expect(run.shown).toMatch(ASCII);
    expect(run.shown).toMatch(COLOUR);
    expect(broken(run.shown, 40)).toEqual([]);
    const id = /r-\d{8}-\d{4}-\w{4}/.exec(run.shown)?.[0] ?? "";

    const [usual, uncoloured, dumb, ci, ascii, wide] = await Promise.all([
      shows(["show", id], {}),
      shows(["show", id], { NO_COLOR: "1" }),
      shows(["show", id], { TERM: "dumb" }),
      shows(["show", id], { CI: "true" }),
      shows(["show", id], { LANG: "C", LC_ALL: "" }),
      shows(["faults", TOGGLE], {}, 300),
    ]);
    expect(usual.shown).toMatch(COLOUR);
    for (const { shown } of [uncoloured, dumb, ci]) {
      expect(shown).toContain(id);
      expect(shown).not.toMatch(ESCAPE);
    }
    expect(usual.shown).not.toMatch(ASCII);
    expect(ascii.shown).toMatch(ASCII);
    expect(wide.shown).toMatch(/^ {2}EVENT_UUIDS .{100,}$/m);

    const [piped, forced] = await Promise.all([
      lab.unplug(["show", id]),
      lab.unplug(["show", id], { FORCE_COLOR: "1" }),
    ]);
    expect(piped.stdout).not.toMatch(ESCAPE);
    expect(forced.stdout).toMatch(COLOUR);
  },
  100_000,
);

/** Prose that the terminal had to break: not tables, nor lines with a name that takes half a line, which stay whole. */
function broken(shown: string, columns: number): readonly string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what moves the cursor and paints
  const plain = shown.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "").replaceAll("\r", "\n");
  const isProse = (line: string) =>
    !/\S {2,}\S/.test(line) && line.split(" ").every((word) => word.length <= columns / 2);
  return plain.split("\n").filter((line) => line.length > columns && isProse(line));
}
