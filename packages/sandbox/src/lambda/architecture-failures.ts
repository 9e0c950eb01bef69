import type { ModelFailure } from "../api-error.ts";
import { type Input, texts } from "../input.ts";
import { itemFailures } from "./constraints.ts";

const architectures = ["x86_64", "arm64"];

/** What is wrong with Architectures by the API's model. Source: recorded answers of Lambda. */
export function architectureFailures(input: Input): readonly ModelFailure[] {
  const given = texts(input, "Architectures");
  if (given === undefined) return [];
  const failures = [
    ...itemFailures(input, "Architectures", (item) => architectures.includes(item), [
      `Member must satisfy enum value set: [${architectures.join(", ")}]`,
      "Member must not be null",
    ]),
  ];
  if (given.length === 1) return failures;
  const bound = given.length === 0 ? "greater than or equal to 1" : "less than or equal to 1";
  const constraint = `Member must have length ${bound}`;
  return [...failures, { value: `[${given.join(", ")}]`, member: "architectures", constraint }];
}
