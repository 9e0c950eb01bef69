import { readFile } from "node:fs/promises";
import { systemClock } from "../../packages/unplug/src/contract/clock.ts";
import type { AnyProbe, ProbeAnswer, ProbeIo } from "../../packages/unplug/src/contract/probe.ts";

/** What a probe may touch, with these secrets, the real files and the real time. */
export function probeIo(
  more: Partial<ProbeIo> & { readonly secrets?: Readonly<Record<string, string>> } = {},
): ProbeIo {
  const { secrets = {}, ...others } = more;
  return {
    clock: systemClock,
    signal: new AbortController().signal,
    timeoutMs: 5_000,
    about: Date.now(),
    lagMs: 0,
    since: Date.now(),
    phase: "fault",
    aws: () => Promise.reject(new Error("there is no AWS here")),
    secret: (name) => {
      const text = secrets[name];
      return text === undefined
        ? Promise.reject(new Error(`There is no secret "${name}".`))
        : Promise.resolve(text);
    },
    file: (path) => readFile(path, "utf8"),
    command: () => Promise.reject(new Error("there are no commands here")),
    ...others,
  };
}

/** Asks once, with settings as a file would hold them. */
export function askOnce(probe: AnyProbe, settings: unknown, io: ProbeIo = probeIo()): Promise<ProbeAnswer> {
  return probe.check(probe.settings.parse(settings), io);
}
