import { ApiError, invalidParameter, type ModelFailure } from "../api-error.ts";
import { type Input, record } from "../input.ts";

/** A name for a version, or for two with a weight. */
export interface Alias {
  readonly name: string;
  readonly arn: string;
  functionVersion: string;
  description: string;
  /** The second version and the share of invocations in [0, 1] that it gets; null: none. */
  additional: { readonly version: string; readonly weight: number } | null;
  revisionId: string;
}

/** The version that one invocation of an alias goes to; draws only when there are two. */
export function routedVersion(alias: Alias, random: () => number): string {
  if (alias.additional === null) return alias.functionVersion;
  return random() < alias.additional.weight ? alias.additional.version : alias.functionVersion;
}

function weightsOf(input: Input): Readonly<Record<string, number>> | undefined {
  const routing = record(input, "RoutingConfig");
  const given = routing === undefined ? undefined : (record(routing, "AdditionalVersionWeights") ?? {});
  if (given === undefined) return undefined;
  const weights: Record<string, number> = {};
  for (const [version, weight] of Object.entries(given)) {
    if (typeof weight !== "number") {
      throw new ApiError(400, "SerializationException", "A weight of a version must be a number.", {
        type: null,
      });
    }
    weights[version] = weight;
  }
  return weights;
}

/** What is wrong with the weights by the API's model. Source: recorded answers of Lambda. */
export function weightFailures(input: Input): readonly ModelFailure[] {
  const weights = Object.entries(weightsOf(input) ?? {});
  // Numbers are written as Java writes doubles.
  const shown = weights.map(([v, w]) => `${v}=${Number.isInteger(w) ? `${w}.0` : w}`).join(", ");
  const failed = (constraint: string): ModelFailure => ({
    value: `{${shown}}`,
    member: "routingConfig.additionalVersionWeights",
    constraint,
  });
  const failures: ModelFailure[] = [];
  if (weights.some(([version]) => !/^[0-9]+$/.test(version) || version.length > 1024)) {
    failures.push(
      failed(
        "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]",
      ),
    );
  }
  if (weights.some(([, weight]) => weight < 0 || weight > 1)) {
    failures.push(
      failed(
        "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]",
      ),
    );
  }
  return failures;
}

/**
 * The second version that an input asks for beside `main`; null takes it away, undefined leaves it as it is.
 * Throws Lambda's 400s. Source: recorded answers of Lambda.
 */
export function additionalFrom(input: Input, main: string): Alias["additional"] | undefined {
  const weights = weightsOf(input);
  if (weights === undefined) return undefined;
  const [first, ...others] = Object.entries(weights);
  if (first === undefined) return null;
  if (others.length > 0) {
    throw invalidParameter("Number of items in AdditionalVersionWeights cannot be greater than 1");
  }
  const [version, weight] = first;
  refuseSecond(main, version);
  return { version, weight };
}

/** Throws 400 when a version cannot stand beside the main one. Source: recorded answers of Lambda. */
export function refuseSecond(main: string, version: string): void {
  if (main === "$LATEST") {
    throw new ApiError(
      400,
      "InvalidParameterValueException",
      "$LATEST is not supported for an alias pointing to more than 1 version",
      { type: null },
    );
  }
  if (version === main) {
    throw invalidParameter(
      `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
    );
  }
}
