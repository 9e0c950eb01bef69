import type { Action, Aws, InputOf, OutputOf } from "../contract/aws.ts";
import type { Clock } from "../contract/clock.ts";
import type { Edit } from "../contract/edit.ts";
import type { Io } from "../contract/io.ts";
import type { Json } from "../contract/json.ts";
import type { AnyResource } from "../contract/resource.ts";

export interface RecordedCall {
  readonly action: Action;
  readonly input: Readonly<Record<string, unknown>>;
}

/** The calls that would take `ref` from one state to another, made against a recorder: nothing is sent. */
export async function callsOf(
  resource: AnyResource,
  edit: Edit,
  direction: "inject" | "restore",
): Promise<readonly RecordedCall[]> {
  const [from, to] = direction === "inject" ? [edit.before, edit.after] : [edit.after, edit.before];
  const calls: RecordedCall[] = [];
  const aws: Aws = {
    call<A extends Action>(action: A, input: InputOf<A>): Promise<OutputOf<A>> {
      calls.push({ action, input });
      // Nobody reads a recorder's answer but to pass it on.
      return Promise.resolve({} as OutputOf<A>);
    },
  };
  await resource.write(edit.ref, to, reading(edit, from), recordingIo(aws, edit));
  return calls;
}

function reading(edit: Edit, state: Json | null) {
  return { ref: edit.ref, found: true, state, revision: null, settled: true, status: "" } as const;
}

function recordingIo(aws: Aws, edit: Edit): Io {
  const still: Clock = { now: () => 0, sleep: () => Promise.resolve() };
  return { aws, place: edit.ref.place, clock: still, salt: "", signal: new AbortController().signal };
}
