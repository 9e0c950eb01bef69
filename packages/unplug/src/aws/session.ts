import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@smithy/types";
import type { ClientConfig, Operation, Service } from "./services/service.ts";

type OpenService = (config: ClientConfig, now: () => number) => Service;

/** One file per service, each with its own client: what a run does not ask is never loaded. */
const loaders: Readonly<Record<string, () => Promise<{ openService: OpenService }>>> = {
  cloudwatch: () => import("./services/cloudwatch.ts"),
  code: () => import("./services/code.ts"),
  ecr: () => import("./services/ecr.ts"),
  iam: () => import("./services/iam.ts"),
  kinesis: () => import("./services/kinesis.ts"),
  lambda: () => import("./services/lambda.ts"),
  logs: () => import("./services/logs.ts"),
  registry: () => import("./registry-service.ts"),
  s3: () => import("./services/s3.ts"),
  sqs: () => import("./services/sqs.ts"),
  sts: () => import("./services/sts.ts"),
};

export interface SessionConfig extends Omit<ClientConfig, "credentials"> {
  /** A provider that knows nothing yet: one that has answered may answer the same for ever. */
  readonly newProvider: () => AwsCredentialIdentityProvider;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Credentials with less left than this are asked for again while they are still good. */
const EARLY_MS = 300_000;

/**
 * Credentials, and the clients that sign with them.
 *
 * The SDK's clients ask for credentials where no limit reaches; here they are asked for before, and the clients find
 * them known. Credentials without an end are kept as long as the session.
 */
export class Session {
  readonly #config: SessionConfig;
  readonly #provider: AwsCredentialIdentityProvider;
  readonly #services = new Map<string, Promise<Service>>();
  #known: AwsCredentialIdentity | null = null;
  #asked: Promise<AwsCredentialIdentity> | null = null;

  constructor(config: SessionConfig) {
    this.#config = config;
    this.#provider = config.newProvider();
  }

  /** The credentials are known and not yet to be renewed: a thousand calls need not wait for a promise and a limit each. */
  get isReady(): boolean {
    return this.#known !== null && this.#leftMs >= EARLY_MS;
  }

  /** Asks the provider only when it must. Rejects as the provider does, and may never settle. */
  async credentials(): Promise<AwsCredentialIdentity> {
    const known = this.#known;
    if (known === null || this.#leftMs <= 0) return this.#ask();
    // One that cannot renew them now does not spoil those that are good.
    if (this.#leftMs < EARLY_MS) this.#ask().catch(() => undefined);
    return known;
  }

  /** Whether these are the keys that are known here. */
  signsWith({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentialIdentity): boolean {
    const known = this.#known;
    return (
      known !== null &&
      known.accessKeyId === accessKeyId &&
      known.secretAccessKey === secretAccessKey &&
      known.sessionToken === sessionToken
    );
  }

  /** The adapter of `service:Operation`. */
  async operation(action: string): Promise<Operation> {
    const [service = "", name = ""] = action.split(":");
    const opened = this.#services.get(service) ?? this.#open(service);
    this.#services.set(service, opened);
    const operation = (await opened).operations[name];
    if (operation === undefined) throw new Error(`There is no adapter for ${action}.`);
    return operation;
  }

  get #leftMs(): number {
    const end = this.#known?.expiration;
    return end === undefined ? Number.POSITIVE_INFINITY : end.getTime() - this.#config.now();
  }

  #ask(): Promise<AwsCredentialIdentity> {
    // Of it, a provider takes the region (and so the partition) of the STS that it asks, if it asks one.
    const callerClientConfig = { region: () => Promise.resolve(this.#config.region) };
    this.#asked ??= this.#provider({ callerClientConfig })
      .then((found) => {
        this.#known = found;
        return found;
      })
      .finally(() => {
        this.#asked = null;
      });
    return this.#asked;
  }

  async #open(name: string): Promise<Service> {
    const loader = loaders[name];
    if (loader === undefined) throw new Error(`There is no adapter for the service ${name}.`);
    const { newProvider: _, now, ...config } = this.#config;
    return (await loader()).openService({ ...config, credentials: () => this.credentials() }, now);
  }
}
