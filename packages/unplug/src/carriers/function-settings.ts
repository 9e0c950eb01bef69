import type { FunctionConfiguration } from "../contract/aws-calls.ts";
import { type EnvironmentState, environmentOf } from "./environment.ts";

/** What a function is set to, but for its description, which a version of its own may have. Null: a container image has none of it. */
export interface CommonSettings {
  readonly memoryMib: number;
  readonly timeoutSeconds: number;
  readonly handler: string | null;
  readonly role: string;
  readonly runtime: string | null;
  readonly storageMib: number | null;
  readonly layers: readonly string[];
  readonly environment: EnvironmentState;
}

/** How far AWS is with a function's last change, as every reading of the function has it. */
export function progressOf(found: FunctionConfiguration): {
  readonly revision: string | null;
  readonly settled: boolean;
  readonly status: string;
  readonly failed?: string;
} {
  const status = found.LastUpdateStatus ?? "Successful";
  const reason = found.LastUpdateStatusReason ?? "AWS gives no reason";
  return {
    revision: found.RevisionId ?? null,
    settled: status !== "InProgress",
    status,
    ...(status === "Failed" ? { failed: reason } : {}),
  };
}

/** As AWS tells it, without anybody's secrets. */
export function commonSettings(found: FunctionConfiguration, salt: string): CommonSettings {
  const { Variables = {}, Error: hidden } = found.Environment ?? {};
  return {
    memoryMib: found.MemorySize ?? 0,
    timeoutSeconds: found.Timeout ?? 0,
    handler: found.Handler ?? null,
    role: found.Role ?? "",
    runtime: found.Runtime ?? null,
    storageMib: found.EphemeralStorage?.Size ?? null,
    layers: (found.Layers ?? []).flatMap(({ Arn }) => (Arn === undefined ? [] : [Arn])),
    environment: hidden === undefined ? environmentOf(Variables, salt) : null,
  };
}
