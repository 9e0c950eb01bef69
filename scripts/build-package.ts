import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build, type Metafile } from "esbuild";
import { helpModels } from "./command-model.ts";
import { lazyBuiltins } from "./lazy-builtins.ts";
import { root, runTool } from "./run-command.ts";

/** Where the published package is put together; generated and ignored. */
export const packageFolder = join(root, "packages/unplug/dist/package");

const MANUAL = "man/unplug.1";

export interface BuildOptions {
  /** The folder that holds `packages/`, README.md and LICENSE. */
  readonly from: string;
  readonly to: string;
  /** Programs that go into the bundle beside the published ones, by the name that each gets in `dist/`. */
  readonly more?: Readonly<Record<string, string>>;
}

/**
 * Builds the published package: the command and the library in one bundle with shared chunks, so that what is imported
 * lazily (the AWS SDK, the sandbox) stays in files of its own. Throws when the bundle or the declarations do not build.
 */
export async function buildPackage({ from, to }: BuildOptions): Promise<void> {
  const source = join(from, "packages/unplug");
  const metafile = await buildCommand({ from, to });
  const types = join(to, "dist/types");
  await declare(join(source, "src"), ["index.ts", "laws/index.ts", "vitest/index.ts"], types);
  for (const part of ["sandbox", "interceptor"]) {
    await declare(join(from, `packages/${part}/src`), ["index.ts"], join(types, part));
  }
  nameByPath(types);
  for (const file of ["README.md", "LICENSE", MANUAL]) cpSync(join(from, file), join(to, file));
  writeFileSync(join(to, "THIRD-PARTY-LICENSES.txt"), licences(metafile));
  writeFileSync(join(to, "package.json"), `${JSON.stringify(manifest(source, types), null, 2)}\n`);
}

/** Builds only what runs: the package without its declarations, licences and manifest. */
export async function buildCommand({ from, to, more }: BuildOptions): Promise<Metafile> {
  const source = join(from, "packages/unplug");
  rmSync(to, { recursive: true, force: true });
  mkdirSync(join(to, "bin"), { recursive: true });
  const metafile = await bundle(source, join(to, "dist"), more);
  copyPrograms(from, join(to, "dist"));
  copyInterceptors(from, to);
  cpSync(join(source, "bin/unplug.js"), join(to, "bin/unplug.js"));
  chmodSync(join(to, "bin/unplug.js"), 0o755);
  return metafile;
}

async function bundle(source: string, outdir: string, more: BuildOptions["more"]): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      main: join(source, "src/cli/main.ts"),
      index: join(source, "src/index.ts"),
      laws: join(source, "src/laws/index.ts"),
      vitest: join(source, "src/vitest/index.ts"),
      sandbox: join(source, "../sandbox/src/index.ts"),
      ...more,
    },
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // The SDK's ES modules make half the bundle of its CommonJS ones.
    mainFields: ["module", "main"],
    minify: true,
    plugins: [lazyBuiltins],
    // Chunks lie beside the entries, so that a path relative to import.meta.url means the same in all of them.
    chunkNames: "[name]-[hash]",
    define: {
      UNPLUG_VERSION: JSON.stringify(readManifest(source).version),
      // A text stays where it is used; an object would be in a chunk that every start loads.
      UNPLUG_HELP: JSON.stringify(JSON.stringify(helpModels())),
    },
    legalComments: "none",
    metafile: true,
    logLevel: "silent",
  });
  return metafile;
}

/**
 * The sandbox starts programs that lie in sandbox/src/runtime/bootstrap and finds them by
 * `new URL("./bootstrap/…", import.meta.url)`. All chunks lie in dist/, so dist/bootstrap is the same place for them.
 */
function copyPrograms(from: string, dist: string): void {
  const bootstraps = join(from, "packages/sandbox/src/runtime/bootstrap");
  const isShipped = (file: string) => !/\.test\.ts$|__pycache__/.test(file);
  cpSync(bootstraps, join(dist, "bootstrap"), { recursive: true, filter: isShipped });
  // The demo's functions, read in the same way.
  for (const file of ["consumer.mjs", "checkout.mjs"])
    cpSync(join(from, "packages/unplug/src/cli/demo", file), join(dist, file));
}

