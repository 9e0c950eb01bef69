import { randomUUID } from "node:crypto";
import type { Cloud } from "./cloud.ts";
import { type Pollers, startPollers } from "./pollers.ts";
import type { Invoke } from "./runtime-port.ts";
import { startStreamPollers } from "./stream-pollers.ts";

/** Starts the pollers of everything that this cloud's event source mappings take events from. */
export function startSourcePollers(cloud: Cloud, invoke: Invoke): Pollers {
  const queues = startPollers({
    mappings: () => cloud.mappings.enabledSqs(),
    call: (action, input, region, signal) =>
      cloud.call(action, input, { region, internal: true, ...(signal === undefined ? {} : { signal }) }),
    // An async function, so that what `resolve` throws becomes a rejection as well.
    invoke: async (mapping, payload) => {
      const image = cloud.functions.resolve(mapping.region, mapping.functionArn, null, mapping.account);
      return await invoke({ image, payload, logTail: false, requestId: randomUUID(), source: "mapping" });
    },
    problem: (mapping, error) => logProblem(cloud, { ...mapping, sourceArn: mapping.queueArn }, error),
    elapsed: () => performance.now(),
  });
  const streams = startStreamPollers({
    cloud,
    invoke,
    problem: (mapping, error) => logProblem(cloud, { ...mapping, sourceArn: mapping.streamArn }, error),
  });
  return {
    close: async () => {
      await Promise.all([queues.close(), streams.close()]);
    },
  };
}

interface ProblemPlace {
  readonly uuid: string;
  readonly region: string;
  readonly functionArn: string;
  readonly sourceArn: string;
}

/** Nobody calls a poller and hears of its errors, so the function's log group tells them. */
function logProblem(cloud: Cloud, mapping: ProblemPlace, error: unknown): void {
  const group = `/aws/lambda/${mapping.functionArn.split(":")[6] ?? mapping.functionArn}`;
  const message = error instanceof Error ? error.message : String(error);
  const line = `Event source mapping ${mapping.uuid} of ${mapping.sourceArn}: ${message}`;
  const place = { region: mapping.region, group, stream: `mapping-${mapping.uuid}` };
  cloud.logs.append(place, cloud.clock.now(), line);
}
