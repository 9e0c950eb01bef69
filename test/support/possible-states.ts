import type { Json } from "../../packages/unplug/src/contract/json.ts";
import type { AnyResource } from "../../packages/unplug/src/contract/resource.ts";
import { fc } from "./fast-check.ts";

/** What can be written: of a mapping nothing but its on and off, a version and an object but once. */
export function reachable({ kind }: AnyResource, before: Json | null, other: Json | null): Json | null {
  if (kind === "configuration") return reachableConfiguration(Object(before), Object(other));
  if (kind === "version" || kind === "staged-object") return before === null ? other : before;
  if (kind !== "mapping") return other;
  const { enabled, ...rest } = Object(before);
  return { ...rest, enabled: !enabled };
}

/** Variables that were ours to change and cannot be read any more: nothing can be said of them. */
export function isHidden({ kind }: AnyResource, ...states: readonly (Json | null)[]): boolean {
  const [now, before, after] = states.map((state) => JSON.stringify(Object(state).environment ?? null));
  const whole = states.every((state) => state !== null);
  return kind === "configuration" && whole && now === "null" && before !== after;
}

/** Others' variables are never written, nor any when they cannot be read. */
function reachableConfiguration(before: Record<string, Json>, other: Record<string, Json>): Json {
  const [was, is] = [before["environment"] ?? null, other["environment"] ?? null];
  const environment = was === null || is === null ? was : { ...Object(is), others: Object(was).others };
  return { ...other, environment };
}

/** The kinds that can be made and deleted. */
export function canBeNull({ kind }: AnyResource): boolean {
  return ["version", "staged-object", "image", "concurrency", "mapping-tags"].includes(kind);
}

const text: fc.Arbitrary<string> = fc.constantFrom("a", "b", "c");
const maybeText: fc.Arbitrary<string | null> = fc.option(text);
const few = fc.integer({ min: 0, max: 3 });
const maybe: fc.Arbitrary<number | null> = fc.option(few);
const maybeFlag: fc.Arbitrary<boolean | null> = fc.option(fc.boolean());
const pollers: fc.Arbitrary<Json> = fc.option(fc.record({ minimum: maybe, maximum: maybe }));

const ownVariables: fc.Arbitrary<Json> = fc.record(
  {
    LD_PRELOAD: fc.constantFrom("/a.so", "/b.so", "/b.so:/a.so", "/a.so /c.so"),
    NODE_OPTIONS: fc.constantFrom("--x", "--y", "--y --x"),
    GODEBUG: fc.constantFrom("a=1", "b=1", "a=1,b=1"),
    UNPLUG_INTERCEPTOR: text,
  },
  { requiredKeys: [] },
);

const variables: fc.Arbitrary<Json> = fc.record({ own: ownVariables, others: fc.dictionary(text, text) });

const maybeVariables: fc.Arbitrary<Json> = fc.option(variables);

/** Few values of each field, so that edits and foreign writes meet. */
export function statesOf({ kind }: AnyResource): fc.Arbitrary<Json> {
  switch (kind) {
    case "staged-object":
      return fc.record({ object: text, bytes: few });
    case "concurrency":
      return fc.record({ reserved: few });
    case "mapping-tags":
      return fc.dictionary(fc.constantFrom("unplug:run", "unplug:until", "unplug:x"), text, { minKeys: 1 });
    case "configuration":
      return fc.record({
        memoryMib: few,
        timeoutSeconds: few,
        handler: maybeText,
        role: text,
        runtime: maybeText,
        description: text,
        storageMib: maybe,
        layers: fc.uniqueArray(text),
        environment: maybeVariables,
      });
    case "version":
      return fc.record({ description: text, codeSha256: text });
    case "alias":
      // What stands beside a version with a weight is another one.
      return fc.record({
        version: fc.constantFrom("1", "2", "3"),
        weights: fc.dictionary(fc.constantFrom("8", "9"), fc.constantFrom(0.1, 0.2)),
      });
    case "code":
      return fc.record({ sha256: text });
    case "image":
    case "function-image":
      return fc.record({ image: text });
    case "published-copy":
      return fc.record({ told: text });
    case "mapping":
      return fc.record({
        enabled: fc.boolean(),
        functionArn: text,
        batchSize: maybe,
        batchingWindowSeconds: maybe,
        parallelizationFactor: maybe,
        maximumRecordAgeSeconds: maybe,
        maximumRetryAttempts: maybe,
        bisectsBatchOnError: maybeFlag,
        tumblingWindowSeconds: maybe,
        responseTypes: fc.array(text),
        maximumConcurrency: maybe,
        pollers,
        onFailure: maybeText,
      });
    default:
      throw new Error(`Say here what states ${kind} can have.`);
  }
}
