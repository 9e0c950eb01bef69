import { actionFacts } from "../contract/actions.ts";
import type { Action, Aws, InputOf, OutputOf } from "../contract/aws.ts";
import type { AnyFault } from "../contract/fault.ts";
import type { AnyResource } from "../contract/resource.ts";
import { LawBroken } from "./law-world.ts";

const LAW = "no action is used that the kinds and the fault do not declare";

/** What a fault may call by itself, and what its kinds may call. */
export function declaredBy(fault: AnyFault, resources: readonly AnyResource[]): ReadonlySet<Action> {
  const kinds = resources.filter(({ kind }) => fault.kinds.includes(kind));
  return new Set([
    ...fault.actions.required,
    ...fault.actions.optional,
    ...kinds.flatMap(({ actions }) => [...actions.read, ...actions.write]),
  ]);
}

/** AWS as one fault and its kinds may use it; `writes` false makes every write an offence. */
export function onlyDeclared(
  inner: Aws,
  declared: ReadonlySet<Action>,
  { writes, offences }: { writes: boolean; offences: string[] },
): Aws {
  return {
    async call<A extends Action>(action: A, input: InputOf<A>, signal?: AbortSignal): Promise<OutputOf<A>> {
      const offence = !declared.has(action)
        ? `${action} is not declared`
        : !writes && actionFacts[action].write
          ? `${action} writes, where only reads are allowed`
          : null;
      if (offence === null) return inner.call(action, input, signal);
      // Whoever swallows the error must not get away with it.
      offences.push(offence);
      throw new LawBroken(LAW, offence);
    },
  };
}
