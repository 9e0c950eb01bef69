import { execFileSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { builtC } from "./built-c.ts";
import { builtGo } from "./built-go.ts";
import type { ImageFile, ImageParts } from "./image-builder.ts";
import { type Need, needs } from "./needs.ts";

/** An image whose function connects to each port of a host and answers what became of it, as reaching.ts does. */
export interface ReadyImage {
  readonly name: string;
  readonly needs: readonly Need[];
  /** Whether a library that LD_PRELOAD names is loaded into it. */
  readonly isReachable: boolean;
  parts(): Promise<Omit<ImageParts, "format">>;
}

const source = join(import.meta.dirname, "reaching-bootstrap.c");
const goSource = join(import.meta.dirname, "reaching-bootstrap.go");

function built(compiler: string, ...flags: readonly string[]): Promise<string> {
  return builtC({ compiler, flags: ["-O1", ...flags], sources: [source] });
}

function copy(from: string, path: string): ImageFile {
  return { path, body: readFileSync(realpathSync(from)) };
}

/** A program of the machine with its loader and its libraries, at a place in an image. */
function withLibraries(program: string, path: string): readonly ImageFile[] {
  const listed = execFileSync("/usr/bin/ldd", [program], { timeout: 60_000, encoding: "utf8" });
  const libraries = [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, library = ""]) => library);
  return [copy(program, path), ...libraries.map((library) => copy(library, library.slice(1)))];
}

/** Without doubles, and with the folders that the files are in. */
function withFolders(files: readonly ImageFile[]): readonly ImageFile[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const { path } of files) {
    const parts = path.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join("/");
      if (!byPath.has(folder)) byPath.set(folder, { path: folder });
    }
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** As AWS's own base images are started: Source: the file of that name in public.ecr.aws/lambda. */
const entrypoint = `#!/bin/bash
if [ $# -ne 1 ]; then
  echo "entrypoint requires the handler name to be the first argument" 1>&2
  exit 142
fi
export _HANDLER="$1"
exec /var/runtime/bootstrap
`;

/** Honours the exec wrapper, as the runtimes of AWS's base images do. */
const bootstrap = `#!/bin/bash
if [ -n "$AWS_LAMBDA_EXEC_WRAPPER" ]; then exec "$AWS_LAMBDA_EXEC_WRAPPER" /var/lang/bin/reach; fi
exec /var/lang/bin/reach
`;

const awsLike: ReadyImage = {
  name: "AWS's base image in small",
  needs: ["gcc", "bash"],
  isReachable: true,
  parts: async () => ({
    layers: [
      withFolders(withLibraries("/bin/bash", "bin/bash")),
      withFolders([
        ...withLibraries(await built("gcc"), "var/lang/bin/reach"),
        { path: "lambda-entrypoint.sh", body: entrypoint },
        { path: "var/runtime/bootstrap", body: bootstrap },
        { path: "var/task/index.mjs", body: "// theirs" },
      ]),
    ],
    config: {
      Env: [
        "LANG=en_US.UTF-8",
        "PATH=/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "LAMBDA_TASK_ROOT=/var/task",
      ],
      Entrypoint: ["/lambda-entrypoint.sh"],
      Cmd: ["index.handler"],
      WorkingDir: "/var/task",
    },
  }),
};

/** One program with its loader and libc, and no shell. */
function program(
  name: string,
  isReachable: boolean,
  needs: readonly Need[],
  made: () => Promise<readonly ImageFile[]>,
): ReadyImage {
  const parts = async (): Promise<Omit<ImageParts, "format">> => ({
    layers: [withFolders([{ path: "app" }, { path: "etc" }]), withFolders(await made())],
    config: { Entrypoint: ["/app/reach"], WorkingDir: "/app", Env: ["APP_IMAGE=yes"] },
  });
  return { name, needs, isReachable, parts };
}

const ownEntrypoint: ReadyImage = {
  name: "an entrypoint of its own",
  needs: ["gcc", "bash"],
  isReachable: true,
  parts: async () => ({
    layers: [
      withFolders([...withLibraries("/bin/sh", "usr/bin/sh"), { path: "bin", link: "usr/bin" }]),
      withFolders([
        ...withLibraries(await built("gcc"), "srv/reach"),
        { path: "srv/start", body: '#!/bin/sh\nexport APP_STARTED=yes\nexec "$@"\n' },
      ]),
    ],
    config: { Entrypoint: ["/srv/start"], Cmd: ["./reach"], WorkingDir: "/srv", Env: ["APP_IMAGE=yes"] },
  }),
};

async function muslProgram(): Promise<readonly ImageFile[]> {
  const loader = "/lib/ld-musl-x86_64.so.1";
  return [copy(await built("musl-gcc"), "app/reach"), copy(loader, loader.slice(1))];
}

async function goProgram(): Promise<readonly ImageFile[]> {
  const go = needs("go").path ?? "";
  return [copy(await builtGo({ go, source: goSource, env: { CGO_ENABLED: "0" } }), "app/reach")];
}

/** By what they are for. */
export const readyImages = {
  awsLike,
  ownEntrypoint,
  musl: program("musl", true, ["musl-gcc"], muslProgram),
  withoutShell: program("no shell", true, ["gcc"], async () =>
    withLibraries(await built("gcc"), "app/reach"),
  ),
  go: program("a static Go program", false, ["go"], goProgram),
  static: program("a static program", false, ["gcc"], async () => [
    copy(await built("gcc", "-static", "-Wno-error"), "app/reach"),
  ]),
} as const satisfies Record<string, ReadyImage>;
