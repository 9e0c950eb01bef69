import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Dependency, ownAddress } from "../support/dependency.ts";
import { Lab } from "../support/lab.ts";
import { needs } from "../support/needs.ts";
import { addShop, block, everything, reach, type Shape } from "../support/shop.ts";

// They mostly wait.
vi.setConfig({ maxConcurrency: 9 });

const PATIENCE = { timeout: 120_000 };

interface Row {
  readonly what: string;
  readonly shape: Shape;
  /** The carriers that apply. */
  readonly by: readonly string[];
  /** What of the surroundings the handler must still see. */
  readonly sees?: Readonly<Record<string, string>>;
}

const variables = (Variables: Readonly<Record<string, string>>) => ({
  settings: { Environment: { Variables } },
});
const WRAPPER = '#!/bin/sh\nexport APP_WRAPPED="by theirs"\nexec "$@"\n';

const COMMONJS = 'exports.handler = async (event) => (await import("./index.mjs")).handler(event);';

const rows: readonly Row[] = [
  { what: "Node.js, no environment", shape: {}, by: ["layer", "code", "env"] },
  {
    what: "Python, a variable of its own, four layers of others",
    shape: { runtime: "python3.11", layers: 4, ...variables({ APP_A: "1" }) },
    by: ["layer", "code"],
    sees: { APP_A: "1" },
  },
  {
    what: "Node.js, a wrapper, NODE_OPTIONS and LD_PRELOAD of its own",
    shape: {
      files: { wrap: WRAPPER },
      ...variables({
        AWS_LAMBDA_EXEC_WRAPPER: "/var/task/wrap",
        NODE_OPTIONS: '--no-deprecation  --title="of theirs"',
        LD_PRELOAD: "/opt/theirs.so",
      }),
    },
    by: ["layer", "code", "env"],
    sees: { APP_WRAPPED: "by theirs" },
  },
  {
    what: "Python, five layers of others, near 4 KB of variables, a wrapper",
    shape: {
      runtime: "python3.11",
      layers: 5,
      files: { wrap: WRAPPER },
      ...variables({ AWS_LAMBDA_EXEC_WRAPPER: "/var/task/wrap", FILL: "f".repeat(3_600) }),
    },
    by: ["auto"],
    sees: { APP_WRAPPED: "by theirs" },
  },
  {
    what: "Node.js, CommonJS, five layers of others, as much of variables as there is room for",
    shape: {
      layers: 5,
      files: { "old.cjs": COMMONJS },
      settings: {
        Handler: "old.handler",
        Environment: { Variables: { APP_A: "1", FILL: "f".repeat(1_100) } },
      },
    },
    by: ["env"],
    sees: { APP_A: "1" },
  },
];

const compiled: Row = {
  what: "a compiled bootstrap, a variable and LD_PRELOAD of its own",
  shape: { runtime: "provided.al2023", ...variables({ APP_A: "1", LD_PRELOAD: "/opt/theirs.so" }) },
  by: ["layer", "code"],
  sees: { APP_A: "1" },
};

describe.runIf(ownAddress !== null).concurrent("a zip function's TCP connections", () => {
  let lab: Lab;
  let database: Dependency;
  let other: Dependency;
  beforeAll(async () => {
    [lab, database, other] = await Promise.all([Lab.open(), Dependency.open(), Dependency.open()]);
  });
  afterAll(() => Promise.all([lab.close(), database[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]));

  async function blocks({ shape, sees = {} }: Row, name: string, method: string): Promise<void> {
    await addShop(lab, { ...shape, name });
    const before = await everything(lab, name);
    const healthy = await reach(lab, [database, other], name);

    const run = block(lab, {
      FUNCTION_NAME: name,
      TARGET_HOSTNAMES: database.target,
      INJECTION_METHOD: method,
      TOTAL_CHAOS_DURATION: 600,
    });
    await run.event("hold.started");
    const during = await reach(lab, [database, other], name);
    run.kill("SIGINT");
    const end = await run.ended;

    expect(healthy).toEqual({ reached: ["hello", "hello"], variables: sees });
    expect(during, run.said).toEqual({ reached: ["ECONNREFUSED", "hello"], variables: sees });
    expect(end, run.said).toEqual({ code: 130, signal: null });
    expect(await everything(lab, name)).toEqual(before);
    expect(await reach(lab, [database, other], name)).toEqual(healthy);
  }

  for (const [i, row] of rows.entries()) {
    for (const method of row.by) {
      const title = `${row.what}, by ${method}: are blocked, others are not, and all is as before`;
      test(title, PATIENCE, () => blocks(row, `shop-${i}-${method}`, method));
    }
  }

  const gcc = needs("gcc");
  for (const method of compiled.by) {
    const title = `${compiled.what}, by ${method}: are blocked, others are not, and all is as before`;
    gcc.test(title, () => blocks(compiled, `compiled-${method}`, method), PATIENCE.timeout);
  }

  test(
    "the run ends by itself, and tells what was blocked, also when it invoked itself",
    PATIENCE,
    async () => {
      const FUNCTION_NAME = "ends";
      await addShop(lab, { name: FUNCTION_NAME });
      const run = block(lab, {
        FUNCTION_NAME,
        TARGET_HOSTNAMES: database.target,
        TOTAL_CHAOS_DURATION: 2,
        PROOF: "invoke",
        PROOF_PAYLOAD: JSON.stringify({ host: database.host, ports: [database.port] }),
      });
      await run.event("hold.started");
      let over = false;
      void run.event("hold.ended").finally(() => {
        over = true;
      });
      let invocations = 0;
      for (; !over; invocations += 1) await reach(lab, [database], FUNCTION_NAME);
      const end = await run.ended;

      expect(end, run.said).toEqual({ code: 0, signal: null });
      const [found, own] = run.of("evidence")[0]?.evidence ?? [];
      expect(own, run.said).toMatchObject({ verdict: "seen", numbers: { invocations: 1, blocked: 1 } });
      expect(found, run.said).toMatchObject({ verdict: "seen" });
      expect(Number(found?.numbers["blocked"])).toBeGreaterThan(0);
      expect(Number(found?.numbers["blocked"])).toBeLessThanOrEqual(invocations + 1);
      expect(run.stderr).toContain("effect seen");
    },
  );
});
