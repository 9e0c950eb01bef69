import { expect, it } from "vitest";
import { TooLate, within } from "./within.ts";

const NEVER = new Promise<never>(() => undefined);

it("gives what the work gives, or fails as it fails", async () => {
  expect(await within(1_000, undefined, "answer", () => Promise.resolve(7))).toBe(7);
  await expect(within(1_000, undefined, "answer", () => Promise.reject(new Error("no")))).rejects.toThrow(
    "no",
  );
  const thrown = within(1_000, undefined, "answer", () => {
    throw new Error("at once");
  });
  await expect(thrown).rejects.toThrow("at once");
});

it("ends at the limit, tells the work, and does not wait for it to listen", async () => {
  const signals: AbortSignal[] = [];
  const work = within(10, undefined, "answer", (signal) => {
    signals.push(signal);
    return NEVER;
  });
  await expect(work).rejects.toThrow(TooLate);
  expect(signals[0]?.aborted).toBe(true);
});

it("ends when it is aborted, and does not begin when it already is", async () => {
  const abort = new AbortController();
  const work = within(60_000, abort.signal, "answer", () => NEVER);
  abort.abort("over");
  await expect(work).rejects.toBe("over");
  const begun: string[] = [];
  const late = within(60_000, abort.signal, "answer", () => {
    begun.push("begun");
    return NEVER;
  });
  await expect(late).rejects.toBe("over");
  expect(begun).toEqual([]);
});
