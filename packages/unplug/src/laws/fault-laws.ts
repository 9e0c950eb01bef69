import { environmentAccess } from "../contract/access.ts";
import type { Edit } from "../contract/edit.ts";
import type { AnyFault } from "../contract/fault.ts";
import { equalJson, type Json } from "../contract/json.ts";
import { refKey } from "../contract/place.ts";
import { planExperiment } from "../engine/plan.ts";
import { resourceFor, resourceTable } from "../engine/readings.ts";
import { restoreByHand } from "../engine/restore-by-hand.ts";
import { hold, type LawBench, show } from "./law-world.ts";
import { type LastAnswer, Trial } from "./trial.ts";

/** One law: resolves when the fault holds it in the worlds of this bench, throws LawBroken when it does not. */
export type FaultLaw = (fault: AnyFault, bench: LawBench) => Promise<void>;

/** What every fault must hold, by the law's own words. */
export const faultLaws: Readonly<Record<string, FaultLaw>> = {
  "finding targets and planning changes makes no write, and uses only what is declared": async (
    fault,
    bench,
  ) => {
    const { trial, edits } = await planned(fault, bench);
    hold("the example does something", edits.length > 0, () => `${fault.id} yields no edit`);
    hold("targets and change only read", trial.offences.length === 0, () => trial.offences.join("; "));
    for (const { ref } of edits)
      hold("edits name declared kinds", fault.kinds.includes(ref.kind), () => `${ref.kind} is not declared`);
  },

  "edits survive JSON": async (fault, bench) => {
    const { edits } = await planned(fault, bench);
    for (const edit of edits) {
      const copy: Json = JSON.parse(JSON.stringify(edit));
      hold("edits survive JSON", equalJson(copy, asJson(edit)), () => show(copy));
    }
  },

  "each edit's state is one that its kind can hold": async (fault, bench) => {
    const { trial, edits } = await planned(fault, bench);
    const table = resourceTable(trial.world.parts.resources);
    for (const { ref, before, after } of edits) {
      for (const state of [before, after]) {
        if (state === null) continue;
        const { error } = resourceFor(table, ref.kind).state.safeParse(state);
        hold("states fit their schema", error === undefined, () => `${ref.kind}: ${error?.message ?? ""}`);
      }
    }
  },

  "exactly one edit arms each target, and it is the last": async (fault, bench) => {
    const { trial, edits } = await planned(fault, bench);
    for (const target of trial.targets) {
      const mine = edits.filter((edit) => trial.targetOf(edit) === refKey(target.ref));
      const arming = mine.filter(({ arms }) => arms === true);
      hold("exactly one edit arms", arming.length === 1, () => `${target.title} has ${arming.length}`);
      hold("the last edit arms", mine.at(-1)?.arms === true, () => `${target.title}: another is last`);
      hold("what arms is not optional", arming[0]?.optional !== true, () => target.title);
    }
  },

  "restore brings every prefix of the edits back to before, and restoring twice is as good as once": async (
    fault,
    bench,
  ) => {
    await everyPrefix(fault, bench, async (trial, edits, where) => {
      await trial.restore();
      await mustBeBefore(trial, edits, where);
      await trial.restoreAgain();
      await mustBeBefore(trial, edits, `${where}, twice`);
    });
  },

  "a foreign write to a field that is not ours survives, and one to ours is drift": async (fault, bench) => {
    const { edits: all } = await planned(fault, bench);
    const kinds = new Set(all.map(({ ref }) => ref.kind));
    for (const foreign of bench.foreignWrites.filter(({ kind }) => kinds.has(kind))) {
      await everyPrefix(fault, bench, async (trial, edits, where) => {
        const mine = edits.filter(({ ref }) => ref.kind === foreign.kind);
        for (const { ref } of mine) await foreign.make(ref, trial.world);
        await trial.settled(mine.map(({ ref }) => ref));
        const theirs = await Promise.all(mine.map(({ ref }) => trial.stateOf(ref)));
        await trial.restore();
        for (const [i, edit] of mine.entries()) {
          await mustKeep(trial, edit, {
            theirs: theirs[i],
            what: `${foreign.title}, ${where}`,
            touchesOurs: foreign.touchesOurs,
          });
        }
      });
    }
  },

  "a restore from the marker alone equals one from the journal, or the plan says that there is none": async (
    fault,
    bench,
  ) => {
    const { trial, edits } = await planned(fault, bench);
    const { world } = trial;
    const table = resourceTable(world.parts.resources);
    const marked = edits.some(
      (edit) => typeof resourceFor(table, edit.ref.kind).liveUntil?.(edit) === "number",
    );
    const nets = await netsOf(fault, bench);
    hold("the plan says whether there is a marker", nets.includes("marker: none") !== marked, () => nets);
    if (!marked) return;
    const made = await trial.make(edits.length, "made");
    const [target] = trial.targets;
    const functionName = target?.ref.within ?? target?.ref.id ?? "";
    const access = environmentAccess(world.region);
    const signal = new AbortController().signal;
    // Its own journal knows nothing of the run: as on another machine.
    const elsewhere = (await bench.makeWorld()).parts.journal;
    const parts = { ...world.parts, journal: elsewhere };
    await world.settle(
      restoreByHand({ run: "by-hand", functionName, access, ids: [], force: true, signal }, parts),
    );
    await mustBeBefore(trial, made, "from the marker alone");
  },
};

