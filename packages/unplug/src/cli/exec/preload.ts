import { readFileSync, statSync } from "node:fs";
import { CONFIGURATION_VARIABLE } from "@unplug/interceptor";

/** The dynamic linkers take white space and colons between the entries of LD_PRELOAD, and `$` for a variable. */
const NOT_IN_A_PATH = /[\s:;$]/;

/** Whether LD_PRELOAD and the interceptor's configuration can name this path. */
export function canBeNamed(path: string): boolean {
  return !NOT_IN_A_PATH.test(path);
}

/** LD_PRELOAD with our object first; what else it names stays, but for interceptors of an exec around this one. */
export function preloadWith(object: string, existing: string | undefined): string {
  const others = (existing ?? "").split(/[\s:]+/).filter((entry) => entry !== "" && !isInterceptor(entry));
  return [object, ...others.filter((entry) => entry !== object)].join(":");
}

/** Interceptors are small. */
const MOST_BYTES = 262_144;

/** By what every interceptor has in it, of whichever version: the name of the variable that it reads. */
function isInterceptor(path: string): boolean {
  try {
    return statSync(path).size <= MOST_BYTES && readFileSync(path).includes(CONFIGURATION_VARIABLE);
  } catch {
    return false;
  }
}
