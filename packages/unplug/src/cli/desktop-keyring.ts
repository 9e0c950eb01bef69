import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import type { Keyring } from "../secrets/keyring.ts";

interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
}

const SERVICE = "unplug";
/** Somebody may have to type a password first. */
const PATIENCE_MS = 60_000;
/** `security` says so of what is not there. Source: errSecItemNotFound, as an exit code. */
const NOT_FOUND = 44;

/** The keyring of this machine's desktop; `home` is the state folder whose key it is to keep. No text is ever an argument. */
export function keyringOf(home: string, surroundings: Surroundings): Keyring {
  const account = createHash("sha256").update(home).digest("hex").slice(0, 16);
  return surroundings.platform === "darwin"
    ? keychain(account, surroundings)
    : secretService(account, surroundings);
}

/** The Secret Service of freedesktop.org (GNOME Keyring, KWallet, KeePassXC), by libsecret's program. */
function secretService(account: string, { env }: Surroundings): Keyring {
  const program = "secret-tool";
  const attributes = ["application", SERVICE, "store", account];
  return {
    program,
    async read() {
      const { code, out, err } = await run([program, "lookup", ...attributes], "", env);
      if (code === 0) return out.trim();
      // It says nothing of what is not there.
      if (err === "") return null;
      throw new Error(`${program}: ${err}`);
    },
    async write(text) {
      const label = "--label=Key of Unplug's file secrets";
      const { code, err } = await run([program, "store", label, ...attributes], text, env);
      if (code !== 0) throw new Error(`${program}: ${err === "" ? `it ended with ${code}` : err}`);
    },
  };
}

/** The keychain of macOS. Its program takes commands from standard input, where nobody sees them. */
function keychain(account: string, { env }: Surroundings): Keyring {
  const program = "security";
  return {
    program,
    async read() {
      const asked = [program, "find-generic-password", "-a", account, "-s", SERVICE, "-w"];
      const { code, out, err } = await run(asked, "", env);
      if (code === 0) return out.trim();
      if (code === NOT_FOUND) return null;
      throw new Error(`${program}: ${err === "" ? `it ended with ${code}` : err}`);
    },
    async write(text) {
      const { err } = await run(
        [program, "-i"],
        `add-generic-password -U -a ${account} -s ${SERVICE} -w "${text}"\n`,
        env,
      );
      if (err !== "") throw new Error(`${program}: ${err}`);
    },
  };
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  /** Its first line. */
  readonly err: string;
}

function run(argv: readonly string[], input: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  const [program = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: "pipe", timeout: PATIENCE_MS, killSignal: "SIGKILL" });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.once("error", (error) => {
      const isMissing = "code" in error && error.code === "ENOENT";
      reject(isMissing ? new Error(`there is no ${program} on this machine`) : error);
    });
    child.once("close", (code) => {
      const [line = ""] = err.trim().split("\n");
      // Most programs begin what they say with their own name.
      const first = line.startsWith(`${program}: `) ? line.slice(program.length + 2) : line;
      if (code === null) reject(new Error(`${program} did not answer`));
      else resolve({ code, out, err: first });
    });
    // It may end without having read.
    child.stdin.on("error", () => undefined).end(input);
  });
}
