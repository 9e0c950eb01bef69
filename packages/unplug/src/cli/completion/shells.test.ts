import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject } from "vitest";
import { type Need, needs, needsAll } from "../../../../../test/support/needs.ts";
import { inTerminal } from "../terminal-for-test.ts";
import { bashScript } from "./bash-script.ts";
import { fishScript } from "./fish-script.ts";
import { zshScript } from "./zsh-script.ts";

let folder: string;

/** `unplug` that answers Tab, and else says what it was given. */
beforeAll(() => {
  const { bin } = inject("command");
  folder = mkdtempSync(join(tmpdir(), "unplug-shells-"));
  for (const made of ["bin", "work/results", "fish/completions"])
    mkdirSync(join(folder, made), { recursive: true });
  write("work/experiment.yaml", "spec: { steps: [{ fault: lambda-throttle, name: cap }] }\n");
  write("work/extra.txt", "");
  writeFileSync(
    join(folder, "bin/unplug"),
    `#!/bin/sh
[ "$1" = __complete ] && exec '${process.execPath}' '${bin}' "$@"
for word; do printf '[%s] ' "$word"; done; echo END
`,
    { mode: 0o755 },
  );
  write(".bashrc", `PS1='READY> '\n${bashScript}`);
  write(".zshrc", `PS1='READY> '\nautoload -Uz compinit && compinit -u -D\n${zshScript}`);
  write("fish/config.fish", "function fish_prompt; echo -n 'READY> '; end\nset fish_greeting\n");
  write("fish/completions/unplug.fish", fishScript);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (file: string, text: string) => writeFileSync(join(folder, file), text);

const typed: readonly (readonly [string, string])[] = [
  ["sc\t", "[schema]"],
  [
    "fault lambda-th\tFUNC\torders SEQUENCE=s\t--for\tnd\t",
    "[fault] [lambda-throttle] [FUNCTION_NAME=orders] [SEQUENCE=serial] [--format] [ndjson]",
  ],
  ["run ex\t--set cap.SEQ\tp\t--out=a", "[run] [experiment.yaml] [--set] [cap.SEQUENCE=parallel] [--out=a]"],
  ["runs --format=j\t", "[runs] [--format=json]"],
  ["exec --block db:54 -- realpa\tresu\t", "[exec] [--block] [db:54] [--] [realpath] [results"],
];

const shells: readonly (readonly [Need, readonly string[]])[] = [
  ["bash", ["--noprofile", "-i"]],
  ["zsh", ["-i"]],
  ["fish", ["-i"]],
];

describe.concurrent("in the real shell", () => {
  for (const [shell, args] of shells) {
    needsAll(shell, "python3").test(
      `${shell} completes what is typed, and what it cannot know it asks us`,
      async () => {
        const [program, python3] = [needs(shell).path ?? "", needs("python3").path ?? ""];
        // A prompt that is drawn again while a line is typed would be mistaken for the next one.
        const steps = typed.flatMap(([text]): [string, string][] => [
          ["READY> ", `unplug ${text}\r`],
          [" END", ""],
        ]);
        const { shown } = await inTerminal(python3, {
          command: [program, ...args],
          columns: 200,
          cwd: join(folder, "work"),
          env: {
            PATH: `${join(folder, "bin")}${delimiter}${process.env["PATH"]}`,
            HOME: folder,
            ZDOTDIR: folder,
            XDG_CONFIG_HOME: folder,
            XDG_CACHE_HOME: inject("command").cache,
            TERM: "xterm",
            LANG: "C.UTF-8",
          },
          steps: [...steps, ["READY> ", "exit\r"]],
        });

        for (const [, told] of typed) expect(shown).toContain(told);
      },
      100_000,
    );
  }
});
