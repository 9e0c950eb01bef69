import type { Place } from "../contract/place.ts";
import { matches, matchesFunction, matchesFunctionLoosely } from "./pattern.ts";
import type { RuleFile } from "./rules.ts";
import { quotedList, told } from "./told.ts";

/** Account and region. `what` begins the sentence. */
export function placeProblems(
  file: RuleFile,
  place: Pick<Place, "account" | "region">,
  what: string,
): readonly string[] {
  const { accounts, regions } = file.rules.allow;
  return [
    ...(accounts === undefined || accounts.includes(place.account)
      ? []
      : [
          told(
            file,
            ["allow", "accounts"],
            `${what} is in account ${place.account}; permitted is ${quotedList(accounts)}`,
          ),
        ]),
    ...(regions === undefined || regions.some((region) => matches(region, place.region))
      ? []
      : [
          told(
            file,
            ["allow", "regions"],
            `${what} is in region ${place.region}; permitted is ${quotedList(regions)}`,
          ),
        ]),
  ];
}

/** One function by its unqualified ARN; null: nobody can tell which, and where that counts it is refused. */
export function functionProblems(file: RuleFile, arn: string | null, what: string): readonly string[] {
  const { allow, protect } = file.rules;
  // Where it is by its own name, beside where STS says that the caller is: an endpoint of another's may say anything.
  const [, , , region = "", account = ""] = arn?.split(":") ?? [];
  const found = arn === null ? [] : [...placeProblems(file, { region, account }, what)];
  const touched = arn === null ? `${what} touches nobody knows which function` : `${what} touches ${arn}`;
  if (allow.functions !== undefined) {
    const isAllowed = arn !== null && allow.functions.some((one) => matchesFunction(one, arn));
    if (!isAllowed)
      found.push(
        told(file, ["allow", "functions"], `${touched}; permitted is ${quotedList(allow.functions)}`),
      );
  }
  if (protect.functions !== undefined) {
    const hit = arn === null ? "*" : protect.functions.find((one) => matchesFunctionLoosely(one, arn));
    if (hit !== undefined)
      found.push(told(file, ["protect", "functions"], `${touched}; ${JSON.stringify(hit)} is protected`));
  }
  return found;
}
