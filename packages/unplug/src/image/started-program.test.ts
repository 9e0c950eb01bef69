import { describe, expect, it } from "vitest";
import type { FoundEntry } from "./find-in-layer.ts";
import type { LayerReader } from "./layered-files.ts";
import { type StartSettings, startedProgram } from "./started-program.ts";

type File = string | { readonly link: string } | { readonly same: string } | null;
/** By path: a text; a link; `null` for a whiteout; what ends with a slash is a folder, or "opaque". */
type Files = Readonly<Record<string, File>>;

const ELF = "\x7fELF";

function entriesOf(files: Files): readonly FoundEntry[] {
  return Object.entries(files).map(([path, file]): FoundEntry => {
    if (path.endsWith("/")) {
      const kind = file === "opaque" ? "opaque" : "folder";
      return { path: path === "/" ? "/" : path.slice(0, -1), kind };
    }
    if (file === null) return { path, kind: "whiteout" };
    if (typeof file === "string") {
      const bytes = Buffer.from(file);
      const mode = file.startsWith("not executable") ? 0o644 : 0o755;
      return { path, kind: "file", mode, size: bytes.length, parts: [{ offset: 0, bytes }] };
    }
    if ("link" in file) return { path, kind: "symbolic-link", target: file.link };
    return { path, kind: "hard-link", target: file.same };
  });
}

/** Layers, the lowest first, and which of them were read for what. */
function imageOf(layers: readonly Files[]) {
  const reads: number[] = [];
  const read: LayerReader = (layer, paths) => {
    reads.push(layer);
    const files = layers[layer] ?? {};
    const onTheWay = (path: string) =>
      path === "/" || paths.some((wanted) => wanted === path || wanted.startsWith(`${path}/`));
    return Promise.resolve(entriesOf(files).filter(({ path }) => onTheWay(path)));
  };
  const interpreterOf = (bytes: Uint8Array) =>
    /^#!(?:\/usr\/bin\/env )?(\S+)/.exec(Buffer.from(bytes).toString())?.[1] ?? null;
  return { reads, image: { layers: layers.length, read, interpreterOf } };
}

interface Start {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: readonly string[];
  readonly workingDirectory?: string;
  readonly settings?: StartSettings;
}

async function started(layers: readonly Files[], start: Start = {}) {
  const { reads, image } = imageOf(layers);
  const { entrypoint = [], command = [], environment = [], workingDirectory = "", settings = {} } = start;
  const config = {
    architecture: "amd64",
    os: "linux",
    diffIds: [],
    createdBy: [],
    entrypoint,
    command,
    environment,
    workingDirectory,
  };
  const found = await startedProgram(config, settings, image);
  return "chain" in found
    ? { chain: found.chain.map(({ path }) => path), unsure: found.unsure, reads }
    : { because: found.because, reads };
}

const RIE_ENTRYPOINT = `#!/bin/sh
# Copyright
if [ $# -ne 1 ]; then
  echo "entrypoint requires the handler name to be the first argument" 1>&2
  exit 142
fi
export _HANDLER="$1"

RUNTIME_ENTRYPOINT=/var/runtime/bootstrap
if [ -z "\${AWS_LAMBDA_RUNTIME_API}" ]; then
  exec /usr/local/bin/aws-lambda-rie $RUNTIME_ENTRYPOINT
else
  exec $RUNTIME_ENTRYPOINT
fi
`;

const PYTHON_BOOTSTRAP = `#!/bin/bash
export AWS_EXECUTION_ENV=AWS_Lambda_python3.12
if [ -z "$AWS_LAMBDA_EXEC_WRAPPER" ]; then
  exec /var/lang/bin/python3.12 /var/runtime/bootstrap.py
else
  wrapper=$AWS_LAMBDA_EXEC_WRAPPER
  if [ ! -f "$wrapper" ]; then
    echo "$wrapper: does not exist"
    exit 127
  fi
  exec -- "$wrapper" "/var/lang/bin/python3.12" "/var/runtime/bootstrap.py"
fi
`;