async function planned(fault: AnyFault, bench: LawBench): Promise<{ trial: Trial; edits: readonly Edit[] }> {
  const trial = await Trial.of(fault, await bench.makeWorld());
  return { trial, edits: await trial.plannedEdits() };
}

/** Every prefix of the edits, the last of them answered, unanswered, or never made, each in a world of its own. */
async function everyPrefix(
  fault: AnyFault,
  bench: LawBench,
  check: (trial: Trial, edits: readonly Edit[], where: string) => Promise<void>,
): Promise<void> {
  const { edits: longest } = await planned(fault, bench);
  for (let length = 0; length <= longest.length; length += 1) {
    const lasts: readonly LastAnswer[] = length === 0 ? ["made"] : ["made", "lost", "never-made"];
    for (const last of lasts) {
      const { trial, edits: all } = await planned(fault, bench);
      const made = await trial.make(length, last);
      const edits = [...made, ...all.slice(length)];
      await check(trial, edits, `after ${length} edits, the last ${last}`);
      hold("only declared actions", trial.offences.length === 0, () => trial.offences.join("; "));
    }
  }
}

async function mustBeBefore(trial: Trial, edits: readonly Edit[], where: string): Promise<void> {
  for (const { ref, before, stays } of edits) {
    if (stays === true) continue;
    const now = await trial.stateOf(ref);
    hold(
      "restore brings every ref back to before",
      now !== undefined && equalJson(now, before),
      () => `${where}: ${ref.kind} ${ref.id} is ${show(now)}, it was ${show(before)}`,
    );
  }
}

interface Theirs {
  readonly theirs: Json | null | undefined;
  readonly what: string;
  readonly touchesOurs: boolean;
}

/** Field by field: theirs stays, whatever is not theirs is as before. */
async function mustKeep(trial: Trial, edit: Edit, { theirs, what, touchesOurs }: Theirs): Promise<void> {
  const now = fieldsOf(await trial.stateOf(edit.ref));
  const [before, after, foreign] = [fieldsOf(edit.before), fieldsOf(edit.after), fieldsOf(theirs ?? null)];
  for (const name of new Set([...Object.keys(now), ...Object.keys(before), ...Object.keys(foreign)])) {
    const isOurs = !same(before[name], after[name]);
    const expected = isOurs && same(foreign[name], after[name]) ? before[name] : foreign[name];
    hold(
      "a foreign write survives, and only ours goes out",
      same(now[name], expected),
      () => `${what}: ${edit.ref.kind}.${name} is ${show(now[name])}, expected ${show(expected)}`,
    );
  }
  const made = trial.events.some(
    (event) => event.type === "edit.intended" && refKey(event.value.ref) === refKey(edit.ref),
  );
  const drift = trial.events.some((event) => event.type === "drift");
  const changed = !equalJson(fieldsOf(edit.before), now);
  if (made && changed)
    hold(touchesOurs ? "a write to ours is drift" : "a change beside ours is drift", drift, () => what);
}

function fieldsOf(state: Json | null | undefined): Readonly<Record<string, Json>> {
  return state !== null && typeof state === "object" && !Array.isArray(state)
    ? Object.fromEntries(Object.entries(state))
    : {};
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return equalJson(a ?? null, b ?? null);
}

function asJson(edit: Edit): Json {
  const { ref, before, after, optional, stays, mayStay, arms } = edit;
  const flags = {
    ...(optional === undefined ? {} : { optional }),
    ...(stays === undefined ? {} : { stays }),
    ...(mayStay === undefined ? {} : { mayStay }),
    ...(arms === undefined ? {} : { arms }),
  };
  return { ref: { ...ref, place: { ...ref.place } }, before, after, ...flags };
}

async function netsOf(fault: AnyFault, bench: LawBench): Promise<string> {
  const { parts, region } = await bench.makeWorld();
  const values = Object.entries({ ...fault.example, REGION: region }).map(([name, value]) => ({
    name,
    value: value as string | number | boolean,
    source: "argument" as const,
  }));
  const step = { kind: "fault", name: "law", fault: fault.id, weight: 1, tunables: values } as const;
  const experiment = { name: "law", description: "", requireEffect: false, steps: [step] };
  const plan = await planExperiment(experiment, "law-plan", parts, new AbortController().signal);
  return plan.steps.flatMap((one) => (one.kind === "fault" ? one.nets : [])).join("\n");
}
