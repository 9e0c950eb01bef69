import type { Environment } from "../load/variables.ts";
import { type SecretStore, secretStore } from "../secrets/secret-store.ts";
import { keyringOf } from "./desktop-keyring.ts";
import { stateFolder } from "./home.ts";

/** The encrypted store of this user on this machine. */
export function storeOf(env: Environment, platform: NodeJS.Platform = process.platform): SecretStore {
  const home = stateFolder(env);
  return secretStore(home, keyringOf(home, { platform, env }));
}
