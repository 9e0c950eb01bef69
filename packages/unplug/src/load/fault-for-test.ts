import { type AnyFault, defineFault } from "../contract/fault.ts";
import { list, optionalText, text } from "../contract/tunables.ts";

/** A fault for tests of what comes before any fault runs. */
export function testFault(id: string): AnyFault {
  return defineFault({
    id,
    summary: "Pulls a plug.",
    questions: ["Does it hang?"],
    tunables: {
      FUNCTION_NAME: text("Name of the function"),
      EVENT_UUIDS: list("Mappings, comma-separated"),
      QUALIFIER: optionalText("An alias"),
    },
    example: { FUNCTION_NAME: "orders", EVENT_UUIDS: "all" },
    actions: { required: [], optional: [] },
    kinds: [],
    targets: () => Promise.resolve({ targets: [], warnings: [] }),
    async *change() {},
  });
}
