import * as z from "zod";
import { seconds, wholeNumber } from "../contract/tunables.ts";
import { days, isTimeZone } from "./hours.ts";

export const GUARD_RAILS_KIND = "GuardRails";

const listed = <T extends z.ZodType>(item: T, description: string) =>
  z.array(item).min(1, "must name at least one").optional().describe(description);

const account = z
  .string()
  .regex(/^\d{12}$/, 'must be an account\'s 12 digits, in quotes, like "123456789012"');

const region = z
  .string()
  .regex(/^[a-z0-9*-]+$/, "must be a region or a pattern of regions, like us-east-1 or eu-*");

const functionPattern = z
  .string()
  .regex(
    /^(?:[\w*-]+|arn:[\w*-]+:lambda:[\w*-]+:[\d*]+:function:[\w*-]+)$/,
    "must be a function's plain name or whole ARN, without a version or alias; * stands for any characters, in an ARN between colons",
  );

const identity = z
  .string()
  .regex(
    /^arn:[\w*-]+:(?:iam|sts|\*):[\w*-]*:[\d*]+:[^:\s]+$/,
    "must be the ARN of a caller, like arn:aws:iam::123456789012:user/alice; `aws sts get-caller-identity` prints one's own",
  )
  .refine((arn) => !/:role\//.test(arn), {
    error: "must be as AWS names who has a role: arn:aws:sts::ACCOUNT:assumed-role/NAME/*",
  })
  .refine((arn) => !/:assumed-role\/[^/]*$/.test(arn), {
    error: "must say which sessions of the role: assumed-role/NAME/*",
  });

const pattern = z.string().min(1, "must not be empty");

const values = z.union(
  [pattern, z.array(pattern).min(1, "must name at least one")],
  "must be a value or a list of values, where * stands for any characters: put what is no text in quotes",
);
const tags = (description: string) =>
  z
    .record(z.string().min(1).max(128, "must be a tag's key"), values)
    .refine((map) => Object.keys(map).length > 0, "must name at least one tag")
    .optional()
    .describe(description);

const clock = (longest: RegExp, words: string) => z.string(words).regex(longest, words);

const hours = z.strictObject({
  days: listed(
    z.enum(days, `must be one of ${days.join(", ")}`),
    "On which days it begins; every day when left out",
  ),
  from: clock(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of the day in quotes, like "09:00"').describe(
    "Time of the day",
  ),
  to: clock(
    /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/,
    'must be a time of the day in quotes, like "17:00"',
  ).describe("Time of the day; one that is not after `from` is on the next day"),
  zone: z
    .string()
    .refine(isTimeZone, "must be the name of a time zone, like Europe/Berlin or UTC")
    .describe("Time zone of both"),
});

const who = z.strictObject({
  identities: z
    .array(identity)
    .min(1, "must name at least one")
    .describe("ARNs of callers, or patterns of them"),
  faults: listed(pattern, "What they may run; every fault when left out"),
  functions: listed(functionPattern, "What they may unplug; every function when left out"),
});

const percent = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\d{1,3}%?$/)
        .transform((text) => Number(text.replace("%", ""))),
    ],
    "must be a percentage, like 10%",
  )
  .pipe(z.int("must be whole percents").min(1, "must be at least 1%").max(100, "must be at most 100%"))
  .meta({ description: "Largest share of a function's callers that a step may reach" });

const DAY = 86_400;

/** What a guard-rails file may lay down; every part of it may be left out, and forbids nothing then. */
export const guardRulesSchema = z.strictObject({
  allow: z
    .strictObject({
      accounts: listed(account, "AWS accounts"),
      regions: listed(region, "Regions, or patterns of them"),
      functions: listed(functionPattern, "Functions by plain name or whole ARN, or patterns of them"),
      faults: listed(pattern, "Ids of faults, or patterns of them"),
      probes: listed(pattern, "Types of probes and stop conditions, or patterns of them"),
      hours: listed(hours, "When a run may be: the whole of it in one or more of these"),
      who: listed(who, "Who may run what: each step must be permitted by one of these"),
    })
    .default({})
    .describe("What is permitted, and nothing else"),
  protect: z
    .strictObject({
      functions: listed(functionPattern, "Never these; case does not count"),
      tags: tags("Never a function with one of these tags; case does not count"),
    })
    .default({})
    .describe("What is never unplugged, whatever else is permitted"),
  require: z
    .strictObject({
      tags: tags("Every function must have all of these"),
      stopCondition: listed(pattern, "Every experiment must have a stop condition of one of these types"),
    })
    .default({})
    .describe("What a run must have"),
  limit: z
    .strictObject({
      hold: seconds({ min: 1, max: DAY }, "Longest time that a fault is held").optional(),
      run: seconds({ min: 1, max: 366 * DAY }, "Longest expected length of a whole run").optional(),
      targets: wholeNumber({ min: 1, max: 100_000 }, "Most targets of a run").optional(),
      traffic: percent.optional(),
    })
    .default({})
    .describe("How much at most"),
  forbid: listed(z.string().min(1), "Kinds of change that no run may make, like code"),
});

export type GuardRules = Readonly<z.infer<typeof guardRulesSchema>>;
export type Who = z.infer<typeof who>;

/** One file's rules, and where each of them stands. */
export interface RuleFile {
  readonly file: string;
  readonly rules: GuardRules;
  /** `file:line:column` of a rule, by its path below `spec`. */
  readonly where: (path: readonly PropertyKey[]) => string;
}
