import { expect, it } from "vitest";
import { Stage, toggleStep } from "../../../../test/support/stage.ts";

const EVERY_MS = 2_000;

it("measures as often while it restores as it did while it held, from one rhythm", async () => {
  const stage = await Stage.of();
  const events = await stage.run(toggleStep({ TOTAL_CHAOS_DURATION: 5 }));
  const times = events.flatMap(({ at, event }) =>
    event.type === "sampled" && event.phase === "fault" ? [at] : [],
  );
  const restored = events.find(({ event }) => event.type === "restore.started")?.at ?? 0;
  expect(times.some((at) => at > restored)).toBe(true);
  const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
  expect(gaps).toEqual(gaps.map(() => EVERY_MS));
});
