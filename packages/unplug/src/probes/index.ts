import type { AnyProbe } from "../contract/probe.ts";
import { commandProbe } from "./command.ts";
import { httpProbe } from "./http.ts";
import { prometheusProbe } from "./prometheus.ts";

/** All types of probe that Unplug has. */
export const builtinProbes: readonly AnyProbe[] = [httpProbe, prometheusProbe, commandProbe];
