/** One layer of a function. */
export interface LayerImage {
  arn: string;
  /** Base64, as in the API. */
  codeSha256: string;
  zip: Buffer;
}

/** A container image, and how it is run. */
export interface ContainerImage {
  /** SHA-256 in hex. */
  readonly digest: string;
  /** Of the registry. */
  readonly repository: string;
  /** Digests of its layers, `sha256:` and hex; the lowest one first. */
  readonly layers: readonly string[];
  /** `NAME=value` */
  readonly environment: readonly string[];
  readonly entryPoint: readonly string[];
  readonly command: readonly string[];
  /** Empty: `/`. */
  readonly workingDirectory: string;
}

/** Everything that is needed to run one version of a function; a snapshot that later updates do not touch. */
export interface FunctionImage {
  functionName: string;
  functionArn: string;
  version: string;
  region: string;
  account: string;
  runtime: string;
  handler: string;
  memorySize: number;
  timeoutSeconds: number;
  environment: Record<string, string>;
  /** Null: the code is a zip. */
  container: ContainerImage | null;
  /** Later ones win. */
  layers: readonly LayerImage[];
  /** Size of the environment's own /tmp. */
  ephemeralStorageMb: number;
  /** Changes whenever an update has become effective: old environments may not serve it. */
  revision: string;
  /** Base64, as in the API. */
  codeSha256: string;
  zip: Buffer;
  /** Where its environments log to. */
  logGroup: string;
  /** Absent: its environments are made on demand. */
  initialization?: "provisioned-concurrency";
  /** Null: no concurrency is reserved. */
  reservedConcurrency: number | null;
}

export interface InvokeRequest {
  image: FunctionImage;
  payload: Buffer;
  logTail: boolean;
  requestId: string;
  /** JSON that the function finds as its client context; absent: none was given. */
  clientContext?: string;
  source: "api" | "mapping";
}

export interface InvokeAnswer {
  payload: Buffer;
  /** Null: the function answered without an error. */
  functionError: "Unhandled" | "Handled" | null;
  /** Base64 of the last 4 KB of the log; null when it was not asked for. */
  logTail: string | null;
  executedVersion: string;
}

/** Runs functions. */
export type Invoke = (request: InvokeRequest) => Promise<InvokeAnswer>;
