import { defineFault } from "../contract/fault.ts";
import { equalJson, isRecord, type Json } from "../contract/json.ts";
import { Refusal } from "../contract/refusal.ts";
import { wholeNumber } from "../contract/tunables.ts";
import { findFunction, functionName, refuseUnsettled } from "./target-function.ts";

/** Gives a function another amount of memory, and CPU with it. Source: configuration-memory in the Lambda guide. */
export const lambdaUpdateFunctionMemory = defineFault({
  id: "lambda-update-function-memory",
  summary: "Set a function's memory, and the CPU share that comes with it",
  questions: [
    "Does the function still finish within its timeout when it is short of memory and CPU?",
    "Is it killed for want of memory, and does anybody notice?",
  ],
  tunables: {
    FUNCTION_NAME: functionName,
    MEMORY_IN_MEGABYTES: wholeNumber({ min: 128, max: 10_240 }, "Memory during the fault, in MiB"),
  },
  example: { FUNCTION_NAME: "orders", MEMORY_IN_MEGABYTES: 128 },
  actions: { required: ["lambda:GetFunction"], optional: [] },
  kinds: ["configuration"],

  async targets({ functionName: given, memoryInMegabytes }, io) {
    const found = await findFunction(given, io);
    refuseUnsettled(found);
    const now = found.answer.Configuration?.MemorySize ?? 0;
    if (now === memoryInMegabytes)
      throw new Refusal(`Function ${found.name} has ${now} MiB already: nothing would change.`);
    const warnings =
      found.qualifier === null
        ? []
        : [`Only $LATEST is changed: callers of ${found.name}:${found.qualifier} will not see it.`];
    if (found.answer.Configuration?.State === undefined)
      warnings.push("AWS does not say whether the function is Active.");
    const ref = { kind: "configuration", id: found.arn, within: null, place: io.place };
    return {
      targets: [{ ref, title: `function ${found.name}`, about: { functionName: found.name } }],
      warnings,
    };
  },

  async *change({ ref, state, title }, { memoryInMegabytes }) {
    const after = withMemory(state, memoryInMegabytes);
    if (equalJson(state, after)) throw new Refusal(`${title} has ${memoryInMegabytes} MiB already.`);
    yield { ref, before: state, after, arms: true };
  },
});

function withMemory(state: Json | null, memoryMib: number): Json {
  if (!isRecord(state)) throw new Refusal("The function's configuration could not be read.");
  return { ...state, memoryMib };
}
