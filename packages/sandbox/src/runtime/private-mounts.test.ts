import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findPrivateMounts, type Mounting } from "./private-mounts.ts";
import {
  imageOf,
  layerOf,
  mountingForTest,
  type RuntimeForTest,
  runtimeForTest,
} from "./runtime-for-test.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Why the test is not run on this machine. */
    notRun?: string;
  }
}

const root = await mkdtemp(join(tmpdir(), "unplug-mounts-test-"));
const mounting: Mounting = await mountingForTest(root);
const notRun = mounting.kind === "none" ? `functions cannot have mounts here: ${mounting.reason}` : null;

/** A test of what functions see; it is reported as not run where nothing can be mounted. */
function mounted(name: string, run: () => Promise<void>): void {
  if (notRun === null) test(name, run);
  else test.skip(name, { meta: { notRun } }, () => undefined);
}

let shared: RuntimeForTest;
beforeAll(async () => {
  shared = await runtimeForTest();
});
afterAll(async () => {
  await shared.close();
  await rm(root, { recursive: true, force: true });
});

mounted(
  "shows a function its code at /var/task and its layers, the later over the earlier, at /opt",
  async () => {
    const layers = [
      await layerOf({
        "bin/greet": "#!/bin/sh\necho first $0",
        same: "first",
        "nodejs/node_modules/a.js": "exports.a = 1",
      }),
      await layerOf({ "bin/other": "#!/bin/sh\n", same: "second" }),
    ];
    const source = `const fs = require("node:fs"); const { execSync } = require("node:child_process");
    exports.handler = async () => ({ file: __filename, cwd: process.cwd(), root: process.env.LAMBDA_TASK_ROOT, a: require("a").a,
      same: fs.readFileSync("/opt/same", "utf8"), greeting: execSync("greet", { timeout: 60_000 }).toString(), bin: fs.readdirSync("/opt/bin"), user: process.getuid() });`;
    const image = await imageOf({ "index.js": source }, { functionName: "layered", layers });
    expect((await shared.call(image)).value).toEqual({
      file: "/var/task/index.js",
      cwd: "/var/task",
      root: "/var/task",
      a: 1,
      same: "second",
      greeting: "first /opt/bin/greet\n",
      bin: ["greet", "other"],
      user: process.getuid?.(),
    });
    const turned = { ...image, revision: "2", layers: layers.toReversed() };
    expect((await shared.call(turned)).value).toMatchObject({ same: "first" });
  },
);

mounted("lets nobody write to /var/task and /opt, and gives each environment a /tmp of its own", async () => {
  const own = `/tmp/of-${randomUUID()}`;
  // A checkout below /tmp is where the functions' programs are, and stays to be seen.
  const [, top = "", checkout = ""] = import.meta.dirname.split("/");
  const shown = top === "tmp" ? [checkout, basename(own)].sort() : [basename(own)];
  const source = `const fs = require("node:fs");
    const write = (file) => { try { fs.writeFileSync(file, "x"); return "written"; } catch (error) { return error.code; } };
    exports.handler = async () => [...["/var/task/x", "/opt/x", "/var/runtime/x", "${own}"].map(write), fs.readdirSync("/tmp"), fs.statfsSync("/tmp").blocks * fs.statfsSync("/tmp").bsize];`;
  const image = await imageOf({ "index.js": source }, { functionName: "writer", ephemeralStorageMb: 600 });
  const seen = ["EROFS", "EROFS", "EROFS", "written", shown, 600 * 1024 * 1024];
  expect((await shared.call(image)).value).toEqual(seen);
  expect((await shared.call({ ...image, revision: "2" })).value).toEqual(seen);
  expect(existsSync(own)).toBe(false);
});

mounted("finds modules of Python's layers before those of the runtime", async () => {
  const layers = [
    await layerOf({
      "python/lib/python3.12/site-packages/one.py": "x = 'site'",
      "python/one.py": "x = 'top'",
    }),
    await layerOf({ "python/two.py": "x = 'two'" }),
  ];
  const source =
    "import one, two, sys\ndef handler(event, context):\n    return [one.x, two.x, sys.path[:4]]";
  const image = await imageOf(
    { "app.py": source },
    { functionName: "modules", runtime: "python3.12", handler: "app.handler", layers },
  );
  expect((await shared.call(image)).value).toEqual([
    "site",
    "two",
    ["/var/task", "/opt/python/lib/python3.12/site-packages", "/opt/python", "/var/runtime"],
  ]);
});

