import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../contract/refusal.ts";
import { isSecretName, type Secrets } from "../contract/secrets.ts";
import type { SecretStore } from "./secret-store.ts";

/** A folder of files (a mounted Kubernetes Secret is one) first, then the store: what is mounted for a run is meant for it. */
export function findSecrets(folder: string, store: Pick<SecretStore, "read">): Secrets {
  return {
    async find(name) {
      if (!isSecretName(name)) {
        // The message must not repeat the name: it may be the secret itself.
        throw new Refusal(
          "What should name a secret names none.",
          [],
          "Use letters, digits, dots, dashes, underscores; neither a path (UNPLUG_SECRETS is the folder) nor the secret itself.",
        );
      }
      const path = join(folder, name);
      const found = await stat(path).catch(() => null);
      if (found?.isFile() === true) return { path };
      const text = await store.read(name);
      return text === null ? null : { text };
    },
    remedy: (name) =>
      `Put it into ${join(folder, name)} (UNPLUG_SECRETS is the folder), or into the encrypted store: unplug secret add ${name} FILE`,
  };
}
