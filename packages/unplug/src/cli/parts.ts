import { join } from "node:path";
import { connectAws } from "../aws/connect.ts";
import { systemClock } from "../contract/clock.ts";
import type { Recorded } from "../contract/journal.ts";
import type { Parts } from "../engine/parts.ts";
import { builtinFaults } from "../faults/index.ts";
import { type OpenJournal, openJournal } from "../journal/sqlite-journal.ts";
import { builtinProbes } from "../probes/index.ts";
import { builtinResources } from "../resources/index.ts";
import { findSecrets } from "../secrets/find-secrets.ts";
import { stateFolder } from "./home.ts";
import { namingCredentials } from "./naming-credentials.ts";
import { outsideOf } from "./outside.ts";
import type { Shell } from "./shell.ts";
import { storeOf } from "./store-of.ts";
import { UsageError } from "./usage-error.ts";
import { version } from "./version.ts";
import { whoami } from "./whoami.ts";

/** The journal of this user on this machine; close it when the command is over. */
export function openStateJournal(shell: Pick<Shell, "env">): OpenJournal {
  return openJournal(stateFolder(shell.env), systemClock);
}

/**
 * Of the 15 that an account and region share, less one for others. Source: Lambda's quotas, API requests.
 *
 * UNPLUG_REQUESTS_PER_SECOND sets another share; 0 means no limit.
 */
const REQUESTS_PER_SECOND = 14;

/** Everything that a run, a plan or a restore needs from outside. */
export function assembleParts(
  shell: Pick<Shell, "env">,
  journal: OpenJournal,
  onEvent?: (recorded: Recorded) => void,
): Parts {
  const secrets = findSecrets(secretsFolder(shell.env), storeOf(shell.env));
  return {
    faults: builtinFaults,
    resources: builtinResources,
    probes: builtinProbes,
    outside: outsideOf(shell.env, secrets),
    journal,
    connect: namingCredentials(
      connectAws({
        clock: systemClock,
        version: version(),
        secrets,
        endpoint: endpointOf(shell.env),
        requestsPerSecond: requestsPerSecond(shell.env["UNPLUG_REQUESTS_PER_SECOND"]),
      }),
      shell.env,
    ),
    clock: systemClock,
    version: version(),
    by: whoami(),
    ...(onEvent === undefined ? {} : { onEvent }),
    asksIam: true,
    // What a restore needs loads none of it.
    guardRails: async () =>
      (await import("./guard-rails.ts")).findGuardRails({ env: shell.env, folder: process.cwd() }),
  };
}

/** Where file secrets stand as they are. */
export function secretsFolder(env: Shell["env"]): string {
  return given(env["UNPLUG_SECRETS"]) ?? join(stateFolder(env), "secrets");
}

function given(value: string | undefined): string | null {
  return value === undefined || value === "" ? null : value;
}

function requestsPerSecond(value: string | undefined): number {
  if (value === undefined || value === "") return REQUESTS_PER_SECOND;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  throw new UsageError(`UNPLUG_REQUESTS_PER_SECOND=${value}: expected a number from 0 (no limit).`);
}

/** As the SDK reads it: the service's own variable before the one for all. */
export function endpointOf(env: Shell["env"]): string | null {
  if (env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] === "true") return null;
  for (const [name, value] of Object.entries(env)) {
    if (/^AWS_ENDPOINT_URL(_[A-Z0-9_]+)?$/.test(name) && value !== undefined && value !== "")
      checkUrl(name, value);
  }
  return given(env["AWS_ENDPOINT_URL_LAMBDA"]) ?? given(env["AWS_ENDPOINT_URL"]);
}

/** The SDK would take what is no URL for an endpoint that does not answer. */
function checkUrl(name: string, value: string): void {
  const protocol = URL.canParse(value) ? new URL(value).protocol : "";
  if (protocol === "http:" || protocol === "https:") return;
  throw new UsageError(
    `${name}=${value}: expected a URL that begins with http:// or https://, like http://127.0.0.1:4566; unset it for AWS itself.`,
  );
}