mounted("starts a wrapper of a layer or of the code by the path that the variable names", async () => {
  const wrapper = `#!/bin/sh\nexport WRAPPED="$0 $1 $(basename "$2")"\nexec "$@"\n`;
  const source = "exports.handler = async () => process.env.WRAPPED;";
  const files = { "index.js": source, "own-wrapper": wrapper };
  const layers = [await layerOf({ wrapper })];
  for (const path of ["/opt/wrapper", "/var/task/own-wrapper"]) {
    const environment = { AWS_LAMBDA_EXEC_WRAPPER: path };
    const image = await imageOf(files, { functionName: "wrapped", revision: path, layers, environment });
    expect((await shared.call(image)).value).toBe(`${path} ${process.execPath} node-bootstrap.mjs`);
  }
  const plain = {
    ...(await imageOf({ "index.js": source, w: "echo no" })),
    functionName: "wrong",
    layers: [],
  };
  const refused = await shared.call({ ...plain, environment: { AWS_LAMBDA_EXEC_WRAPPER: "/var/task/w" } });
  expect(refused).toMatchObject({
    value: {
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringMatching(/Error: Runtime exited with error: exit status 126$/),
    },
    tail: expect.stringContaining("/var/task/w: is not an executable\n"),
  });
});

mounted("runs /opt/bootstrap when the code has none, and ignores wrappers of OS-only runtimes", async () => {
  const bootstrap = `#!/bin/sh\necho "$0 $PWD $LD_LIBRARY_PATH"\nexit 7\n`;
  const layers = [await layerOf({ bootstrap })];
  const environment = { AWS_LAMBDA_EXEC_WRAPPER: "/opt/nowhere" };
  const image = await imageOf(
    { x: "" },
    { functionName: "own", runtime: "provided.al2023", layers, environment },
  );
  const answer = await shared.call(image);
  expect(answer.value).toMatchObject({ errorMessage: expect.stringMatching(/exit status 7$/) });
  expect(answer.tail).toContain(
    "/opt/bootstrap /var/task /lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib\n",
  );
});

mounted("leaves no mount behind, neither here nor in a process", async () => {
  const own = await runtimeForTest();
  const source = `exports.handler = async () => ({ space: require("node:fs").readlinkSync("/proc/self/ns/mnt"), pid: process.pid });`;
  const answer = Object((await own.call(await imageOf({ "index.js": source }))).value);
  expect(answer.space).not.toBe(readlinkSync("/proc/self/ns/mnt"));
  expect(readFileSync(`/proc/${answer.pid}/mountinfo`, "utf8")).toContain(" /var/task ");
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(" /var/task ");
  await own.close();
  expect(existsSync(`/proc/${answer.pid}/ns/mnt`) && readlinkSync(`/proc/${answer.pid}/ns/mnt`)).not.toBe(
    answer.space,
  );
});

mounted("keeps a program in sight that lies where functions have a folder of their own", async () => {
  const own = await mkdtemp(join(tmpdir(), "unplug-mounts-test-"));
  const program = join(own, "node");
  await symlink(process.execPath, program);
  const options = { root: own, runtimes: own, name: `unplug-kept-${process.pid}`, programs: [program] };
  expect(await findPrivateMounts(options)).toMatchObject({ kind: "private" });
  await rm(own, { recursive: true });
});

mounted("gives the loader's variables of a function to it, and not to what makes its mounts", async () => {
  const layers = [await layerOf({ "lib/readme": "" })];
  const environment = { LD_PRELOAD: "/opt/lib/none.so", LD_LIBRARY_PATH: "/opt/lib" };
  const source = "exports.handler = async () => [process.env.LD_PRELOAD, process.env.LD_LIBRARY_PATH];";
  const image = await imageOf({ "index.js": source }, { functionName: "loader", layers, environment });
  const answer = await shared.call(image);
  expect(answer.value).toEqual(["/opt/lib/none.so", "/opt/lib"]);
  const said = shared.lines.filter(
    ({ group, line }) => group.endsWith("/loader") && line.includes("none.so"),
  );
  expect(said.length).toBeLessThanOrEqual(process.getuid?.() === 0 ? 1 : 2);
});

test("says why functions have no mounts where a program cannot be started in them", async () => {
  const own = await mkdtemp(join(tmpdir(), "unplug-mounts-test-"));
  const options = { root: own, runtimes: own, name: `unplug-test-${process.pid}` };
  const found = await findPrivateMounts({ ...options, programs: ["/nowhere/node"] });
  expect(found).toEqual({ kind: "none", reason: expect.stringMatching(/\S/) });
  await rm(own, { recursive: true });
});
