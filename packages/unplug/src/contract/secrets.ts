/** Where a file secret is: a file that may be read, or its text, which stands in no file. */
export type FoundSecret = { readonly path: string } | { readonly text: string };

/** The file secrets of this machine: a folder of files, and behind it the encrypted store. */
export interface Secrets {
  /** Null where there is none of that name. Throws Refusal when the name is none, or the store cannot be read. */
  find(name: string): Promise<FoundSecret | null>;
  /** How a person makes one that is missing: a sentence. */
  remedy(name: string): string;
}

const MOST_CHARACTERS = 128;

/** A file's name, never a path. */
export function isSecretName(name: string): boolean {
  return name.length <= MOST_CHARACTERS && /^\w[\w.-]*$/.test(name);
}
