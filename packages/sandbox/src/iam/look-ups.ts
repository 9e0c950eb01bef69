import type { Place } from "../arns.ts";
import type { FunctionStore } from "../lambda/function-store.ts";
import type { MappingStore } from "../lambda/mapping-store.ts";
import type { QueueStore } from "../sqs/queue-store.ts";

export interface LookUpStores {
  readonly functions: FunctionStore;
  readonly mappings: MappingStore;
  readonly queues: QueueStore;
}

/** What IAM asks of other services: whose a mapping is, and what is tagged how. */
export function lookUps({ functions, mappings, queues }: LookUpStores) {
  return {
    functionOfMapping: (place: Place, uuid: string) => mappings.find(place, uuid)?.functionArn,
    /** Of a function, a mapping or a queue; none for anything else. */
    tagsOf: (arn: string): Readonly<Record<string, string>> => {
      const [, , service, region = "", account = "", kind = "", id = ""] = arn.split(":");
      const place = { region, account };
      if (service === "sqs") return Object.fromEntries(queues.byArn(arn)?.tags ?? []);
      if (service !== "lambda") return {};
      if (kind === "event-source-mapping") return Object.fromEntries(mappings.find(place, id)?.tags ?? []);
      return kind === "function" ? Object.fromEntries(functions.find(place, id)?.tags ?? []) : {};
    },
  };
}
