import type { GuardRails } from "../../packages/unplug/src/contract/guard-rails.ts";
import { builtinFaults } from "../../packages/unplug/src/faults/index.ts";
import { guardRailsOf } from "../../packages/unplug/src/guard/guard-rails.ts";
import { loadGuardRails } from "../../packages/unplug/src/load/load-guard-rails.ts";
import { builtinProbes } from "../../packages/unplug/src/probes/index.ts";
import { builtinResources } from "../../packages/unplug/src/resources/index.ts";

/** The rules of files, each written in one line. */
export function rails(...specs: readonly string[]): GuardRails | null {
  return guardRailsOf(
    specs.map((spec, i) =>
      loadGuardRails({
        file: `rails-${i + 1}.yaml`,
        text: `apiVersion: unplug.dev/v1\nkind: GuardRails\nspec: ${spec}\n`,
        faults: builtinFaults,
        probes: builtinProbes.map(({ type }) => type),
        kinds: builtinResources.map(({ kind }) => kind),
      }),
    ),
  );
}
