import type { CloudState } from "../cloud-state.ts";
import { DataFolderUnusable } from "./data-folder-unusable.ts";
import { type DurableFiles, unfinished } from "./durable-files.ts";
import { readState, sha256, writeState } from "./state-bytes.ts";

/**
 * Of the whole folder. To be raised when a part of the state changes its shape: data/state-shape.test.ts tells when.
 * What was written in another format is refused.
 */
export const dataFormat = 5;

const stateName = "state";
const codeFolder = "code";
const codeName = /^[0-9a-f]{64}$/;

/** The state in a folder: one file, `state`, and the packages of code that it names, each by its checksum in `code`. */
export interface StateFile {
  /** Null: nothing was written yet. Throws DataFolderUnusable for what cannot be read. */
  read(): Promise<CloudState | null>;
  /** Takes the state as it is at the moment of the call; does nothing when it is as it was. */
  write(state: CloudState): Promise<void>;
}

/** `path` is for messages. */
export function stateFile(files: DurableFiles, path: string): StateFile {
  const names = new WeakMap<Uint8Array, string>();
  const nameOf = (bytes: Uint8Array): string => {
    const name = names.get(bytes) ?? sha256(bytes);
    names.set(bytes, name);
    return name;
  };
  let stored: Set<string> | null = null;
  let written: string | null = null;
  return {
    async read() {
      const file = await files.read(stateName);
      if (file === null) return null;
      const body = bodyOf(file, path);
      const found = new Map<string, Buffer>();
      for (const name of await files.names(codeFolder)) {
        const bytes = codeName.test(name) ? await files.read(`${codeFolder}/${name}`) : null;
        if (bytes !== null && sha256(bytes) === name) found.set(name, bytes);
      }
      for (const [name, bytes] of found) names.set(bytes, name);
      return decoded(body, found, path);
    },
    async write(state) {
      const wanted = new Map<string, Uint8Array>();
      const body = writeState(state, (bytes) => {
        wanted.set(nameOf(bytes), bytes);
        return nameOf(bytes);
      });
      const checksum = sha256(body);
      if (checksum === written) return;
      stored ??= new Set(await files.names(codeFolder));
      for (const [name, bytes] of wanted) {
        if (stored.has(name)) continue;
        await files.write(
          `${codeFolder}/${name}`,
          Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        );
        stored.add(name);
      }
      const header = `unplug-sandbox-data ${dataFormat} ${checksum}\n`;
      await files.write(stateName, Buffer.concat([Buffer.from(header), body]));
      written = checksum;
      // Not before: until now the old state was the one that counts.
      for (const name of stored) {
        if (wanted.has(name) || !codeName.test(name.replace(unfinished, ""))) continue;
        await files.remove(`${codeFolder}/${name}`);
        stored.delete(name);
      }
    },
  };
}

/** What follows the header. */
function bodyOf(file: Buffer, path: string): Buffer {
  const [line = "", format = "", checksum] =
    /^unplug-sandbox-data (\d+) ([0-9a-f]{64})\n/.exec(file.subarray(0, 120).toString("latin1")) ?? [];
  if (format !== "" && Number(format) !== dataFormat) {
    const age = Number(format) > dataFormat ? "a newer" : "an older";
    throw new DataFolderUnusable(
      `The data folder ${path} was written by ${age} version of Unplug: its format is ${format}, expected ${dataFormat}. Use that version, or name another folder.`,
    );
  }
  const body = file.subarray(line.length);
  if (checksum !== sha256(body)) throw damaged(path, `its file ${stateName} is not as it was written`);
  return body;
}

function decoded(body: Buffer, found: ReadonlyMap<string, Buffer>, path: string): CloudState {
  try {
    return readState(body, (name) => {
      const bytes = found.get(name);
      if (bytes === undefined)
        throw damaged(path, `its file ${codeFolder}/${name} is missing or was changed`);
      return bytes;
    });
  } catch (error) {
    if (error instanceof DataFolderUnusable) throw error;
    const words = error instanceof Error ? error.message : String(error);
    throw new DataFolderUnusable(
      `The data folder ${path} cannot be read with Node.js ${process.version} (${words}). Use the newer one that it was written with, or name another folder.`,
      { cause: error },
    );
  }
}

function damaged(path: string, why: string): DataFolderUnusable {
  return new DataFolderUnusable(
    `The data folder ${path} is damaged: ${why}. Put it back from a copy, or name another one.`,
  );
}
