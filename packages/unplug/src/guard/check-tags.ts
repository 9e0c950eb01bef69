import type { FunctionTags } from "../contract/guard-rails.ts";
import { matches, matchesLoosely } from "./pattern.ts";
import type { RuleFile } from "./rules.ts";
import { quotedList, told } from "./told.ts";

type Wanted = Readonly<Record<string, string | readonly string[]>>;

/** Why the tags of one function do not permit a run. */
export function tagProblems(
  file: RuleFile,
  { functionArn, tags, problem }: FunctionTags,
  what: string,
): readonly string[] {
  const { require: required, protect } = file.rules;
  if (tags === null) {
    const unread = `the tags of ${functionArn}, which ${what} touches, could not be read: ${problem}`;
    return [
      ...(required.tags === undefined ? [] : [told(file, ["require", "tags"], unread)]),
      ...(protect.tags === undefined ? [] : [told(file, ["protect", "tags"], unread)]),
    ];
  }
  return [
    ...Object.entries(required.tags ?? {}).flatMap(([key, values]) =>
      hasTag(tags, key, values)
        ? []
        : [
            told(
              file,
              ["require", "tags", key],
              `${what} touches ${functionArn}, whose tag ${key} is ${foundText(tags[key])}; required is ${quotedList([values].flat())}`,
            ),
          ],
    ),
    ...protectedBy(tags, protect.tags ?? {}).map(([key, rule, value]) =>
      told(
        file,
        ["protect", "tags", rule],
        `${what} touches ${functionArn}, which is protected by its tag ${key}=${value}`,
      ),
    ),
  ];
}

function hasTag(
  tags: Readonly<Record<string, string>>,
  key: string,
  values: string | readonly string[],
): boolean {
  const value = Object.hasOwn(tags, key) ? tags[key] : undefined;
  return value !== undefined && [values].flat().some((one) => matches(one, value));
}

function protectedBy(
  tags: Readonly<Record<string, string>>,
  rules: Wanted,
): readonly (readonly [key: string, rule: string, value: string])[] {
  return Object.entries(rules).flatMap(([rule, values]) =>
    Object.entries(tags)
      .filter(
        ([key, value]) =>
          matchesLoosely(rule, key) && [values].flat().some((one) => matchesLoosely(one, value)),
      )
      .map(([key, value]) => [key, rule, value] as const),
  );
}

function foundText(value: string | undefined): string {
  return value === undefined ? "not there" : JSON.stringify(value);
}
