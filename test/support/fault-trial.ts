import type { Action, Aws, InputOf, OutputOf } from "../../packages/unplug/src/contract/aws.ts";
import type { AnyFault, Targets } from "../../packages/unplug/src/contract/fault.ts";
import type { Io } from "../../packages/unplug/src/contract/io.ts";
import { Refusal } from "../../packages/unplug/src/contract/refusal.ts";
import { parseTunables } from "../../packages/unplug/src/engine/tunables.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { makeWorld, PLACE, REGION, recordOf, textOf, type World, type WorldOptions } from "./world.ts";

type Answers = Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => unknown>>;

/** One fault's look at a world: what it would target, warn of and refuse. */
export class FaultTrial {
  readonly world: World;
  readonly #fault: AnyFault;
  /** What AWS answers instead of the sandbox, by action. */
  readonly #answers: Answers;

  private constructor(fault: AnyFault, world: World, answers: Answers) {
    this.#fault = fault;
    this.world = world;
    this.#answers = answers;
  }

  static async of(fault: AnyFault, options: WorldOptions = {}, answers: Answers = {}): Promise<FaultTrial> {
    return new FaultTrial(fault, await makeWorld(new VirtualClock(), options), answers);
  }

  get io(): Io {
    const answers = this.#answers;
    const { aws: inner, clock } = this.world;
    const aws: Aws = {
      async call<A extends Action>(action: A, input: InputOf<A>): Promise<OutputOf<A>> {
        const answer = answers[action];
        return answer === undefined ? inner.call(action, input) : (answer({ ...input }) as OutputOf<A>);
      },
    };
    return { aws, place: PLACE, clock, salt: "trial", signal: new AbortController().signal };
  }

  async targets(tunables: Readonly<Record<string, string | number>>, holdMs = 300_000): Promise<Targets> {
    const given = Object.entries({ FUNCTION_NAME: "orders", REGION, ...tunables });
    const values = given.map(([name, value]) => ({ name, value, source: "argument" as const }));
    const { own } = parseTunables(this.#fault, values);
    return this.#fault.targets(own, this.io, { holdMs });
  }

  /** The refusal's whole text; fails when nothing is refused. */
  async refusal(tunables: Readonly<Record<string, string | number>>, holdMs?: number): Promise<string> {
    try {
      await this.targets(tunables, holdMs);
    } catch (error) {
      if (error instanceof Refusal) return error.message;
      throw error;
    }
    throw new Error("Nothing was refused.");
  }

  async cloud(action: string, input: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    return recordOf(await this.world.cloud.call(action, input, { region: REGION }));
  }

  /** Makes the stream that an ARN names and gives the ARN that it has; other sources need not exist. */
  async #made(arn: string): Promise<string> {
    const [, , service, , , resource = ""] = arn.split(":");
    const [, name = ""] = resource.split("/");
    if (service === "kinesis") await this.cloud("kinesis:CreateStream", { StreamName: name, ShardCount: 1 });
    if (service !== "dynamodb") return arn;
    const table = await this.cloud("dynamodb:CreateTable", {
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
    });
    return textOf(recordOf(table["TableDescription"]), "LatestStreamArn");
  }

  /** An enabled mapping of this source, which is made first when it is a stream; gives its UUID. */
  async addMapping(source: Readonly<Record<string, unknown>>, functionName = "orders"): Promise<string> {
    const { EventSourceArn: named } = source;
    const EventSourceArn = typeof named === "string" ? await this.#made(named) : undefined;
    const made = await this.cloud("lambda:CreateEventSourceMapping", {
      FunctionName: functionName,
      ...source,
      ...(EventSourceArn === undefined ? {} : { EventSourceArn }),
    });
    this.world.clock.jump(120_000);
    return textOf(made, "UUID");
  }
}
