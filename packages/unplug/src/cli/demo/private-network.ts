import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { Environment } from "../../load/variables.ts";

/** An address for documentation, which no network has. Source: RFC 5737 */
const ADDRESS = "198.51.100.1";

/** In front of a program: a network namespace with loopback and one address more, which is gone with the program. */
const enter: readonly string[] = [
  "--net",
  // The right to it: for all but root it comes with a user namespace.
  ...(process.getuid?.() === 0 ? [] : ["--map-root-user"]),
  "sh",
  "-c",
  `ip link set lo up && ip addr add ${ADDRESS}/32 dev lo && exec "$0" "$@"`,
];

/** Why no program can be started in a network of its own here, in a clause; null: one can. */
export async function whyNoPrivateNetwork(env: Environment): Promise<string | null> {
  if (process.platform !== "linux") return `${process.platform} has no network namespaces`;
  const trial = spawn("unshare", [...enter, "true"], {
    env: withSystemPath(env),
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    const [told, [code]] = await Promise.all([text(trial.stderr), once(trial, "close")]);
    return code === 0 ? null : (told.trim().split("\n")[0] ?? "");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Starts a command of ours there, as if it were this one, and answers its exit code. */
export async function inPrivateNetwork(args: readonly string[], env: Environment): Promise<number> {
  const command = [process.execPath, ...process.execArgv, process.argv[1] ?? "", ...args];
  // In a session of its own, so that a Ctrl-C reaches it once: through us.
  const child = spawn("unshare", [...enter, ...command], {
    env: withSystemPath(env),
    stdio: "inherit",
    detached: true,
  });
  const pass = (name: NodeJS.Signals) => void child.kill(name);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of signals) process.on(name, pass);
  try {
    const [code] = await once(child, "close");
    if (typeof code === "number") return code;
    throw new Error(`${args.join(" ")} was ended from outside`);
  } finally {
    for (const name of signals) process.off(name, pass);
  }
}

/** `ip` is where the PATH of a plain user may not lead. */
function withSystemPath(env: Environment): NodeJS.ProcessEnv {
  return { ...env, PATH: `${env["PATH"] ?? ""}:/usr/sbin:/sbin` };
}
