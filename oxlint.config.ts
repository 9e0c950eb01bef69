import { defineConfig } from "oxlint";
import { type Wall, walls } from "./scripts/walls.ts";

const outsideTheWorld = [
  { object: "Date", property: "now", message: "Time comes in by parameter (contract/clock.ts)." },
  { object: "Math", property: "random", message: "Randomness comes in by parameter." },
  {
    object: "process",
    property: "exit",
    message: "Only cli/ ends the process: set process.exitCode and return.",
  },
];

function restrictedImports(forbidden: Wall["forbidden"]): "off" | ["error", object] {
  const patterns = forbidden.map(({ imports, because }) => ({ group: [...imports], message: because }));
  return patterns.length === 0 ? "off" : ["error", { patterns }];
}

export default defineConfig({
  plugins: ["eslint", "typescript", "unicorn", "oxc", "import"],
  categories: { correctness: "error" },
  options: { typeAware: true, reportUnusedDisableDirectives: "error" },
  ignorePatterns: ["**/dist/**"],
  rules: {
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    "typescript/no-explicit-any": "error",
    // The walls below are not held against `import("x").T`, so there are none.
    "typescript/consistent-type-imports": "error",
    // Ports are written as methods and made as closures: nothing here depends on `this` but the few classes.
    "typescript/unbound-method": "off",
    // A string is spread here to get at its code points.
    "typescript/no-misused-spread": ["error", { allow: ["string"] }],
    // A program for terminals reads and writes control characters.
    "no-control-regex": "off",
    "import/no-cycle": "error",
    "import/no-default-export": "error",
    "no-console": "error",
    "max-lines": ["error", 300],
    "max-lines-per-function": ["error", 60],
    "max-params": ["error", 4],
    "no-restricted-properties": ["error", ...outsideTheWorld],
  },
  overrides: [
    ...walls.map(({ files, forbidden }) => ({
      files: [...files],
      rules: { "no-restricted-imports": restrictedImports(forbidden) },
    })),
    { files: ["packages/unplug/src/cli/**", "scripts/**"], rules: { "no-console": "off" } },
    {
      files: [
        "packages/unplug/bin/unplug.js",
        "packages/unplug/src/cli/**",
        "packages/unplug/src/contract/clock.ts",
        "packages/sandbox/src/start-sandbox.ts",
        "packages/interceptor/node/**",
        "scripts/**",
        "test/**",
        "**/*.test.ts",
        "**/*-for-test.ts",
      ],
      rules: { "no-restricted-properties": "off" },
    },
    // These run inside a function, in a process of its own.
    {
      files: ["packages/sandbox/src/runtime/bootstrap/**"],
      rules: { "no-console": "off", "no-restricted-properties": "off" },
    },
    { files: ["**/*.test.ts"], rules: { "max-lines-per-function": "off" } },
    {
      files: ["*.config.ts", "test/support/command-setup.ts", "scripts/hang-reporter.ts"],
      rules: { "import/no-default-export": "off" },
    },
  ],
});
