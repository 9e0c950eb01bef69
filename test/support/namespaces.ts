import { spawnSync } from "node:child_process";

/**
 * What `unshare` is asked for, so that a program has a network, mounts and process numbers of its own, and everything
 * that it starts ends with it. Who is not root needs a user namespace, too.
 */
export const namespaceOptions: readonly string[] = [
  "--net",
  "--mount",
  "--pid",
  "--fork",
  "--kill-child",
  ...(process.getuid?.() === 0 ? [] : ["--map-root-user"]),
];

/** Containers and hardened systems may forbid to make them, or to do in them what they are made for. */
export function mayMakeNamespaces(unshare: string): boolean {
  const use = "ip link set lo up && mount --bind /etc/hosts /etc/hosts";
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
  return (
    spawnSync(unshare, [...namespaceOptions, "sh", "-c", use], {
      timeout: 60_000,
      killSignal: "SIGKILL",
      stdio: "ignore",
      env,
    }).status === 0
  );
}
