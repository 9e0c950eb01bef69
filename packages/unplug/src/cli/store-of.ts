import type { Environment } from "../load/variables.ts";
import { keyringOf } from "../secrets/keyring.ts";
import { type SecretStore, secretStore } from "../secrets/secret-store.ts";
import { stateFolder } from "./home.ts";

/** The encrypted store of this user on this machine. */
export function storeOf(env: Environment, platform: NodeJS.Platform = process.platform): SecretStore {
  const home = stateFolder(env);
  return secretStore(home, keyringOf(home, { platform, env }));
}
