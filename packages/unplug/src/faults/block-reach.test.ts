import { expect, it } from "vitest";
import { FaultTrial } from "../../../../test/support/fault-trial.ts";
import { makeElf } from "../../../interceptor/src/elf-for-test.ts";
import { makeGo } from "../../../interceptor/src/go-elf-for-test.ts";
import { zipOf } from "../../../sandbox/src/index.ts";
import { sha256Of } from "../carriers/interceptor-layer.ts";
import { AwsError } from "../contract/aws.ts";
import { testZip } from "../zip/zip-for-test.ts";
import { reachText } from "./block-reach.ts";
import { lambdaBlockTcpConnection as fault } from "./lambda-block-tcp-connection.ts";

/** What the plan says of a function on an OS-only runtime with this code. */
async function reachOf(files: Readonly<Record<string, Buffer | string>>): Promise<string> {
  return await reachOfZip(await zipOf(files));
}

async function reachOfZip(zip: Uint8Array, layers: readonly (Uint8Array | "denied")[] = []): Promise<string> {
  const { io } = await FaultTrial.of(fault);
  const { Configuration, Code } = await io.aws.call("lambda:GetFunction", { FunctionName: "orders" });
  const Layers = layers.map((_, i) => ({
    Arn: `arn:aws:lambda:us-east-1:123456789012:layer:runtime-${i}:7`,
  }));
  const told = { Runtime: "provided.al2023", Handler: "main", CodeSha256: sha256Of(zip), Layers };
  const trial = await FaultTrial.of(
    fault,
    {},
    {
      "lambda:GetFunction": () => ({ Configuration: { ...Configuration, ...told }, Code }),
      "code:Download": ({ Location }) => ({ Body: contentOf(layers[Number(Location)]) ?? zip }),
      "lambda:GetLayerVersion": ({ LayerName, VersionNumber }) => {
        expect(VersionNumber).toBe(7);
        const at = String(LayerName).slice(-1);
        const Body = contentOf(layers[Number(at)]);
        if (Body === null) throw denied;
        return { Content: { Location: at, CodeSha256: sha256Of(Body) } };
      },
    },
  );
  const { targets } = await trial.targets({ TARGET_HOSTNAMES: "db.internal" });
  return targets[0]?.reach ?? "";
}

const denied = new AwsError("lambda:GetLayerVersion", {
  code: "AccessDeniedException",
  status: 403,
  message: "denied",
  outcome: "refused",
});

function contentOf(layer: Uint8Array | "denied" | undefined): Uint8Array | null {
  return layer === undefined || layer === "denied" ? null : layer;
}

it("of several layers the last one's bootstrap is the one that is started, where all above it may be read", async () => {
  const [zip, none, go, program] = await Promise.all([
    zipOf({ "main.conf": "" }),
    zipOf({ "lib/a": "" }),
    zipOf({ bootstrap: makeGo() }),
    zipOf({ bootstrap: makeElf({ segments: [interpreter] }) }),
  ]);

  await expect(reachOfZip(zip, [program, go, none])).rejects.toThrow(
    /bootstrap of function orders, which its layer arn:aws:lambda:[^ ]*:runtime-1:7 brings: it holds Go code[^]*own code/,
  );
  expect(await reachOfZip(zip, [go, program])).toMatch(/every program that a dynamic linker loads$/);
  expect(await reachOfZip(zip, [go, "denied"])).toMatch(/not to be seen in its code/);
  expect(await reachOfZip(zip, [none])).toMatch(/not to be seen in its code/);
});

const interpreter = { type: 3, bytes: Buffer.from("/lib64/ld-linux-x86-64.so.2\0") };
const script = "#!/bin/sh\nwhile true; do ./main; done\n";

it.each([
  [
    "a program",
    { bootstrap: makeElf({ segments: [interpreter] }) },
    /every program that a dynamic linker loads$/,
  ],
  ["a Go program", { bootstrap: makeGo() }, /^by patch: its program is go1\.22\.3/],
  [
    "a script, which may start Go",
    { bootstrap: script, main: makeGo() },
    /a script, and a Go or a static program/,
  ],
  [
    "one of a layer, which may be Go",
    { "main.conf": "" },
    /not to be seen in its code.* not reached if it is a Go/,
  ],
] as const)(
  "the plan claims no more than is reached of a bootstrap that is %s",
  async (_what, files, words) => {
    expect(await reachOf(files)).toMatch(words);
  },
);

it.each(["exec ./main", 'cd $LAMBDA_TASK_ROOT\n./$_HANDLER "$@"', "exec /var/task/./main -v"])(
  "reaches a Go program that a script plainly starts: %s",
  async (start) => {
    const files = { bootstrap: `#!/bin/sh\nset -e\n${start}\n` };
    const old = makeGo({ version: "go1.18.10" });

    expect(await reachOf({ ...files, main: makeGo() })).toMatch(/^by patch: its program main is go1\.22\.3/);
    expect(await reachOf({ ...files, main: makeElf({ segments: [interpreter] }) })).toMatch(/^by preload/);
    expect(await reachOf(files)).toMatch(/^by preload/);
    await expect(reachOf({ ...files, main: old })).rejects.toThrow(
      /in main, which the bootstrap of function orders, a script, comes to: it was built with go1\.18\.10/,
    );
  },
);

it("follows a bootstrap that is a link, and refuses one that leads out of the code", async () => {
  const link = (to: string) => ({ name: "bootstrap", content: Buffer.from(to), attributes: 0o120777 << 16 });
  const main = { name: "main", content: makeGo() };

  expect(await reachOfZip(testZip([link("main"), main]))).toMatch(
    /^by patch: its program main is go1\.22\.3/,
  );
  await expect(reachOfZip(testZip([link("/opt/main"), main]))).rejects.toThrow(
    /bootstrap of function orders is a symbolic link to \/opt\/main/,
  );
});

it("follows a link from a script to what that starts", async () => {
  const link = { name: "start", content: Buffer.from("bin/main"), attributes: 0o120777 << 16 };
  const script = { name: "bootstrap", content: Buffer.from("#!/bin/sh\nexec ./start\n") };
  const zip = testZip([script, link, { name: "bin/main", content: makeGo() }]);

  expect(await reachOfZip(zip)).toMatch(/^by patch: its program bin\/main is go1\.22\.3/);
});

it("says of C code that is linked into a Go program that it is not reached", () => {
  const go = { version: "go1.22.3", preloads: false, asksLibc: true };
  const carrier = { kind: "code", before: "", after: "", staged: null, go, patch: "bootstrap" } as const;

  expect(reachText({ carrier, bootstrap: "patched" }, "provided.al2023")).toMatch(
    /neither C code in it nor another program is reached$/,
  );
});
