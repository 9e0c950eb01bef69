import type { Launch } from "./launch-command.ts";

/** LD_LIBRARY_PATH of a function. Source: Lambda, defined runtime environment variables. */
export function libraryPath(kind: Launch["kind"]): string {
  const common = "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib";
  return kind === "managed" ? `/var/lang/lib:${common}` : common;
}
