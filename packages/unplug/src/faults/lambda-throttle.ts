import { defineFault } from "../contract/fault.ts";
import { equalJson } from "../contract/json.ts";
import { Refusal } from "../contract/refusal.ts";
import { wholeNumber } from "../contract/tunables.ts";
import { findFunction, functionName } from "./target-function.ts";

/**
 * Caps how many copies of a function may run at once; calls beyond the cap are throttled.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
export const lambdaThrottle = defineFault({
  id: "lambda-throttle",
  summary: "Throttle a function by its reserved concurrency",
  questions: [
    "What do callers see when the function answers 429, and do they retry with back-off?",
    "Do messages of a queue reach the dead letter queue because the function throttles?",
  ],
  tunables: {
    FUNCTION_NAME: functionName,
    RESERVED_CONCURRENCY: wholeNumber(
      { min: 0, max: 100_000 },
      "Copies that may run at once during the fault; 0 throttles every call",
    ).prefault(0),
  },
  example: { FUNCTION_NAME: "orders", RESERVED_CONCURRENCY: 0 },
  actions: { required: ["lambda:GetFunction"], optional: [] },
  kinds: ["concurrency"],

  async targets({ functionName: given, reservedConcurrency }, io) {
    const found = await findFunction(given, io);
    if (found.reservedConcurrency === reservedConcurrency) {
      throw new Refusal(
        `Function ${found.name} has a reserved concurrency of ${reservedConcurrency} already: nothing would change.`,
      );
    }
    const ref = { kind: "concurrency", id: found.arn, within: null, place: io.place };
    return {
      targets: [{ ref, title: `function ${found.name}`, about: { functionName: found.name } }],
      warnings: [],
    };
  },

  async *change({ ref, state, title }, { reservedConcurrency }) {
    const after = reserved(reservedConcurrency);
    if (equalJson(state, after))
      throw new Refusal(`${title} has a reserved concurrency of ${reservedConcurrency} already.`);
    yield { ref, before: state, after, arms: true };
  },
});

function reserved(value: number | null) {
  return value === null ? null : { reserved: value };
}
