import { type VirtualCloud, virtualCloud, withFunction } from "../cloud-for-test.ts";
import { isRecord } from "../input.ts";

/** The objects in a list of an answer. */
export function recordsOf(list: unknown): Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

/** A cloud with the function `f`, its version 1, and the alias `live` for that. */
export async function withAlias(): Promise<VirtualCloud> {
  const virtual = virtualCloud();
  await withFunction(virtual, "f");
  await virtual.call("lambda:PublishVersion", { FunctionName: "f" });
  await virtual.call("lambda:CreateAlias", { FunctionName: "f", Name: "live", FunctionVersion: "1" });
  return virtual;
}
