import * as z from "zod";
import { probeModes } from "../contract/probe.ts";
import { wholeNumber } from "../contract/tunables.ts";
import { duration, share } from "./duration.ts";

const DAY = 86_400_000;

export const truth = z
  .union([z.boolean(), z.enum(["true", "false"])], "must be true or false")
  .transform((value) => value === true || value === "true");

/** How a probe is run; what is left out is the type's own default. */
const timingSchema = z.strictObject({
  timeout: duration({ min: 1, max: 600_000 }, "How long one attempt may take").optional(),
  interval: duration(
    { min: 100, max: DAY },
    "From the start of a check to the next, and between two attempts",
  ).optional(),
  attempts: wholeNumber(
    { min: 1, max: 100 },
    "How often a check is tried before it counts as failed",
  ).optional(),
  initialDelay: duration({ min: 0, max: DAY }, "Wait before the first check of a phase").optional(),
  tolerate: share("Share of checks that may fail").optional(),
  stopOnFailure: truth.optional().describe("Ends the run, and restores, when the probe fails"),
});

const lag = duration(
  { min: 0, max: DAY },
  "How late the data comes: what shows now was so long ago; the run waits for it after the restore",
).optional();

const missing = z
  .enum(["fail", "pass", "wait"], "must be fail, pass or wait")
  .optional()
  .describe("What a check without data counts as");

const probeName = z
  .string()
  .max(63, "must be at most 63 characters")
  .regex(/^[A-Za-z0-9][A-Za-z0-9_. -]*$/, "must be letters, digits, blanks, dots, dashes and underscores");

/** All of a probe but its settings, which stand under a key that is its type. */
export const probeShape = {
  name: probeName.describe("Name of the probe, unique in its list and mode"),
  type: z.string("must be the type of a probe").min(1).describe("Type of the probe"),
  mode: z
    .enum(probeModes, `must be one of ${probeModes.join(", ")}`)
    .describe("When it is asked: before, after, both, all the time, or while the fault is in"),
  expect: z.unknown().optional(),
  run: timingSchema.default({}),
  lag,
  missing,
};

/** A stop condition says its settings in line, and has a name of its own only where somebody gives it one. */
export const stopShape = {
  name: probeName.optional(),
  type: z.string("must be the type of a probe").min(1),
  expect: z.unknown().optional(),
  run: timingSchema.default({}),
  lag,
  missing,
};
