import { expect, it } from "vitest";
import { makeGo } from "../packages/interceptor/src/go-elf-for-test.ts";
import { partsOf } from "./support/scenario.ts";
import { eventsOf, Stage } from "./support/stage.ts";
import { REGION } from "./support/world.ts";

it("a Go program of a hundred megabytes in an image is patched, and the function put back", {
  timeout: 240_000,
}, async () => {
  const body = makeGo({ text: Buffer.alloc(100_000_000, "neither noise nor all the same; ") });
  const layers = [[{ path: "app" }, { path: "app/main", body }]];
  const stage = await Stage.of({}, { image: { layers, config: { Entrypoint: ["/app/main"] } } });
  const tunables = {
    FUNCTION_NAME: "orders",
    REGION,
    TARGET_HOSTNAMES: "db.internal",
    TOTAL_CHAOS_DURATION: 5,
  };

  const parts = partsOf(stage.aws, stage.journal, stage.world);
  const events = await stage.run({ fault: "lambda-block-tcp-connection", tunables }, { parts });

  expect(eventsOf(events, "run.failed")).toEqual([]);
  expect(eventsOf(events, "inject.confirmed")).toHaveLength(1);
  expect(eventsOf(events, "proved").length).toBeGreaterThan(2);
  expect(eventsOf(events, "undo.failed")).toEqual([]);
});
