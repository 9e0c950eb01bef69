import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { builtGo } from "../support/built-go.ts";
import { Dependency, ownAddress } from "../support/dependency.ts";
import { Lab } from "../support/lab.ts";
import { needs, needsAll } from "../support/needs.ts";
import { addShop, block, everything, reach } from "../support/shop.ts";

const PATIENCE_MS = 120_000;
const source = join(import.meta.dirname, "../support/reaching-bootstrap.go");

/** Of Go's library as it came: it holds cgo. */
const dynamic = (go: string) => builtGo({ go, source, flags: ["-ldflags=-s -w"] });
const fixed = (go: string) =>
  builtGo({ go, source, flags: ["-ldflags=-s -w -linkmode external -extldflags -static"] });

describe.runIf(ownAddress !== null).concurrent("a Go function's TCP connections", () => {
  let lab: Lab;
  let database: Dependency;
  let other: Dependency;
  beforeAll(async () => {
    [lab, database, other] = await Promise.all([Lab.open(), Dependency.open(), Dependency.open()]);
  });
  afterAll(() => Promise.all([lab.close(), database[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]));

  const shape = { runtime: "provided.al2023", settings: { Environment: { Variables: { APP_A: "1" } } } };
  const healthy = { reached: ["hello", "hello"], variables: { APP_A: "1" } };
  const faulted = { reached: ["ECONNREFUSED", "hello"], variables: { APP_A: "1" } };
  const tunables = (name: string) => ({
    FUNCTION_NAME: name,
    TARGET_HOSTNAMES: database.target,
    TOTAL_CHAOS_DURATION: 600,
  });
  const reached = (name: string) => reach(lab, [database, other], name);

  async function blocks(name: string, bootstrap: string, GODEBUG?: string): Promise<string> {
    const Variables = { APP_A: "1", ...(GODEBUG === undefined ? {} : { GODEBUG }) };
    await addShop(lab, { ...shape, name, bootstrap, settings: { Environment: { Variables } } });
    const before = await everything(lab, name);
    expect(await reached(name)).toEqual(healthy);

    const run = block(lab, tunables(name));
    await run.event("hold.started");
    const during = await reached(name);
    run.kill("SIGINT");

    expect(await run.ended, run.said).toEqual({ code: 130, signal: null });
    expect(during, run.said).toEqual(faulted);
    expect(await everything(lab, name)).toEqual(before);
    expect(await reached(name)).toEqual(healthy);
    return run.said;
  }

  needsAll("go", "gcc").test(
    "of a static program are blocked by a patch, others are not, and all is as before",
    async () => {
      const said = await blocks("static", await fixed(needs("go").path ?? ""));
      expect(said).toMatch(/by patch: its program is go1\.\d+/);
    },
    PATIENCE_MS,
  );

  needs("go").test(
    "of a program with C libraries are blocked by patch and preload, with a GODEBUG of its own",
    async (go) => {
      const said = await blocks("dynamic", await dynamic(go), "madvdontneed=1");
      expect(said).toMatch(/by patch and preload: its program is go1\.\d+/);
    },
    PATIENCE_MS,
  );

  needs("go").test(
    "are put back by another process when the run is killed in the hold",
    async (go) => {
      await addShop(lab, { ...shape, name: "killed", bootstrap: await dynamic(go) });
      const before = await everything(lab, "killed");
      const run = block(lab, tunables("killed"));
      await run.event("hold.started");
      run.kill("SIGKILL");
      await run.ended;
      expect(await reached("killed")).toEqual(faulted);

      const restore = lab.start(["restore", "--all"]);
      expect(await restore.ended, restore.said).toEqual({ code: 0, signal: null });
      expect(await everything(lab, "killed")).toEqual(before);
      expect(await reached("killed")).toEqual(healthy);
    },
    PATIENCE_MS,
  );

  needs("go").test(
    "of a program that a script starts are blocked, and put back without a journal, from the marker alone",
    async (go) => {
      const bootstrap = join(lab.folder, "start.sh");
      await writeFile(bootstrap, '#!/bin/sh\nset -eu\nexec "$LAMBDA_TASK_ROOT/$_HANDLER" "$@"\n');
      const files = { "index.handler": await readFile(await dynamic(go)) };
      await addShop(lab, { ...shape, name: "marked", bootstrap, files });
      const before = await everything(lab, "marked");
      const run = block(lab, tunables("marked"));
      await run.event("hold.started");
      expect(run.said).toMatch(/by patch and preload: its program index\.handler is go1/);
      expect(await reached("marked")).toEqual(faulted);
      run.kill("SIGKILL");
      await run.ended;

      const home = join(lab.folder, "another-home");
      const args = ["restore", "--function", "marked", "--region", "us-east-1", "--yes"];
      const restore = lab.start(args, { UNPLUG_HOME: home });
      expect(await restore.ended, restore.said).toEqual({ code: 0, signal: null });
      expect(await everything(lab, "marked")).toEqual(before);
      expect(await reached("marked")).toEqual(healthy);
    },
    PATIENCE_MS,
  );
});
