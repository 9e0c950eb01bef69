import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import type { Architecture } from "../../packages/interceptor/src/architecture.ts";
import { type GoHook, goHookFor, parseGoHook } from "../../packages/interceptor/src/go-hook.ts";
import { buildHook } from "../../scripts/native-hook.ts";
import { sourceFolder } from "../../scripts/native-objects.ts";
import { type Ended, openStage, type Stage } from "../interception/stage.ts";
import { builtGo } from "../support/built-go.ts";
import { needs } from "../support/needs.ts";
import { onGoStage, patchedOn, told } from "./go-steps.ts";
import { blocking, programFolder } from "./steps.ts";

const folder = mkdtempSync(join(tmpdir(), "unplug-storm-"));
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Some 50 us in each call, so that most signals come while it is in there. */
const slow = "-DHOOK_FIRST=for (volatile int i = 0; i < 30000; i++) {}";

async function hookWith(architecture: Architecture, flags: readonly string[]): Promise<GoHook> {
  if (flags.length === 0) return goHookFor(architecture);
  const path = join(folder, `hook-${architecture}`);
  await buildHook(architecture, sourceFolder, path, flags);
  return parseGoHook(readFileSync(path), architecture);
}

interface Storm {
  readonly name: string;
  /** Debian 12's when nothing is said. */
  readonly go?: "go" | "newest-go";
  readonly architecture: Architecture;
  readonly flags: readonly string[];
  readonly workers: number;
  readonly rounds: number;
  readonly env?: Readonly<Record<string, string>>;
}

const storms: readonly Storm[] = [
  { name: "as it is shipped", architecture: "x86_64", flags: [], workers: 64, rounds: 200 },
  { name: "slow", architecture: "x86_64", flags: [slow], workers: 64, rounds: 60 },
  {
    name: "slow, with two slots for 256 workers on 32 threads",
    architecture: "x86_64",
    flags: [slow, "-DHOOK_SLOTS=2"],
    workers: 256,
    rounds: 16,
    env: { GOMAXPROCS: "32" },
  },
  {
    name: "slow, without asynchronous preemption",
    architecture: "x86_64",
    flags: [slow],
    workers: 64,
    rounds: 30,
    env: { GODEBUG: "asyncpreemptoff=1" },
  },
  {
    name: "slow, newest Go",
    go: "newest-go",
    architecture: "x86_64",
    flags: [slow],
    workers: 64,
    rounds: 60,
  },
  {
    name: "slow, newest Go, by qemu",
    go: "newest-go",
    architecture: "arm64",
    flags: [slow],
    workers: 16,
    rounds: 16,
  },
  { name: "as it is shipped, by qemu", architecture: "arm64", flags: [], workers: 16, rounds: 24 },
  { name: "slow, by qemu", architecture: "arm64", flags: [slow], workers: 16, rounds: 16 },
];

/** The storm's program with this hook in it, run to its end. */
async function weather({
  name,
  go = "go",
  architecture,
  flags,
  workers,
  rounds,
  env = {},
}: Storm): Promise<Ended> {
  const built = await builtGo({
    go: needs(go).path ?? "",
    source: join(programFolder, "storm.go"),
    env: { GOARCH: architecture === "arm64" ? "arm64" : "amd64" },
  });
  const hook = await hookWith(architecture, flags);
  const command = patchedOn(stage, built, { name: `storm-${name.replaceAll(/\W/g, "-")}`, hook });
  const configuration = blocking(["10.99.0.2", "10.99.0.6:8080", "*.blocked.test"]);
  const args = [String(workers), String(rounds), "10.99.0.2:8080,10.99.0.6:8080", "db.blocked.test"];
  return stage.run({ command, args, env: { ...told(configuration), ...env } }, 250_000);
}

for (const storm of storms) {
  const { name, architecture, flags, workers, rounds } = storm;
  onGoStage(architecture, storm.go ?? "go").test(
    `a storm of everything has no wrong outcome, ${architecture}: ${name}`,
    async () => {
      const ended = await weather(storm);

      const said = `${ended.stdout}\n${ended.stderr.slice(-4000)}`;
      const [, blocked, ok, wrong, outside] =
        /^blocked=(\d+) ok=(\d+) wrong=(\d+) gcs=\d+ signals=\d+ outside=(\w+)$/m.exec(ended.stdout) ?? [];
      expect({ code: ended.code, late: ended.late, wrong }, said).toEqual({
        code: 0,
        late: false,
        wrong: "0",
      });
      expect(Number(ok)).toBe((workers * rounds) / 2);
      expect(Number(blocked)).toBeGreaterThanOrEqual((workers * rounds) / 2);
      // Else nothing was tried: signals were to come while the hook ran.
      if (flags.length > 0) expect(outside).toBe("true");
    },
    300_000,
  );
}

onGoStage("arm64", "go").test(
  "a hook that used the register of Go's goroutine would end the program",
  async () => {
    const taken = '__asm__ volatile("mov %0, x28; mov x28, #8" : "=r"(goroutine));';
    const given = '__asm__ volatile("mov x28, %0" : : "r"(goroutine));';
    const loop = "for (volatile int i = 0; i < 30000; i++) {}";
    const flags = [`-DHOOK_FIRST=long goroutine; ${taken} ${loop} ${given}`];
    const ended = await weather({ name: "with x28", architecture: "arm64", flags, workers: 16, rounds: 16 });

    expect(ended.stdout).toBe("");
    expect(ended.code === 0 ? "ended well" : "did not end well").toBe("did not end well");
  },
  300_000,
);
