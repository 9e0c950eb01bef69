import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ContainerImage, FunctionImage } from "../runtime-port.ts";
import { createCodeStore } from "./code-store.ts";
import { createImageFolders, type OpenLayer } from "./image-folders.ts";
import { type ImageTools, makeImageTools } from "./image-tools.ts";
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
  /** Null: the code is a zip. */
  readonly image: ImageFiles | null;
}

/** The files of a container image. */
export interface ImageFiles {
  /** Folder of the machine that becomes the root. */
  readonly root: string;
  readonly tools: ImageTools;
  readonly mounting: { readonly mounts: PrivateMounts; readonly table: string };
}

/** Unpacks what functions consist of, each thing once, for all environments that need it. */
export interface FunctionFileStore {
  /** Whether functions have mounts of their own here. */
  readonly mounting: Mounting;
  /** Throws ApiError InvalidParameterValueException when a package or an image cannot be unpacked safely. */
  of(image: FunctionImage): Promise<FunctionFiles>;
}

/** Under `root`, which the caller owns and removes. Container images need mounts. */
export function createFunctionFiles(
  root: string,
  mounting: Mounting,
  openLayer: OpenLayer,
): FunctionFileStore {
  const code = createCodeStore(root);
  if (mounting.kind === "none") {
    return {
      mounting,
      of: async (image) => ({
        task: await code.folderOf(image.codeSha256, image.zip),
        opt: null,
        mounting: null,
        image: null,
      }),
    };
  }
  const { mounts } = mounting;
  const layers = createLayerFolders(root, code, mounts.optPoints);
  const tableOf = tablesByFolders();
  const imageOf = imageFilesIn(root, mounts, openLayer);
  return {
    mounting,
    of: async (image) => {
      if (image.container !== null) return await imageOf(image.container, image.ephemeralStorageMb);
      const [task, opt] = await Promise.all([
        code.folderOf(image.codeSha256, image.zip),
        layers.folderOf(image.layers),
      ]);
      const folders = { task, opt, tmpMb: image.ephemeralStorageMb };
      const table = await tableOf(folders, (key) => mounts.tableOf(key, folders));
      return { task, opt, mounting: { mounts, table }, image: null };
    },
  };
}

function imageFilesIn(root: string, mounts: PrivateMounts, openLayer: OpenLayer) {
  const images = createImageFolders(root, openLayer);
  const tableOf = tablesByFolders();
  let tools: Promise<ImageTools> | null = null;
  return async (container: ContainerImage, tmpMb: number): Promise<FunctionFiles> => {
    tools ??= makeImageTools(join(root, "tools"));
    const made = await tools;
    const folder = await images.folderOf(container);
    const folders = { root: folder, tools: made.folder, tmpMb };
    const table = await tableOf(folders, (key) => mounts.imageTableOf(key, folders));
    const mounting = { mounts, table };
    return { task: folder, opt: null, mounting, image: { root: folder, tools: made, mounting } };
  };
}

/** Writes one table for each set of folders. */
function tablesByFolders(): (folders: object, write: (key: string) => Promise<string>) => Promise<string> {
  const tables = new Map<string, Promise<string>>();
  return async (folders, write) => {
    const key = createHash("sha256").update(JSON.stringify(folders)).digest("hex").slice(0, 32);
    let table = tables.get(key);
    if (table === undefined) {
      table = write(key);
      tables.set(key, table);
      // A full disk may not be full the next time.
      table.catch(() => tables.delete(key));
    }
    return await table;
  };
}
