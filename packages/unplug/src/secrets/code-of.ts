/** The operating system's name of an error, like `ENOENT`; what the error says where it has none. */
export function codeOf(error: unknown): string {
  if (error instanceof Error) return "code" in error ? String(error.code) : error.message;
  return String(error);
}
