/** By these names a function, a layer and a zip are known to carry something of ours, without any journal. */

/** Where the layer puts the interceptor in the function. */
export const LAYER_OBJECT = "/opt/unplug/interceptor.so";

/** Where the layer that is added to an image puts the interceptor: in a folder that no image has, so that none of its own is touched. */
export const IMAGE_OBJECT = "/.unplug/interceptor.so";

/** Where that layer says what image it was added to. */
export const IMAGE_ORIGIN = "/.unplug/origin.json";

/** The folder of the function's zip that is ours. */
export const CODE_FOLDER = ".unplug/";

/** Where the zip puts the interceptor in the function. */
export const CODE_OBJECT = `/var/task/${CODE_FOLDER}interceptor.so`;

const LAYER_NAME = "unplug-interceptor-";

/** A layer's name tells what is in it: one content, one name, published once. */
export function layerName(architecture: string, sha256: string): string {
  return `${LAYER_NAME}${architecture}-${sha256.slice(0, 12)}`;
}

/** An ARN of a layer or of a version of it. */
export function isOurLayer(arn: string): boolean {
  return arn.split(":")[6]?.startsWith(LAYER_NAME) === true;
}

/** With this begins what brings the interceptor by a variable alone, whatever version of Unplug put it in. */
const OPTION_START = "--import=data:text/javascript,/*unplug*/";

/**
 * An item of GODEBUG. It means what `netdns=go` does, and nobody else writes it so.
 *
 * Source: net/conf.go of Go, goDebugNetDNS (mode and level in any order, 0 prints nothing)
 */
export const NAMES_BY_GO = "netdns=go+0";

/** An item of LD_PRELOAD, NODE_OPTIONS or GODEBUG. */
export function isOurItem(item: string): boolean {
  return (
    [LAYER_OBJECT, IMAGE_OBJECT, CODE_OBJECT, NAMES_BY_GO].includes(item) || item.startsWith(OPTION_START)
  );
}

/** The variable that holds what the interceptor is told: which run, which targets, until when. */
export const TOLD_VARIABLE = "UNPLUG_INTERCEPTOR";

/** What the variable says of the run that set it; null what it does not say. `until`: milliseconds since 1970. */
export function readTold(told: string): { readonly run: string | null; readonly until: number | null } {
  // What has more digits is no time: somebody else wrote it.
  const until = /(?:^|[;\n])until=(\d{1,11})(?!\d)/.exec(told)?.[1];
  return {
    run: /(?:^|[;\n])run=([\w.-]+)/.exec(told)?.[1] ?? null,
    until: until === undefined ? null : Number(until) * 1000,
  };
}

/** A list that the function did not have: what is in it beside ours is a copy of what its image says. */
export function isWhollyOurs(list: string): boolean {
  return list.startsWith(`${IMAGE_OBJECT}::`) || list.endsWith(`,,${NAMES_BY_GO}`);
}