describe("what AWS's base images start", () => {
  const base = { "/lambda-entrypoint.sh": RIE_ENTRYPOINT, "/var/lang/bin/python3.12": ELF };

  it("is behind the entrypoint and the bootstrap, which are scripts", async () => {
    const found = await started([{ ...base, "/var/runtime/bootstrap": PYTHON_BOOTSTRAP }], {
      entrypoint: ["/lambda-entrypoint.sh"],
      command: ["app.handler"],
    });
    expect(found.chain).toEqual([
      "/lambda-entrypoint.sh",
      "/var/runtime/bootstrap",
      "/var/lang/bin/python3.12",
    ]);
    expect(found.unsure).toBeNull();
  });

  it("is the user's own bootstrap where there is no runtime", async () => {
    const found = await started([base, { "/var/runtime/bootstrap": ELF }], {
      entrypoint: ["/lambda-entrypoint.sh"],
      command: ["handler"],
    });
    expect(found.chain).toEqual(["/lambda-entrypoint.sh", "/var/runtime/bootstrap"]);
  });
});

describe("what an image's own entrypoint starts", () => {
  it("is looked up in the PATH of the image, or in the function's", async () => {
    const layers = [{ "/usr/local/bin/python": ELF, "/usr/bin/python": ELF, "/own/python": ELF }];
    const entrypoint = ["python", "-m", "awslambdaric"];
    const environment = ["PATH=/usr/bin:/usr/local/bin"];
    expect((await started(layers, { entrypoint })).chain).toEqual(["/usr/local/bin/python"]);
    expect((await started(layers, { entrypoint, environment })).chain).toEqual(["/usr/bin/python"]);
    const settings = { variables: { PATH: "/own" } };
    expect((await started(layers, { entrypoint, environment, settings })).chain).toEqual(["/own/python"]);
  });

  it("is not what may not be executed, where PATH has another", async () => {
    const layers = [{ "/usr/local/bin/app": "not executable", "/usr/bin/app": ELF }];
    expect((await started(layers, { entrypoint: ["app"] })).chain).toEqual(["/usr/bin/app"]);
  });

  it("is the function's where the function names one", async () => {
    const layers = [{ "/a": ELF, "/b": ELF, "/w/c": ELF }];
    const start = { entrypoint: ["/a"], command: ["x"], workingDirectory: "/elsewhere" };
    expect((await started(layers, { ...start, settings: { entrypoint: ["/b"] } })).chain).toEqual(["/b"]);
    const settings = { entrypoint: ["./c"], workingDirectory: "/w" };
    expect((await started(layers, { ...start, settings })).chain).toEqual(["/w/c"]);
  });

  it("is the command where there is no entrypoint", async () => {
    expect((await started([{ "/app": ELF }], { command: ["/app", "-v"] })).chain).toEqual(["/app"]);
  });

  it.each([
    [["/sbin/tini", "--", "/app"]],
    [["/sbin/tini", "-g", "--", "/app"]],
    [["/usr/bin/env", "A=1", "/app"]],
    [["/bin/sh", "-c", "exec /app --port 1"]],
    [["/bin/sh", "-c", "cd /x && true; A=1 /app"]],
    [["/entry.sh", "/app"]],
  ])("is behind what only starts it: %j", async (entrypoint) => {
    const layers = [
      {
        "/sbin/tini": ELF,
        "/usr/bin/env": ELF,
        "/bin/sh": ELF,
        "/app": ELF,
        "/entry.sh": '#!/bin/sh\nset -e\necho hello\nexec "$@"\n',
      },
    ];
    const found = await started(layers, { entrypoint });
    expect(found.chain?.at(-1)).toBe("/app");
    expect(found.unsure).toBeNull();
  });

  it.each([
    [["sh", "run.sh", "/app"]],
    [["/bin/sh", "-e", "/w/run.sh", "/app"]],
    [["/bin/sh", "-eu", "-o", "pipefail", "--", "./run.sh", "/app"]],
    [["/bin/sh", "-o", "errexit", "-c", "exec /app"]],
    [["/bin/busybox", "sh", "run.sh", "/app"]],
  ])("is behind a shell that is given a script: %j", async (entrypoint) => {
    const shells = { "/bin/busybox": ELF, "/bin/sh": { same: "/bin/busybox" } };
    const layers = [{ ...shells, "/app": ELF, "/w/run.sh": 'set -e\nexec "$@"\n' }];
    const found = await started(layers, { entrypoint, workingDirectory: "/w" });
    expect(found.chain?.at(-1)).toBe("/app");
    expect(found.unsure).toBeNull();
  });

  it("is the shell itself, and not known for sure, where its script does not say it plainly", async () => {
    const layers = [{ "/bin/sh": ELF, "/run.sh": "exec $(find_program)\n" }];
    const found = await started(layers, { entrypoint: ["/bin/sh", "/run.sh"] });
    expect(found.chain).toEqual(["/bin/sh", "/run.sh", "/bin/sh"]);
    expect(found.unsure).toContain("does not plainly say");
  });

  it("is busybox where it is no shell", async () => {
    const found = await started([{ "/bin/busybox": ELF }], { entrypoint: ["/bin/busybox", "httpd", "-f"] });
    expect(found).toMatchObject({ chain: ["/bin/busybox"], unsure: null });
  });

  it("is a script's interpreter", async () => {
    const layers = [{ "/app.py": "#!/usr/bin/env python3\nimport x\n", "/usr/bin/python3": ELF }];
    const found = await started(layers, { entrypoint: ["/app.py"] });
    expect(found).toMatchObject({ chain: ["/app.py", "/usr/bin/python3"], unsure: null });
  });

  it("is not known behind a script that does not say it plainly", async () => {
    const layers = [{ "/run.sh": "#!/bin/sh\nexec $(find_program)\n", "/bin/sh": ELF }];
    const found = await started(layers, { entrypoint: ["/run.sh"] });
    expect(found.chain).toEqual(["/run.sh", "/bin/sh"]);
    expect(found.unsure).toContain("does not plainly say");
    const inline = await started(layers, { entrypoint: ["/bin/sh", "-c", "$(find_program)"] });
    expect(inline.chain).toEqual(["/bin/sh"]);
    expect(inline.unsure).toContain("does not plainly say");
  });

  it("is nothing where the file is missing, or a script's interpreter", async () => {
    expect(await started([{}], { entrypoint: ["/app"] })).toMatchObject({
      because: "its entrypoint /app is no file in the image",
    });
    expect(await started([{ "/app": "#!/bin/python\n" }], { entrypoint: ["/app"] })).toMatchObject({
      because: "/app is a script for /bin/python, which is not in the image",
    });
    expect(await started([{}])).toMatchObject({
      because: "the image has neither an entrypoint nor a command",
    });
  });
});

