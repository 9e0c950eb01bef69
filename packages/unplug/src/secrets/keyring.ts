/** One text in the keyring of a desktop, under a name of its own. Everything throws an Error that says why it cannot. */
export interface Keyring {
  /** The program that speaks to it. */
  readonly program: string;
  /** Null where it has none. */
  read(): Promise<string | null>;
  /** A text of one line. It must be read again before it is believed. */
  write(text: string): Promise<void>;
}

/** Where nobody may be asked. */
export const noKeyring: Keyring = {
  program: "no keyring",
  read: () => Promise.resolve(null),
  write: () => Promise.reject(new Error("there is no keyring")),
};
