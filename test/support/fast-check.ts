import fc from "fast-check";
import { seed } from "./seed.ts";

fc.configureGlobal({ seed });

/** Properties that are tried on the inputs that the seed means. */
export { fc };
