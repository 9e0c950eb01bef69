import type { Edit } from "../contract/edit.ts";
import { equalJson, type Json } from "../contract/json.ts";
import type { AnyResource } from "../contract/resource.ts";
import { hold, show } from "./law-world.ts";

/** What `without` of every resource must hold, for any edit and any state: it takes out ours and nothing else. */
export function checkWithout(resource: AnyResource, now: Json | null, edit: Edit): void {
  const { before, after } = edit;
  const less = (state: Json | null): Json | null => resource.without(state, edit);
  const where = `${resource.kind}, before ${show(before)}, after ${show(after)}`;
  hold(
    "what we made becomes what was before",
    equalJson(less(after), before),
    () => `${where}: ${show(less(after))}`,
  );
  hold("what was before stays", equalJson(less(before), before), () => `${where}: ${show(less(before))}`);
  const once = less(now);
  hold(
    "twice is as good as once",
    equalJson(less(once), once),
    () => `${where}, now ${show(now)}: ${show(less(once))}`,
  );
  if (isRecord(now) && isRecord(before) && isRecord(after) && isRecord(once)) {
    for (const name of Object.keys(now)) {
      const ours = !equalJson(before[name] ?? null, after[name] ?? null);
      // Lists and maps are merged item by item: what is in them is judged by the laws above.
      if (Array.isArray(now[name]) || isRecord(now[name] ?? null)) continue;
      const expected = ours && equalJson(now[name] ?? null, after[name] ?? null) ? before[name] : now[name];
      hold(
        "a foreign field stays",
        equalJson(once[name] ?? null, expected ?? null),
        () => `${where}, now ${show(now)}: ${name} became ${show(once[name])}`,
      );
    }
  }
}

function isRecord(value: Json | null): value is { readonly [key: string]: Json } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
