import type { ImageConfig } from "./config.ts";
import { LayeredFiles, type LayerReader, MOST_PATH, normal, type RealFile } from "./layered-files.ts";
import { isShell, launched, MOST_SCRIPT, scriptTarget, shellTask } from "./script-target.ts";

/** What of an image's config says how it is started. */
type StartConfig = Pick<ImageConfig, "entrypoint" | "command" | "workingDirectory" | "environment">;

/** What a function says over its image's config; what is left out or empty is the image's. */
export interface StartSettings {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly workingDirectory?: string;
  /** Of the function: they win over the image's. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** The interpreter of a script: a path, or a name that is looked up in PATH; null for what is no script. */
export type ScriptReader = (bytes: Uint8Array) => string | null;

/** What an image starts. */
export interface StartedProgram {
  /** The files on the way from the entrypoint, each started by the one before it; the last one is the program. */
  readonly chain: readonly RealFile[];
  /** Null: the last of `chain` is the program that stays. A clause: why what comes after it is not known. */
  readonly unsure: string | null;
}

/** Nothing is there to be started; `because` is a clause for people. */
export interface NothingStarted {
  readonly because: string;
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "Defined runtime environment variables". */
const USUAL_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/bin:/usr/local/sbin:/usr/sbin:/sbin";
/** Of PATH. */
const MOST_FOLDERS = 64;
/** As many as Linux follows for scripts of scripts. */
const MOST_STEPS = 5;

/**
 * Finds the program that an image's entrypoint comes to: links, PATH, launchers, and shell scripts as far as they say it plainly.
 * Layers are read from the top and no more of them than it takes.
 */
export async function startedProgram(
  config: StartConfig,
  settings: StartSettings,
  image: { readonly layers: number; readonly read: LayerReader; readonly interpreterOf: ScriptReader },
): Promise<StartedProgram | NothingStarted> {
  const files = new LayeredFiles(image.layers, image.read);
  const folders = pathOf(config, settings).split(":", MOST_FOLDERS);
  const within = orElse(settings.workingDirectory, config.workingDirectory) || "/";
  const find = async (word: string) => {
    if (word.length > MOST_PATH) return null;
    if (!word.includes("/")) return await files.firstOf(folders.map((folder) => normal(`${folder}/${word}`)));
    return await files.firstOf([word.startsWith("/") ? word : `${within}/${word}`]);
  };
  const chain: RealFile[] = [];
  let words = wordsOf(config, settings);
  let shell: string | null = null;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const [program = ""] = words;
    const file = program === "" ? null : await find(program);
    if (file === null) return notFound(chain, program, folders);
    chain.push(file);
    const next = nextOf(file, words, shell, image.interpreterOf);
    if (next === null) return { chain, unsure: null };
    if ("unsure" in next) return interpreted(chain, next, find);
    words = next.words;
    shell = next.shell ?? null;
  }
  return { chain, unsure: "one script starts the next too many times" };
}

/** `shell`: the first of the words is a script for it, whatever that says itself. */
type Next = { readonly words: readonly string[]; readonly shell?: string } | Unsure;

/** `interpreter`: null where the shell itself was started. */
interface Unsure {
  readonly unsure: string | null;
  readonly interpreter: string | null;
}

/** What `file`, started with `words`, comes to; null when it is what stays. */
function nextOf(
  file: RealFile,
  words: readonly string[],
  shell: string | null,
  interpreterOf: ScriptReader,
): Next | null {
  const [program = "", ...given] = words;
  const bytes = file.parts[0]?.bytes ?? new Uint8Array();
  const interpreter = shell ?? interpreterOf(bytes);
  if (interpreter === null) {
    const told = launched(words);
    if (told !== null) return { words: told };
    const task = shellTask(words);
    if (task === null) return null;
    // It looks for a file in no folder but the working one.
    if ("file" in task) return { words: [inFolder(task.file), ...task.given], shell: program };
    const target = scriptTarget(task.text, task.given);
    return target === null ? { unsure: NOT_PLAIN, interpreter: null } : { words: target };
  }
  if (!isShell(interpreter)) return { unsure: null, interpreter };
  const target = bytes.length > MOST_SCRIPT ? null : scriptTarget(Buffer.from(bytes).toString("utf8"), given);
  if (target !== null) return { words: target };
  return { unsure: NOT_PLAIN, interpreter };
}

function inFolder(file: string): string {
  return file.includes("/") ? file : `./${file}`;
}

const NOT_PLAIN = "it is a shell script that does not plainly say what it starts";

/** A script is run by its interpreter, which is the program where the script starts no other. */
async function interpreted(
  chain: readonly RealFile[],
  { unsure, interpreter }: Unsure,
  find: (word: string) => Promise<RealFile | null>,
): Promise<StartedProgram | NothingStarted> {
  if (interpreter === null) return { chain, unsure };
  const file = await find(interpreter);
  if (file !== null) return { chain: [...chain, file], unsure };
  const script = chain.at(-1)?.path ?? "";
  return { because: `${script} is a script for ${interpreter}, which is not in the image` };
}

function notFound(
  chain: readonly RealFile[],
  program: string,
  folders: readonly string[],
): StartedProgram | NothingStarted {
  const last = chain.at(-1);
  if (program === "") return { because: "the image has neither an entrypoint nor a command" };
  const where = program.includes("/") ? "" : ` in ${folders.join(", ")}`;
  if (last === undefined) return { because: `its entrypoint ${program} is no file${where} in the image` };
  return { chain, unsure: `it starts ${program}, which is no file${where} in the image` };
}

function wordsOf(config: StartConfig, settings: StartSettings): readonly string[] {
  const { entrypoint = [], command = [] } = settings;
  return [
    ...(entrypoint.length > 0 ? entrypoint : config.entrypoint),
    ...(command.length > 0 ? command : config.command),
  ];
}

function pathOf({ environment }: StartConfig, { variables }: StartSettings): string {
  const own = environment.findLast((one) => one.startsWith("PATH="))?.slice("PATH=".length);
  return orElse(variables?.["PATH"], orElse(own, USUAL_PATH));
}

function orElse(text: string | undefined, other: string): string {
  return text === undefined || text === "" ? other : text;
}
