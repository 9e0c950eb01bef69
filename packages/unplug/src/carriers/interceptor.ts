import {
  type Architecture,
  behaviors,
  isAlwaysAllowed,
  nodeOption,
  parseTarget,
  reachOf,
  readLine,
  readProgram,
  writeConfiguration,
} from "@unplug/interceptor";
import * as z from "zod";
import { CODE_OBJECT, IMAGE_OBJECT, LAYER_OBJECT, NAMES_BY_GO, TOLD_VARIABLE } from "./our-names.ts";

export type { Architecture };
export { readLine, TOLD_VARIABLE };

/** How a blocked connect fails. */
export const behavior = z.enum(behaviors, `must be ${behaviors.join(", ").replace(/, (\w+)$/, " or $1")}`);

/** What is blocked, comma-separated, in the canonical form of each; none is everything. */
export const targetList = z
  .string()
  .default("")
  .transform((value, context) => {
    const targets: string[] = [];
    for (const item of value.split(",").map((one) => one.trim())) {
      if (item === "") continue;
      const parsed = parseTarget(item);
      const problem = "problem" in parsed ? parsed.problem : loopback(parsed.target);
      if ("problem" in parsed || problem !== null) {
        context.addIssue({ code: "custom", message: `names ${JSON.stringify(item)}: ${problem}` });
      } else if (targets.includes(parsed.target.text)) {
        context.addIssue({ code: "custom", message: `names ${item} twice` });
      } else {
        targets.push(parsed.target.text);
      }
    }
    return targets;
  });

function loopback(target: Parameters<typeof isAlwaysAllowed>[0]): string | null {
  return isAlwaysAllowed(target) ? "loopback and link-local addresses are never blocked" : null;
}

/** What the interceptor is told. */
export interface Told {
  readonly behavior: z.infer<typeof behavior>;
  readonly timeoutMs: number;
  readonly percentage: number;
  readonly seed: number;
  readonly run: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** In canonical form; none is everything. */
  readonly targets: readonly string[];
  /** It works in published versions, and not in `$LATEST`. */
  readonly publishedOnly: boolean;
}

export function tell({ until, seed, targets, publishedOnly, ...told }: Told): string {
  return writeConfiguration(
    {
      ...told,
      seed: BigInt(seed),
      fromSeconds: null,
      untilSeconds: Math.ceil(until / 1000),
      // External extensions get the function's own variables, and not this one. Source: runtimes-extensions-api.
      ifSet: "LAMBDA_TASK_ROOT",
      unless: publishedOnly ? { name: "AWS_LAMBDA_FUNCTION_VERSION", value: "$LATEST" } : null,
      tallyPath: null,
      targets: targets.flatMap((text) => {
        const parsed = parseTarget(text);
        return "target" in parsed ? [parsed.target] : [];
      }),
      known: [],
      exempt: [],
    },
    ";",
  );
}

/** What a Go program needs beside its patch. */
export type GoProgram = {
  /** As Go says it: "go1.22.3". */
  readonly version: string;
  /** C libraries make connects of their own: they are preloaded as other programs are. */
  readonly preloads: boolean;
  /** It could ask libc for names, where the patch does not see the answers. */
  readonly asksLibc: boolean;
};

/** How the interceptor is brought into the programs of a function. */
export interface Way {
  readonly kind: keyof typeof entries;
  /** Null where a dynamic linker, or Node.js, brings it. */
  readonly go: GoProgram | null;
  /** Variables that the programs get from elsewhere as long as the function does not set them. */
  readonly inherited?: Readonly<Record<string, string>>;
}

/** Ours first: it is taken out then without a change to a byte of the rest. */
const entries = {
  layer: { name: "LD_PRELOAD", item: LAYER_OBJECT, separator: ":" },
  image: { name: "LD_PRELOAD", item: IMAGE_OBJECT, separator: ":" },
  code: { name: "LD_PRELOAD", item: CODE_OBJECT, separator: ":" },
  env: { name: "NODE_OPTIONS", item: nodeOption, separator: " " },
} as const;

/** The variables that bring the interceptor into the programs of the function, beside those that are there. */
export function armedVariables(
  own: Readonly<Record<string, string>>,
  { kind, go, inherited = {} }: Way,
  told: string,
): Readonly<Record<string, string>> {
  const armed: Record<string, string> = { ...own, [TOLD_VARIABLE]: told };
  // Twice the separator means nothing to who reads a list, and tells us that all of it goes with ours.
  const gap = (name: string, separator: string): string => {
    const theirs = own[name];
    if (theirs === undefined) return `${separator}${separator}`;
    // Theirs may have one at its end already, where it would be read as two.
    const beside = separator === "," ? theirs.at(-1) : theirs[0];
    return beside === separator ? "" : separator;
  };
  const there = (name: string): string => own[name] ?? inherited[name] ?? "";
  if (go === null || go.preloads) {
    const { name, item, separator } = entries[kind];
    const theirs = there(name);
    armed[name] = theirs.trim() === "" ? item : `${item}${gap(name, separator)}${theirs}`;
  }
  if (go?.asksLibc === true) {
    armed["GODEBUG"] = namesByGo(there("GODEBUG"), gap("GODEBUG", ","));
  }
  return armed;
}

/**
 * Of a name that stands twice, Go 1.19 takes the first and later ones the last: one of theirs gets ours at either end.
 *
 * Source: internal/godebug/godebug.go of Go 1.19 and of 1.21
 */
function namesByGo(theirs: string, gap: string): string {
  if (theirs === "") return NAMES_BY_GO;
  const first = /(?:^|,)netdns=/.test(theirs) ? `${NAMES_BY_GO},` : "";
  return `${first}${theirs}${gap}${NAMES_BY_GO}`;
}

/** Why the interceptor does not work in a program; null when it does, or when only what it starts can tell. */
export function whyUnreached(bytes: Uint8Array, architecture: Architecture): string | null {
  const reach = reachOf(readProgram(bytes), architecture);
  return reach.reached ? null : reach.because;
}

/** The interpreter of a script; null for what is no script. */
export function interpreterOf(bytes: Uint8Array): string | null {
  const program = readProgram(bytes);
  return program.kind === "script" ? program.interpreter : null;
}
