import * as z from "zod";

/** Zod schemas under the names that users write: `FUNCTION_NAME`. */
export type TunableShape = Readonly<Record<string, z.ZodType>>;

/** `FUNCTION_NAME` becomes `functionName`: wire names live in schemas only. */
export type CamelCase<N extends string> = N extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Tail>>}`
  : Lowercase<N>;

/** What a fault is handed: parsed values under their inner names. */
export type Tunables<S extends TunableShape> = {
  readonly [N in keyof S & string as CamelCase<N>]: z.output<S[N]>;
};

function camelCase(name: string): string {
  return name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Parsed values under wire names, handed on under inner names. */
export function toInner(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [camelCase(name), value]));
}

/** A text that must say something. */
export const text = (description: string) =>
  z.string().trim().min(1, "must not be empty").describe(description);

/** Off unless it says `true`. */
export const flag = (description: string) =>
  z
    .union([z.boolean(), z.enum(["true", "false"]).transform((value) => value === "true")], {
      error: "must be true or false",
    })
    .default(false)
    .describe(description);

/** A text that may be left empty, which means the same as leaving it out. */
export const optionalText = (description: string) => z.string().trim().default("").describe(description);

/** Comma-separated, blanks around an item ignored; an item twice is an error, and so is none. */
export const list = (description: string) =>
  z
    .string()
    .transform((value) =>
      value
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== ""),
    )
    .pipe(
      z
        .array(z.string())
        .min(1, "must name at least one")
        .refine((items) => new Set(items).size === items.length, {
          error: ({ input }) => `names ${twice(input)} twice`,
        }),
    )
    .describe(description);

function twice(input: unknown): string {
  if (!Array.isArray(input)) return "an item";
  return String(input.find((item, i) => input.indexOf(item) !== i));
}

/** What help, reference and JSON Schema say of a range; the schema of a number that may be text cannot be asked for it. */
function told({ min, max }: { min: number; max: number }) {
  return { minimum: min, maximum: max };
}

/** A whole number, as a number or as its digits. */
export const wholeNumber = (range: { min: number; max: number }, description: string) =>
  z
    .union(
      [
        z.number(),
        z
          .string()
          .trim()
          .regex(/^-?\d+$/)
          .transform(Number),
      ],
      "must be a whole number",
    )
    .pipe(
      z
        .int(`must be a whole number`)
        .min(range.min, `must be at least ${range.min}`)
        .max(range.max, `must be at most ${range.max}`),
    )
    .meta({ description, ...told(range) });

const DURATION = /^(\d+)(s|m|h)?$/;
const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Seconds as a number, `90`, `90s`, `5m` or `1h`; milliseconds inside. */
export const seconds = (range: { min: number; max: number }, description: string) =>
  z
    .union([z.number(), z.string()], `must be whole seconds, like 90, 90s or 5m`)
    .transform((value, context) => {
      const match = DURATION.exec(String(value).trim());
      if (match === null) {
        context.addIssue({ code: "custom", message: "must be whole seconds, like 90, 90s or 5m" });
        return z.NEVER;
      }
      const unit = match[2] === "m" || match[2] === "h" ? match[2] : "s";
      return Number(match[1]) * UNIT_MS[unit];
    })
    .refine((ms) => ms >= range.min * 1000, `must be at least ${range.min} s`)
    .refine((ms) => ms <= range.max * 1000, `must be at most ${range.max} s`)
    .meta({ description, ...told(range), unit: "s" });

const DAY = 86_400;

/** Source: the RoleArn of AssumeRole, and the paths that a role's name may have. */
export function isRoleArn(text: string): boolean {
  return /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(text);
}

/** The tunables of every fault. Defaults as the fault pages give them; the last three are ours. */
export const commonTunables = {
  REGION: text("AWS region where the function is deployed").regex(
    /^[a-z]{2,4}(-[a-z]+)+-\d+$/,
    "must be a region's name, like us-east-1",
  ),
  TOTAL_CHAOS_DURATION: seconds(
    { min: 1, max: DAY },
    "How long the fault is held, counted from its confirmation",
  ).prefault(30),
  CHAOS_INTERVAL: seconds(
    { min: 0, max: DAY },
    "Healthy gap between successive iterations; unused when there is one",
  ).prefault(30),
  RAMP_TIME: seconds(
    { min: 0, max: DAY },
    "Wait before the first injection and after the last proof",
  ).prefault(0),
  SEQUENCE: z
    .enum(["parallel", "serial"], "must be parallel or serial")
    .default("parallel")
    .describe("All targets in one iteration, or one iteration for each target in the order given"),
  STATUS_CHECK_TIMEOUT: seconds({ min: 1, max: DAY }, "How long a change may take to be confirmed").prefault(
    180,
  ),
  STATUS_CHECK_DELAY: seconds({ min: 1, max: 300 }, "Longest pause between two looks at a change").prefault(
    2,
  ),
  ASSUME_ROLE_ARN: optionalText("IAM role to assume on top of the base credentials").refine(
    (value) => value === "" || isRoleArn(value),
    "must be a role's ARN, like arn:aws:iam::123456789012:role/chaos",
  ),
  // The message must not repeat the value: it may be the secret itself.
  AWS_AUTHENTICATION_SECRET: optionalText(
    "Name of the file secret that holds an AWS credentials file",
  ).refine(
    (value) => /^(\w[\w.-]*)?$/.test(value),
    "names no file secret: expected a file's name of letters, digits, dots, dashes and underscores, not a path and not the secret itself",
  ),
  AWS_PROFILE: optionalText("Profile in the credentials file"),
  CYCLES: wholeNumber({ min: 1, max: 1000 }, "How often the whole sequence is repeated").prefault(1),
  RESTORE_TIMEOUT: seconds(
    { min: 1, max: DAY },
    "How long a restore is retried before it is reported as failed",
  ).prefault(300),
  ASSUME_ROLE_EXTERNAL_ID: optionalText("External id that the role's trust policy asks for"),
} as const satisfies TunableShape;

export type CommonTunables = Tunables<typeof commonTunables>;

/** Variables of other tools that mean nothing here: accepted with a notice. */
export const foreignTunables: readonly string[] = [
  "DEFAULT_HEALTH_CHECK",
  "INSTANCE_ID",
  "LIB_IMAGE",
  "JOB_CLEANUP_POLICY",
];
