import type { Access } from "../contract/access.ts";
import { AwsError } from "../contract/aws.ts";
import type { Clock } from "../contract/clock.ts";
import type { Connect } from "../contract/connection.ts";
import { type Place, placeKey } from "../contract/place.ts";
import type { Secrets } from "../contract/secrets.ts";
import { Budget, withBudget } from "./budget.ts";
import { CredentialsLife } from "./credentials-life.ts";
import { OneAccount } from "./one-account.ts";
import { withRetries } from "./retries.ts";

export interface ConnectOptions {
  readonly clock: Clock;
  /** Goes into the user agent, with the run's id, so that CloudTrail names both. */
  readonly version: string;
  /** The file secrets: one AWS credentials file each. */
  readonly secrets: Secrets;
  /** Base URL that the SDK takes from its own settings instead of AWS's endpoints; null for AWS itself. */
  readonly endpoint: string | null;
  /** Control plane requests per second that we allow ourselves; 0 for no limit. */
  readonly requestsPerSecond: number;
}

/** Opens AWS by its SDK, which is loaded at the first call. One budget per place, however many connections. */
export function connectAws(options: ConnectOptions): Connect {
  const budgets = new Map<string, Budget>();
  return async (given, run, signal) => {
    const endpoint = given.endpoint ?? options.endpoint;
    // What the SDK's settings say is left to the SDK, which knows more of them; a journal may say something else.
    const explicit = endpoint === options.endpoint ? null : endpoint;
    const access: Access = { ...given, endpoint: explicit };
    const { sdkAws } = await import("./sdk-aws.ts");
    const life = new CredentialsLife();
    const settings = {
      region: access.region,
      now: () => options.clock.now(),
      ...(explicit === null ? {} : { endpoint: explicit }),
      maxAttempts: 1 as const,
      customUserAgent: [
        ["unplug", options.version],
        ["run", run],
      ] satisfies [string, string][],
    };
    const one = new OneAccount(async (keys) => {
      const asking = sdkAws({ ...settings, newProvider: () => () => Promise.resolve(keys) });
      const ask = () => asking.call("sts:GetCallerIdentity", {});
      // Twice, since of the first answer it learns how far this machine's clock is off.
      const { Account } = await ask().catch(ask);
      refuseStranger(Account);
      return Account;
    });
    const newProvider = await providersFor(access, run, options.secrets, life);
    const bare = sdkAws({ ...settings, newProvider: () => one.of(newProvider()) });
    const { Account, Arn } = await withRetries(bare, options.clock).call("sts:GetCallerIdentity", {}, signal);
    refuseStranger(Account);
    one.begin(Account);
    const place: Place = { account: Account, region: access.region, endpoint };
    const budget = budgets.get(placeKey(place)) ?? new Budget(options.clock, options.requestsPerSecond);
    budgets.set(placeKey(place), budget);
    const { end } = life;
    return {
      aws: withRetries(withBudget(bare, budget), options.clock),
      place,
      identity: Arn,
      ...(end === undefined ? {} : { credentialsEnd: end }),
    };
  };
}

/** A page or an empty answer with status 200 is read as an identity of which nothing is known. */
function refuseStranger(account: unknown): asserts account is string {
  if (typeof account === "string" && /^\d{12}$/.test(account)) return;
  throw new AwsError("sts:GetCallerIdentity", {
    code: "UnreadableAnswer",
    status: 200,
    outcome: "unknown",
    message: "the endpoint answered something that is not AWS's (it names no account)",
  });
}

/** What most runs need is small; the rest of the SDK's providers is loaded for who asks for it. */
async function providersFor(access: Access, run: string, secrets: Secrets, life: CredentialsLife) {
  if (access.secret === "" && access.assumeRoleArn === "") {
    const { defaultCredentials } = await import("./default-credentials.ts");
    return () => life.watch(defaultCredentials(access.profile));
  }
  return (await import("./credentials.ts")).credentialsOf(access, run, { secrets, life });
}
