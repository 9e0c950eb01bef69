/** A set of files and what none of them may import. Of several walls around one file the last one counts. */
export interface Wall {
  readonly files: readonly string[];
  readonly forbidden: readonly { readonly imports: readonly string[]; readonly because: string }[];
}

const sdk = {
  imports: ["@aws-sdk/**", "@smithy/**"],
  because:
    "Only packages/unplug/src/aws speaks to the AWS SDK; take what you need by parameter (contract/aws.ts).",
};
const processes = {
  imports: ["node:child_process", "child_process"],
  because: "Only cli/ and sandbox/src/runtime start processes.",
};
const sandbox = {
  imports: ["@unplug/sandbox", "@unplug/sandbox/**", "**/sandbox/src/**"],
  because: "Only cli/sandbox.ts, cli/demo* and tests use the sandbox.",
};
const interceptor = {
  imports: ["@unplug/interceptor", "@unplug/interceptor/**", "**/interceptor/src/**"],
  because: "Only cli/, carriers/ and tests use the interceptor.",
};
const ours = ["unplug-lambda", "unplug-lambda/**", "**/unplug/src/**"];
const unplug = {
  imports: [...ours, ...interceptor.imports],
  because: "The sandbox imports nothing of Unplug, so that no mistake is shared.",
};
const all = {
  imports: [...ours, ...sandbox.imports],
  because: "The interceptor's package imports nothing of ours.",
};

/**
 * A folder of packages/unplug/src that may import itself (less `strangers`), packages, and of ours only `allowed`.
 * It has no folders in it: a path that climbs twice is forbidden, too.
 */
function folder(
  name: string,
  allowed: readonly string[],
  exceptions: { strangers?: readonly string[]; sdk?: boolean; interceptor?: boolean } = {},
): Wall {
  const { strangers = [], sdk: usesSdk = false, interceptor: usesInterceptor = false } = exceptions;
  const others = ["itself", ...allowed.map((other) => `${other}/`)].join(", ");
  const apart = strangers.length === 0 ? "" : `, but not ${strangers.join(" or ")}`;
  const imports = ["../**", ...allowed.map((other) => `!../${other}/**`), ...strangers];
  return {
    files: [`packages/unplug/src/${name}/**`],
    forbidden: [
      { imports, because: `${name}/ may import ${others}${apart}.` },
      processes,
      sandbox,
      ...(usesSdk ? [] : [sdk]),
      ...(usesInterceptor ? [] : [interceptor]),
    ],
  };
}

/** The one file of a folder that lists its neighbours. */
function list(name: string): Wall {
  return { ...folder(name, ["contract"]), files: [`packages/unplug/src/${name}/index.ts`] };
}

const parts = [
  "aws",
  "carriers",
  "contract",
  "engine",
  "faults",
  "guard",
  "image",
  "journal",
  "load",
  "probes",
  "registry",
  "report",
  "resources",
  "secrets",
  "zip",
];

/**
 * Who may import whom (docs/adr/0001-a-package-per-place-it-ships-to.md): lint's no-restricted-imports, static, dynamic and for
 * types, comes from here, and test/walls.test.ts proves each line.
 * `imports` are gitignore-like patterns for what is written after `from`; `!` takes an exception out.
 */
export const walls: readonly Wall[] = [
  { files: ["packages/unplug/src/**"], forbidden: [sdk, processes, sandbox, interceptor] },
  {
    files: ["packages/unplug/src/contract/**"],
    forbidden: [
      {
        imports: ["**", "!./**", "!zod"],
        because: "contract/ may import itself and zod, and nothing of Node.js.",
      },
    ],
  },
  folder("engine", ["contract"]),
  folder("resources", ["contract", "carriers"], { strangers: ["./*"] }),
  folder("faults", ["contract", "carriers", "image", "zip"], { strangers: ["./lambda-*"] }),
  folder("probes", ["contract"]),
  list("resources"),
  list("faults"),
  folder("carriers", ["contract", "image", "zip"], { interceptor: true }),
  folder("zip", []),
  folder("image", []),
  folder("registry", []),
  folder("journal", ["contract"]),
  folder("secrets", ["contract", "journal"]),
  folder("guard", ["contract"]),
  folder("load", ["contract", "engine", "guard"]),
  folder("report", ["contract"]),
  {
    files: ["packages/unplug/src/report/html/**"],
    forbidden: [
      {
        imports: ["../**", "!../*.ts", "!../../contract/**"],
        because: "report/html/ may import itself, report/, contract/.",
      },
      processes,
      sandbox,
      sdk,
      interceptor,
    ],
  },
  folder("laws", ["contract", "engine"]),
  folder("aws", ["contract", "image", "registry"], { sdk: true }),
  folder("library", [...parts, "cli"]),
  folder("vitest", ["library"]),
  folder("server", parts),
  { files: ["packages/unplug/src/cli/**"], forbidden: [sdk, sandbox] },
  {
    files: [
      "packages/unplug/src/cli/sandbox.ts",
      "packages/unplug/src/cli/demo*",
      "packages/unplug/src/cli/demo*/**",
    ],
    forbidden: [sdk],
  },
  { files: ["packages/sandbox/src/**"], forbidden: [unplug, sdk, processes] },
  { files: ["packages/sandbox/src/runtime/**"], forbidden: [unplug, sdk] },
  { files: ["packages/interceptor/src/**"], forbidden: [all, sdk, processes] },
  { files: ["packages/unplug/src/**/*.test.ts", "packages/unplug/src/**/*-for-test.ts"], forbidden: [] },
  {
    files: ["packages/sandbox/src/**/*.test.ts", "packages/sandbox/src/**/*-for-test.ts"],
    forbidden: [unplug],
  },
  { files: ["packages/interceptor/src/**/*.test.ts"], forbidden: [all] },
];
