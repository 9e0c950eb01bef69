/** The parts of package-lock.json that are read here. */
export interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      { readonly integrity?: string; readonly optionalDependencies?: Readonly<Record<string, string>> }
    >
  >;
}

/** Tools that are native programs: one package for each platform, of which npm installs the one that fits. */
const nativeTools = [
  "@biomejs/biome",
  "esbuild",
  "lightningcss",
  "oxlint",
  "oxlint-tsgolint",
  "rolldown",
  "typescript",
];
const platforms = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

/**
 * What a laptop of another kind would miss. npm writes a platform's package into the lock only if the registry serves
 * it, and leaves it out without a word if not (https://github.com/npm/cli/issues/4828 has more ways to lose one).
 */
export function missingPlatforms(lock: Lock): string[] {
  const named = Object.entries(lock.packages).flatMap(([from, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => from === "" || platforms.some((platform) => name.includes(platform)))
      .filter((name) => !isLocked(lock, from, name))
      .map(
        (name) => `${name}, which ${from === "" ? "package.json" : from} names, is not in package-lock.json`,
      ),
  );
  const unnamed = nativeTools.flatMap((tool) => {
    const names = Object.keys(lock.packages[`node_modules/${tool}`]?.optionalDependencies ?? {});
    return platforms
      .filter((platform) => !names.some((name) => name.includes(platform)))
      .map((platform) => `${tool} names no package for ${platform} in package-lock.json`);
  });
  return [...named, ...unnamed];
}

/** A package may lie beside the one that needs it, or in any node_modules above. */
function isLocked(lock: Lock, from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const found = lock.packages[`${folder === "" ? "" : `${folder}/`}node_modules/${name}`];
    if (found?.integrity !== undefined) return true;
    if (folder === "") return false;
  }
}
