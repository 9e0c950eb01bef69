import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** `npm run test:long` has its own tests, and `npm run deep` all of them. */
const isLong = process.env["UNPLUG_LANE"] === "long";
const isDeep = process.env["UNPLUG_DEEP"] === "1";

export default defineConfig({
  test: {
    include: isLong ? ["test/**/*.long.test.ts"] : ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/.git/**", ...(isLong || isDeep ? [] : ["test/**/*.long.test.ts"])],
    globalSetup: "test/support/command-setup.ts",
    // Most whole-system tests wait for something: one worker for each processor would leave the machine half idle.
    maxWorkers: availableParallelism() + 1,
    // They end what hangs, and claim nothing: on a machine that is busy and has nothing built yet all takes many times as long.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A condition that is waited for may be long in coming where the machine is busy; the usual second is no measure of it.
    expect: { poll: { timeout: 20_000 } },
  },
});
