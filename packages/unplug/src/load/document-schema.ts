import * as z from "zod";
import { seconds, wholeNumber } from "../contract/tunables.ts";
import { truth } from "./probe-schema.ts";

export const API_VERSION = "unplug.dev/v1";
export const KIND = "Experiment";

/** Kubernetes takes the same document, so that its rule for names holds here too. */
const experimentName = z
  .string()
  .max(63, "must be at most 63 characters")
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, "must be lower-case letters, digits, dashes and dots")
  .describe("Name of the experiment");

const stepName = z
  .string()
  .max(63, "must be at most 63 characters")
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, "must be letters, digits, dashes and underscores")
  .describe("Name of the step, unique in the experiment; the fault's id when left out");

/** More is no experiment, and would take minutes to find fault with. */
export const MOST_LISTED = 1_000;

/** The document around its steps, which are checked one by one so that each has its own messages. */
export const documentSchema = z.strictObject({
  apiVersion: z.literal(API_VERSION, `must be ${API_VERSION}`),
  kind: z.literal(KIND, `must be ${KIND}`),
  metadata: z.strictObject({ name: experimentName }),
  spec: z.strictObject({
    description: z.string().default("").describe("What the experiment is to show, in a sentence"),
    requireEffect: truth.default(false).describe("Inconclusive unless the effect was seen in the data plane"),
    steps: z
      .array(z.unknown())
      .min(1, "must have at least one step")
      .max(MOST_LISTED, `must have at most ${MOST_LISTED} steps`)
      .describe("One after the other"),
    probes: z.unknown().optional(),
    stopConditions: z.unknown().optional(),
  }),
});

export const faultStepSchema = z.strictObject({
  fault: z.string().min(1, "must be the id of a fault").describe("Id of a fault"),
  name: stepName.optional(),
  weight: wholeNumber({ min: 1, max: 10 }, "Importance of the step, 1 to 10").prefault(10),
  tunables: z
    .record(z.string(), z.unknown())
    .refine((map) => Object.keys(map).length <= MOST_LISTED, `must have at most ${MOST_LISTED} keys`)
    .default({}),
  probes: z.unknown().optional(),
});

/** Faults that are in together. */
export const parallelStepSchema = z.strictObject({
  parallel: z
    .array(z.unknown())
    .min(2, "must have two faults at least")
    .max(MOST_LISTED, `must have at most ${MOST_LISTED} faults`),
});

export const waitStepSchema = z.strictObject({
  wait: seconds({ min: 1, max: 86_400 }, "A pause between steps, like 30s or 5m"),
});
