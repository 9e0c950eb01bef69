import { hostname, userInfo } from "node:os";

/** `user@host`; a container's user may have no name. */
export function whoami(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `uid-${process.getuid?.() ?? "unknown"}@${hostname()}`;
  }
}
