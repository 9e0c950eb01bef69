export { faultLaws } from "./fault-laws.ts";
export { type ForeignWrite, type LawBench, LawBroken } from "./law-world.ts";
export { checkWithout } from "./without-laws.ts";