/** Found by `new URL("../prebuilt/", import.meta.url)`: the folder is beside dist/, as it is beside interceptor/src. */
function copyInterceptors(from: string, to: string): void {
  mkdirSync(join(to, "prebuilt"));
  for (const file of ["x86_64.so", "arm64.so", "go-x86_64.bin", "go-arm64.bin", "checksums.json"]) {
    cpSync(join(from, "packages/interceptor/prebuilt", file), join(to, "prebuilt", file));
  }
}

async function declare(source: string, files: readonly string[], outDir: string): Promise<void> {
  mkdirSync(outDir, { recursive: true });
  const tsconfig = join(outDir, "tsconfig.json");
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rewriteRelativeImportExtensions: true,
    rootDir: source,
    typeRoots: [join(root, "node_modules/@types")],
    outDir,
  };
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions,
    include: [],
    files: files.map((file) => join(source, file)),
  };
  writeFileSync(tsconfig, JSON.stringify(config));
  const { code, output } = await runTool("typescript/bin/tsc", ["-p", tsconfig]);
  rmSync(tsconfig);
  if (code !== 0) throw new Error(`The declarations of ${source} do not build:\n${output}`);
}

/** Our other packages are in the published one: what names them finds them there. */
function nameByPath(types: string): void {
  for (const name of readdirSync(types, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".d.ts")) continue;
    const file = join(types, name);
    const text = readFileSync(file, "utf8");
    const path = (part: string) => `./${relative(dirname(file), join(types, part, "index.js"))}`;
    const named = text.replace(/"@unplug\/(\w+)"/g, (_, part: string) => JSON.stringify(path(part)));
    if (named !== text) writeFileSync(file, named);
  }
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

function readManifest(source: string): Manifest {
  return JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
}

function manifest(source: string, types: string) {
  const { name, version, description, dependencies } = readManifest(source);
  const named = namedInTypes(types).map((other) => [other, dependencies[other] ?? missingDependency(other)]);
  return {
    name,
    version,
    description,
    license: "Apache-2.0",
    type: "module",
    bin: { unplug: "bin/unplug.js" },
    exports: {
      ".": { types: "./dist/types/index.d.ts", default: "./dist/index.js" },
      "./laws": { types: "./dist/types/laws/index.d.ts", default: "./dist/laws.js" },
      "./vitest": { types: "./dist/types/vitest/index.d.ts", default: "./dist/vitest.js" },
      "./sandbox": { types: "./dist/types/sandbox/index.d.ts", default: "./dist/sandbox.js" },
    },
    man: [MANUAL],
    files: ["bin", "dist", "man", "prebuilt", "THIRD-PARTY-LICENSES.txt"],
    engines: { node: ">=24" },
    // Whoever uses its matchers has it.
    peerDependencies: { vitest: ">=5" },
    peerDependenciesMeta: { vitest: { optional: true } },
    sideEffects: false,
    // The code is bundled; only what the declarations name has to be installed for them to mean anything.
    ...(named.length === 0 ? {} : { dependencies: Object.fromEntries(named) }),
  };
}

function missingDependency(name: string): never {
  throw new Error(`The declarations import ${name}, which packages/unplug/package.json does not name.`);
}

function namedInTypes(types: string): string[] {
  const texts = readdirSync(types, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".d.ts"))
    .map((file) => readFileSync(join(types, file), "utf8"));
  const specifiers = texts.flatMap((text) =>
    [...text.matchAll(/(?:from\s+|import\()"([^"]+)"/g)].map((match) => match[1] ?? ""),
  );
  const packages = specifiers
    .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
    .map((specifier) =>
      specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/"),
    );
  return [...new Set(packages)].toSorted();
}

/** The licence of every package that has code in the bundle. */
function licences(metafile: Metafile): string {
  const folders = Object.keys(metafile.inputs)
    .filter((input) => !input.startsWith("builtin:"))
    .map((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0])
    .filter((folder) => folder !== undefined);
  return [...new Set(folders)]
    .toSorted()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
      const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? "" : `\n\n${readFileSync(join(root, folder, file), "utf8").trim()}`;
      return `${name} ${version} (${license})${text}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}
