/** A data folder cannot be used; the message says which, why and what to do. */
export class DataFolderUnusable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DataFolderUnusable";
  }
}

const reasons: Readonly<Record<string, readonly [is: string, todo: string]>> = {
  ENOTDIR: ["is no folder", "Name a folder; it is made when it is not there."],
  EEXIST: ["is no folder", "Name a folder; it is made when it is not there."],
  EISDIR: ["has a folder in the place of a file", "Name another one."],
  EACCES: ["may not be read and written by this user", "Give this user its rights, or name another one."],
  EPERM: ["may not be read and written by this user", "Give this user its rights, or name another one."],
  EROFS: ["is on a file system that is read-only", "Name one that can be written."],
  ENOSPC: ["cannot be written: the disk is full", "Make room, or name one on another disk."],
  EDQUOT: ["cannot be written: this user's quota is used up", "Make room, or name one on another disk."],
  ENAMETOOLONG: ["has too long a name", "Name another one."],
};

/** What the operating system's error means for a data folder; anything else is passed on with its own words. */
export function unusable(path: string, error: unknown): DataFolderUnusable {
  if (error instanceof DataFolderUnusable) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const words = error instanceof Error ? error.message : String(error);
  const [is, todo] = reasons[code] ?? [`cannot be used: ${words}`, "Name another one."];
  return new DataFolderUnusable(
    `The data folder ${path} ${is}${code in reasons ? ` (${code})` : ""}. ${todo}`,
    {
      cause: error,
    },
  );
}