describe("layers", () => {
  const app = { entrypoint: ["/bin/app"] };

  it("are read from the top, and none below the one that has it", async () => {
    const found = await started([{ "/bin/app": "old" }, { "/bin/app": ELF }, {}], app);
    expect(found).toMatchObject({ chain: ["/bin/app"], reads: [2, 1] });
  });

  it("are joined by symbolic links, of files and of folders", async () => {
    const layers = [
      { "/usr/": "", "/usr/bin/": "", "/bin": { link: "usr/bin" }, "/usr/bin/app-1": ELF },
      { "/usr/bin/app": { link: "../bin/app-1" } },
    ];
    expect((await started(layers, app)).chain).toEqual(["/usr/bin/app-1"]);
  });

  it("hide what is below by a whiteout of it or of its folder, by an opaque folder, and by a file in a folder's place", async () => {
    const base: Files = { "/bin/app": ELF };
    const above: readonly Files[] = [
      { "/bin/app": null },
      { "/bin": null },
      { "/bin/": "opaque" },
      { "/": "opaque" },
      { "/bin": "a file" },
    ];
    for (const layer of above) expect(await started([base, layer], app)).toHaveProperty("because");
  });

  it("keep what a layer has itself beside its whiteout", async () => {
    const layers: readonly Files[] = [{ "/bin/app": "old" }, { "/bin/": "opaque", "/bin/app": ELF }];
    expect(await started(layers, app)).toMatchObject({ chain: ["/bin/app"], reads: [1] });
  });

  it("show a folder that a layer above puts in a link's place", async () => {
    const layers: readonly Files[] = [
      { "/bin": { link: "/usr/bin" }, "/usr/bin/app": "of the link" },
      { "/bin/": "", "/bin/app": ELF },
      {},
    ];
    expect((await started(layers, app)).chain).toEqual(["/bin/app"]);
  });

  it("mean by a hard link what was there then", async () => {
    const layers: readonly Files[] = [
      { "/bin/one": ELF, "/bin/app": { same: "/bin/one" } },
      { "/bin/one": "another" },
    ];
    const { image } = imageOf(layers);
    const config = { architecture: "", os: "", diffIds: [], createdBy: [], ...app };
    const none = { command: [], environment: [], workingDirectory: "" };
    const found = await startedProgram({ ...config, ...none }, {}, image);
    expect("chain" in found && Buffer.from(found.chain[0]?.parts[0]?.bytes ?? []).toString()).toBe(ELF);
  });

  it("that lead in a circle are refused", async () => {
    const layers: readonly Files[] = [{ "/bin/app": { link: "b" }, "/bin/b": { link: "app" } }];
    await expect(started(layers, app)).rejects.toThrow("leads to itself");
  });
});
