import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patchGo } from "../../packages/interceptor/src/index.ts";
import { builtGo } from "../support/built-go.ts";
import { builtOnce } from "../support/built-once.ts";
import type { Need } from "../support/needs.ts";
import { clientFolder } from "./built-client.ts";
import type { Client } from "./client.ts";
import { type Program, pathOf } from "./program.ts";

/** A way in which people build their Go programs. */
export interface GoVariant {
  readonly how: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly needs?: readonly Need[];
  /** Of Go's versions, those that can build it; all where none is named. */
  readonly only?: GoName;
}

/** Debian's own, and those that its other releases have. */
export const releases = {
  go: "1.19",
  "newest-go": "1.27",
  "go-1.21": "1.21",
  "go-1.22": "1.22",
  "go-1.23": "1.23",
  "go-1.24": "1.24",
  "go-1.25": "1.25",
  "go-1.26": "1.26",
} as const satisfies Partial<Record<Need, string>>;

export type GoName = keyof typeof releases;

/** Between the oldest and the newest: tried in the deep lane. */
const between = ["go-1.21", "go-1.22", "go-1.23", "go-1.24", "go-1.25", "go-1.26"] as const;

const noC = { CGO_ENABLED: "0" };
const withC = { CGO_ENABLED: "1" };
const forArm = { GOARCH: "arm64" };
const outside = "-linkmode external -extldflags";

const variants: readonly GoVariant[] = [
  { how: "`go build`, no cgo", env: noC },
  { how: "`-ldflags='-s -w'`", flags: ["-ldflags=-s -w"], env: noC },
  {
    how: "`-trimpath`, `-ldflags='-s -w -buildid='`",
    flags: ["-trimpath", "-ldflags=-s -w -buildid="],
    env: noC,
  },
  { how: "`-buildmode=pie`", flags: ["-buildmode=pie"], env: noC },
  {
    how: "`-buildmode=pie`, static",
    flags: ["-buildmode=pie", `-ldflags=${outside} -static-pie`, "-tags=netgo,osusergo"],
    env: withC,
    needs: ["gcc"],
  },
  { how: "cgo", env: withC, needs: ["gcc"] },
  { how: "cgo, static", flags: [`-ldflags=${outside} -static`], env: withC, needs: ["gcc"] },
  { how: "`-race`", flags: ["-race"], env: withC, needs: ["gcc"] },
  // Go 1.19 measures the coverage of tests alone.
  { how: "`-cover`", flags: ["-cover"], env: noC, only: "newest-go" },
  { how: "`GOAMD64=v3`", env: { ...noC, GOAMD64: "v3" } },
];

const forArm64: readonly GoVariant[] = [
  { how: "`go build`, no cgo", env: { ...noC, ...forArm } },
  {
    how: "`-trimpath`, `-ldflags='-s -w -buildid='`",
    flags: ["-trimpath", "-ldflags=-s -w -buildid="],
    env: { ...noC, ...forArm },
  },
  { how: "`-buildmode=pie`", flags: ["-buildmode=pie"], env: { ...noC, ...forArm }, needs: ["arm64-gcc"] },
  {
    how: "cgo",
    env: { ...withC, ...forArm, CC: "aarch64-linux-gnu-gcc" },
    needs: ["arm64-gcc"],
  },
];

/** A row: a client that one Go has built in one way. */
export interface GoClient {
  readonly client: Client;
  readonly variant: GoVariant;
  readonly go: GoName;
}

/** What a program sees of a blocked connection, by how it connects. */
const seen = {
  net: { refuse: "connection refused", timeout: "connection timed out", hang: "i/o timeout" },
  http: {
    refuse: "connection refused",
    timeout: "connection timed out",
    hang: "Client.Timeout exceeded while awaiting headers",
  },
  sql: { refuse: "connection refused", timeout: "connection timed out", hang: "i/o timeout" },
} as const;

const ways = { net: "`net.Dial`", http: "`net/http`", sql: "`database/sql`" } as const;

export const goClients: readonly GoClient[] = (["go", "newest-go"] as const).flatMap((go) => [
  ...variants
    .filter(({ only = go }) => only === go)
    .map((variant) => clientOf(go, "x86_64", { variant, how: "net" })),
  ...forArm64.map((variant) => clientOf(go, "arm64", { variant, how: "net" })),
  ...(["http", "sql"] as const).map((how) =>
    clientOf(go, "x86_64", { variant: { how: "`go build`, no cgo", env: noC }, how }),
  ),
]);

/** Of the releases between, how most people build. */
export const deepGoClients: readonly GoClient[] = between.flatMap((go) =>
  [["x86_64", noC] as const, ["x86_64", withC] as const, ["arm64", { ...noC, ...forArm }] as const].map(
    ([architecture, env]) => {
      const variant =
        env === withC ? { how: "cgo", env, needs: ["gcc"] as const } : { how: "`go build`, no cgo", env };
      return clientOf(go, architecture, { variant, how: "net" });
    },
  ),
);

function clientOf(
  go: GoName,
  architecture: "x86_64" | "arm64",
  { variant, how }: { variant: GoVariant; how: keyof typeof seen },
): GoClient {
  const client: Client = {
    name: variant.how,
    way: ways[how],
    how,
    libc: "none",
    architecture,
    needs: [go, ...(architecture === "arm64" ? (["qemu-arm64"] as const) : []), ...(variant.needs ?? [])],
    program: () => patchedProgram(go, architecture, { variant, how }),
    outcomes: seen[how],
    looksReachable: true,
    loop: false,
    six: true,
    isSlow: true,
  };
  return { client, variant, go };
}

/** The client with the hook in it, as this machine runs it. */
async function patchedProgram(
  go: GoName,
  architecture: "x86_64" | "arm64",
  { variant, how }: { variant: GoVariant; how: keyof typeof seen },
): Promise<Program> {
  const source = join(clientFolder, how === "net" ? "go.go" : "go-library.go");
  const { flags = [], env = {} } = variant;
  const original = await builtGo({ go: pathOf(go), source, flags, env });
  const made = patchGo(readFileSync(original), architecture);
  if ("problem" in made) throw new Error(`${original}: ${made.problem}`);
  const sha256 = createHash("sha256").update(made.bytes).digest("hex");
  const recipe = { folder: "unplug-go-patched", facts: [sha256], sources: [original] };
  const file = await builtOnce(recipe, (to) => writeFile(to, made.bytes, { mode: 0o755 }));
  const sysroot = architecture === "arm64" ? "/usr/aarch64-linux-gnu" : null;
  const preloads = made.go.cgo === "dynamic";
  return {
    file,
    command: [file],
    sysroot,
    preloads,
    version: /1\.\d+/.exec(made.go.version ?? "")?.[0] ?? "",
  };
}
