import type { AnyProbe, ProbeAnswer, ProbeIo } from "../../packages/unplug/src/contract/probe.ts";
import { probeIo } from "./probe-io.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { ACCOUNT, makeWorld, PLACE, type World } from "./world.ts";

/** A cloud in memory that probes ask. */
export interface ProbedWorld extends World {
  /** Calls the cloud, as its owner. */
  call(action: string, input?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Asks once, with settings as a file would hold them; about now, unless it says otherwise. */
  ask(probe: AnyProbe, settings: unknown, more?: Partial<ProbeIo>): Promise<ProbeAnswer>;
  /** The regions that connections were asked for. */
  readonly regions: (string | null)[];
}

export async function probedWorld(): Promise<ProbedWorld> {
  const clock = new VirtualClock();
  const world = await makeWorld(clock);
  const regions: (string | null)[] = [];
  return {
    ...world,
    regions,
    call: async (action, input = {}) =>
      Object(await world.cloud.call(action, input, { region: PLACE.region })),
    ask: async (probe, settings, more = {}) => {
      const aws: ProbeIo["aws"] = (region) => {
        regions.push(region);
        const place = { ...PLACE, region: region ?? PLACE.region };
        return Promise.resolve({ aws: world.aws, place, identity: `arn:aws:iam::${ACCOUNT}:user/tester` });
      };
      const io = probeIo({ clock, about: clock.now() - (more.lagMs ?? 0), since: clock.now(), aws, ...more });
      const answer = await clock.run(probe.check(probe.settings.parse(settings), io));
      if (answer === undefined) throw new Error("the probe waits for something that never comes");
      return answer;
    },
  };
}
