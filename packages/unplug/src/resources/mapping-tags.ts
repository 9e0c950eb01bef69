import * as z from "zod";
import { mappingArn } from "../contract/arns.ts";
import { isMissing } from "../contract/aws.ts";
import { isRecord } from "../contract/json.ts";
import { defineResource, type Seen } from "../contract/resource.ts";

/** Our tags only: nobody else's are read into a journal. */
const markerState = z.record(z.string(), z.string());

type MarkerState = z.infer<typeof markerState>;

/**
 * The marker on an event source mapping: which run has unplugged it, and until when. Inert by itself.
 *
 * Null: the mapping has no tag of ours. The id is the mapping's UUID.
 */
export const mappingTags = defineResource<MarkerState>({
  kind: "mapping-tags",
  title: "marker on the event source mapping",
  state: markerState,
  actions: { read: ["lambda:ListTags"], write: ["lambda:TagResource", "lambda:UntagResource"] },
  guarded: false,
  lookEveryMs: 10_000,
  arn: ({ id, place }) => mappingArn(id, place),

  async *read(refs, io) {
    yield await Promise.all(
      refs.map(async (ref): Promise<Seen<MarkerState>> => {
        try {
          const { Tags = {} } = await io.aws.call(
            "lambda:ListTags",
            { Resource: mappingArn(ref.id, ref.place) },
            io.signal,
          );
          const ours = Object.entries(Tags).filter(([key]) => key.startsWith("unplug:"));
          const state = ours.length === 0 ? null : Object.fromEntries(ours);
          return {
            ref,
            found: true,
            state,
            revision: null,
            settled: true,
            status: state === null ? "not marked" : "marked",
          };
        } catch (error) {
          if (isMissing(error)) return { ref, found: false };
          throw error;
        }
      }),
    );
  },

  async write(ref, to, seen, io) {
    const isNew = seen.state === null && to !== null;
    const extra = Object.keys(seen.state ?? {}).filter((key) => !Object.hasOwn(to ?? {}, key));
    // A tag that is not there is taken off without a change: so it is known beforehand whether ours may be.
    if (isNew)
      await io.aws.call(
        "lambda:UntagResource",
        { Resource: mappingArn(ref.id, ref.place), TagKeys: Object.keys(to) },
        io.signal,
      );
    if (to !== null)
      await io.aws.call(
        "lambda:TagResource",
        { Resource: mappingArn(ref.id, ref.place), Tags: to },
        io.signal,
      );
    if (extra.length > 0)
      await io.aws.call(
        "lambda:UntagResource",
        { Resource: mappingArn(ref.id, ref.place), TagKeys: extra },
        io.signal,
      );
    return { id: ref.id, revision: null };
  },

  liveUntil({ after }) {
    const until = isRecord(after) ? after["unplug:until"] : null;
    return typeof until === "string" ? Date.parse(until) : null;
  },

  without(now, { before, after }) {
    const kept = Object.entries(now ?? {}).filter(([key, value]) => after?.[key] !== value);
    const back = Object.entries(before ?? {}).filter(
      ([key]) => now?.[key] === undefined || now[key] === after?.[key],
    );
    const left = Object.fromEntries([...kept, ...back]);
    return Object.keys(left).length === 0 ? null : left;
  },
});
