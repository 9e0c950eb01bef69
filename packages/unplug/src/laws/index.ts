/**
 * What must hold of every fault and every resource, for whoever writes one: plain functions that throw LawBroken, for any
 * test runner.
 *
 * @module
 */
export { type FaultLaw, faultLaws } from "./fault-laws.ts";
export { type ForeignWrite, type LawBench, LawBroken, type LawWorld } from "./law-world.ts";
export { checkWithout } from "./without-laws.ts";
