import { createHash } from "node:crypto";
import type { FunctionImage } from "../runtime-port.ts";
import { createCodeStore } from "./code-store.ts";
import { createLayerFolders } from "./layer-folders.ts";
import type { Mounting, PrivateMounts } from "./private-mounts.ts";

/** Where a function's files are. */
export interface FunctionFiles {
  /** Folder of the machine with the unpacked code. */
  readonly task: string;
  /** Folder of the machine with the layers, merged; null: the function does not see it. */
  readonly opt: string | null;
  /** How they become /var/task and /opt; null: they do not, and the function runs where they are. */
  readonly mounting: { readonly mounts: PrivateMounts; readonly table: string } | null;
}

/** Unpacks what functions consist of, each thing once, for all environments that need it. */
export interface FunctionFileStore {
  /** Whether functions have mounts of their own here. */
  readonly mounting: Mounting;
  /** Throws ApiError InvalidParameterValueException when a package cannot be unpacked safely. */
  of(image: FunctionImage): Promise<FunctionFiles>;
}

/** Under `root`, which the caller owns and removes. */
export function createFunctionFiles(root: string, mounting: Mounting): FunctionFileStore {
  const code = createCodeStore(root);
  if (mounting.kind === "none") {
    return {
      mounting,
      of: async (image) => ({
        task: await code.folderOf(image.codeSha256, image.zip),
        opt: null,
        mounting: null,
      }),
    };
  }
  const { mounts } = mounting;
  const layers = createLayerFolders(root, code, mounts.optPoints);
  const tables = new Map<string, Promise<string>>();
  return {
    mounting,
    of: async (image) => {
      const [task, opt] = await Promise.all([
        code.folderOf(image.codeSha256, image.zip),
        layers.folderOf(image.layers),
      ]);
      const folders = { task, opt, tmpMb: image.ephemeralStorageMb };
      const key = createHash("sha256").update(JSON.stringify(folders)).digest("hex").slice(0, 32);
      let table = tables.get(key);
      if (table === undefined) {
        table = mounts.tableOf(key, folders);
        tables.set(key, table);
        // A full disk may not be full the next time.
        table.catch(() => tables.delete(key));
      }
      return { task, opt, mounting: { mounts, table: await table } };
    },
  };
}
