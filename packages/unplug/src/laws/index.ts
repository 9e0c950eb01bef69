export { type FaultLaw, faultLaws } from "./fault-laws.ts";
export { type ForeignWrite, type LawBench, LawBroken, type LawWorld } from "./law-world.ts";
export { checkWithout } from "./without-laws.ts";
