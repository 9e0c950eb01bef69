/** Why a file or folder could not be used, in words: what Node.js says repeats the path and names a system call. */
export function fileTrouble(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "no permission",
  EDQUOT: "the quota is used up",
  EEXIST: "there is a file in its place",
  EIO: "the device fails",
  EISDIR: "it is a folder",
  ELOOP: "its links go round in a circle",
  ENAMETOOLONG: "its name is too long",
  ENOENT: "there is no such file or folder",
  ENOSPC: "no space is left there",
  ENOTDIR: "a part of its path is a file, not a folder",
  EPERM: "not permitted",
  EROFS: "it may only be read there",
};
