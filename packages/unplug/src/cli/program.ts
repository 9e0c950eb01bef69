import { Argument, Command, Option } from "commander";
import { didYouMean } from "../load/nearest.ts";
import type { FormName } from "../report/forms.ts";
import { addCatalogue } from "./catalogue-commands.ts";
import { helpLayout } from "./command-help.ts";
import type { DoctorFlags } from "./doctor.ts";
import type { ExecFlags } from "./exec/exec-options.ts";
import type { FaultFlags } from "./fault.ts";
import { collect, withVariables } from "./file-options.ts";
import type { RunFlags } from "./perform.ts";
import type { PolicyFlags } from "./policy.ts";
import { withPolicyOptions } from "./policy-options.ts";
import type { ReportFlags } from "./report.ts";
import type { RestoreFlags } from "./restore.ts";
import type { RunsFlags } from "./runs.ts";
import type { SandboxFlags } from "./sandbox.ts";
import type { Shell, Stream } from "./shell.ts";
import type { ShowFlags } from "./show.ts";

/** Does what was asked and answers the exit code. */
export type Start = () => Promise<number>;

/**
 * The command line as a tree. `start` is handed what the user asked for.
 *
 * Each command's file is loaded when it is asked for, so that `--help` loads none of what a run needs.
 */
export function buildProgram(
  shell: Shell,
  versionText: string,
  start: (command: Start) => Promise<void>,
): Command {
  const program = new Command("unplug")
    .description("Chaos engineering for AWS Lambda that is certain to have put everything back.")
    .version(versionText, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    // Else what follows COMMAND of exec could not be its own.
    .enablePositionalOptions()
    .configureHelp(helpLayout)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => shell.stdout.write(text),
      writeErr: (text) => shell.stderr.write(text),
      // As all our messages say it.
      outputError: (text, write) =>
        write(text.replace(/\n\(Did you mean ([^ ]+)\?\)/, ' (did you mean "$1"?)')),
      getOutHelpWidth: () => widthOf(shell.stdout),
      getErrHelpWidth: () => widthOf(shell.stderr),
    })
    .showSuggestionAfterError()
    .showHelpAfterError("`unplug --help` lists the commands.");
  addRunning(program, shell, start);
  addMending(program, shell, start);
  addReading(program, shell, start);
  addCatalogue(program, shell, start);
  addDoctor(program, shell, start);
  addSecret(program, shell, start);
  addExec(program, shell, start);
  addSandbox(program, shell, start);
  addCompletion(program, shell, start);
  addHelp(program);
  for (const command of program.commands) {
    command.showHelpAfterError(`\`unplug ${command.name()} --help\` tells its arguments and options.`);
  }
  return program;
}

/** A terminal that does not know its width says 0. */
function widthOf({ columns = 0 }: Stream): number {
  return columns > 0 ? columns : 80;
}

const shellNames = ["bash", "zsh", "fish"] as const;
/** Shells that `completion` knows. */
export type ShellName = (typeof shellNames)[number];

const secretActions = ["add", "list", "remove"] as const;
/** What `secret` does. */
export type SecretAction = (typeof secretActions)[number];

const reportForms: readonly FormName[] = ["html", "junit", "json", "markdown", "openmetrics"];

type Starter = (command: Start) => Promise<void>;

function addRunning(program: Command, shell: Shell, start: Starter): void {
  withVariables(
    withRunning(
      program.command("run <file>").description("run an experiment file; - reads it from standard input"),
    ),
  ).action((file: string, flags: RunFlags & FileFlags) =>
    start(async () => (await import("./run.ts")).runCommand(file, flags, shell)),
  );
  withRunning(program.command("fault <id> [tunables...]"))
    .description("run one fault, no file; TUNABLE=VALUE, or environment variables of the same name")
    .action((id: string, tunables: string[], flags: FaultFlags) =>
      start(async () => (await import("./fault.ts")).faultCommand(id, tunables, flags, shell)),
    );
  withVariables(program.command("plan <file-or-id> [tunables...]"))
    .description("what a run would call and change; changes nothing")
    .addOption(formatOption(["human", "json"]))
    .action((subject: string, tunables: string[], flags: FileFlags & { format: string }) =>
      start(async () => (await import("./plan.ts")).planCommand(subject, tunables, flags, shell)),
    );
  withPolicyOptions(withVariables(program.command("policy [file-or-id] [tunables...]"))).action(
    (subject: string | undefined, assignments: string[], flags: PolicyFlags) =>
      start(async () => (await import("./policy.ts")).policyCommand({ subject, assignments, flags }, shell)),
  );
}

function addMending(program: Command, shell: Shell, start: Starter): void {
  program
    .command("restore [run]")
    .description("finish what a dead run left; with --function, without any journal")
    .option("--all", "every unfinished run of a dead process")
    .option("--function <name>", "restore this function without a journal")
    .option("--region <region>", "its region; AWS_REGION when left out")
    .option("--mapping <uuid>", "enable this mapping of it (repeatable)", collect, [])
    .option(
      "--yes",
      "take my word that the run is dead although its time is not over, and that the mappings named are to be enabled",
    )
    .option("--profile <profile>", "use this profile instead of the run's credentials")
    .option("--secret <secret>", "use this file secret instead of the run's credentials")
    .option("--assume-role-arn <arn>", "use this role, on top of these or of the environment's")
    .option("--external-id <text>", "what that role, or the run's own, asks for")
    .addOption(formatOption(["human", "json", "ndjson"]))
    .action((run: string | undefined, flags: RestoreFlags) =>
      start(async () => (await import("./restore.ts")).restoreCommand(run, flags, shell)),
    );
  program
    .command("abort <run>")
    .description("end a run that goes on: it restores at once")
    .option("--leave", "restore nothing; what is unplugged stays so, and a dead run is forgotten")
    .action((run: string, flags: { leave?: boolean }) =>
      start(async () => (await import("./abort.ts")).abortCommand(run, flags, shell)),
    );
}

function addDoctor(program: Command, shell: Shell, start: Starter): void {
  program
    .command("doctor")
    .description("what would stop a run, and what runs left; changes nothing")
    .option("--region <region>", "where to look; AWS_REGION when left out")
    .option("--function <name>", "also whether both main faults could be run on it")
    .addOption(formatOption(["human", "json"]))
    .action((flags: DoctorFlags) =>
      start(async () => (await import("./doctor.ts")).doctorCommand(flags, shell)),
    );
}

function addReading(program: Command, shell: Shell, start: Starter): void {
  program
    .command("runs")
    .description("the runs in the journal, newest first")
    .option("--all", "not only the newest 20")
    .addOption(formatOption(["human", "json"]))
    .action((flags: RunsFlags) => start(async () => (await import("./runs.ts")).runsCommand(flags, shell)));
  program
    .command("show <run>")
    .description("one run: what happened, and what is still in")
    .addOption(formatOption(["human", "json", "ndjson"]))
    .addOption(new Option("--as <form>", "the AWS CLI calls that would restore it").choices(["aws-cli"]))
    .option("-o, --output <path>", "write to this file, readable by you alone")
    .action((run: string, flags: ShowFlags) =>
      start(async () => (await import("./show.ts")).showCommand(run, flags, shell)),
    );
  program
    .command("report [run]")
    .description("one run as a file: for people, for a CI, for machines")
    .addOption(new Option("--as <form>", "what is written").choices(reportForms).default("markdown"))
    .option("-o, --output <path>", "write to this file")
    .option("--all", "every run that is over, as openmetrics")
    .action((run: string | undefined, flags: ReportFlags) =>
      start(async () => (await import("./report.ts")).reportCommand(run, flags, shell)),
    );
}

function addSecret(program: Command, shell: Shell, start: Starter): void {
  program
    .command("secret")
    .description("keep file secrets encrypted on this machine: add, list, remove")
    .usage("[options] add <name> <file> | list | remove <name>")
    .addArgument(new Argument("<action>", "what to do").choices(secretActions))
    .argument("[secret]", "its name, as AWS_AUTHENTICATION_SECRET and probes use it")
    .argument("[path]", "the file that holds it; - reads standard input")
    .option("--keyring", "keep the store's key in the keyring of this desktop; for the first secret")
    .addOption(formatOption(["human", "json"]))
    .action((action: SecretAction, name: string | undefined, file: string | undefined, flags) =>
      start(async () => {
        const words = [name, file].filter((word) => word !== undefined);
        const asked = { action, words, format: flags.format, keyring: flags.keyring === true };
        return (await import("./secret.ts")).secretCommand(asked, shell);
      }),
    );
}

function addExec(program: Command, shell: Shell, start: Starter): void {
  program
    .command("exec <command> [args...]")
    .description("run any program with a dependency unplugged: its TCP connects to it fail")
    .usage("[options] [--] <command> [args...]")
    .passThroughOptions()
    .option(
      "--block <target>",
      "a name, *.suffix, address or range, with :PORT or without (repeatable, or commas between); '*', like none, is all outbound TCP but loopback",
      collect,
      [],
    )
    .option("--behavior <behavior>", "how a connect fails: refuse, timeout or hang (default: refuse)")
    .option("--timeout-ms <number>", "after how long, for timeout (default: 3000)")
    .option("--percentage <number>", "of the connects that match (default: 100)")
    .option("--seed <number>", "makes the same choice again, with --percentage (default: by chance)")
    .option("--after <seconds>", "let everything pass at first, for so long: 90, 90s, 5m (default: not)")
    .option("--for <seconds>", "let everything pass after so long: 90, 90s, 5m (default: never)")
    .option("--quiet", "say nothing; the lines from inside the program (armed, blocked) stay")
    .action((command: string, args: string[], flags: ExecFlags) =>
      start(async () => (await import("./exec.ts")).execCommand({ command, args, flags }, shell)),
    );
}

function addSandbox(program: Command, shell: Shell, start: Starter): void {
  program
    .command("sandbox")
    .description("a local AWS; prints the exports to use when it is ready")
    .option("--port <port>", "port to listen on; 0 takes a free one", "4566")
    .addOption(
      new Option("--timing <timing>", "how long changes take")
        .choices(["aws", "fast", "none"])
        .default("fast"),
    )
    .option("--metrics-delay <seconds>", "how late metrics arrive", "0")
    .option("--registry <url>", "a registry that holds the container images (default: the sandbox is one)")
    .option("--data <folder>", "keep what it holds there, for the next start (default: nothing is kept)")
    .action((flags: SandboxFlags) =>
      start(async () => (await import("./sandbox.ts")).sandboxCommand(flags, shell)),
    );
  program
    .command("demo [story]")
    .description("the whole story on the sandbox, no AWS account: toggle or block")
    .action((story: string | undefined) =>
      start(async () => (await import("./demo.ts")).demoCommand(story ?? "toggle", shell)),
    );
}

function addCompletion(program: Command, shell: Shell, start: Starter): void {
  program
    .command("completion")
    .description("what makes a shell complete our command lines")
    .addArgument(new Argument("<shell>", "the shell").choices(shellNames))
    .action((name: ShellName) =>
      start(async () => (await import("./completion.ts")).completionCommand(name, shell)),
    );
  program
    .command("__complete [words...]", { hidden: true })
    .description("what may stand for the last word; asked by the shells")
    .passThroughOptions()
    .action((words: string[]) =>
      start(async () => (await import("./complete.ts")).completeCommand(program, words, shell)),
    );
}

/** Commander's own prints the help of all where it does not know the command. */
function addHelp(program: Command): void {
  program
    .command("help [topic]")
    .description("print the help of a command")
    .action((name: string | undefined) => {
      const found = program.commands.find((command) => command.name() === name);
      if (name !== undefined && found === undefined) {
        const names = program.commands.map((command) => command.name());
        program.error(`error: unknown command '${name}'${didYouMean(name, names)}`);
      }
      (found ?? program).outputHelp();
    });
}

/** What fills in an experiment file. */
export interface FileFlags {
  readonly set: readonly string[];
  readonly var: readonly string[];
}

function withRunning(command: Command): Command {
  return command
    .option("--require-effect", "inconclusive unless the effect was seen, not only the state")
    .option("--restore-leftovers", "first restore what dead runs left on the same targets")
    .option("--out <folder>", "write all reports, result.json, events.ndjson and summary.txt there")
    .addOption(formatOption(["human", "json", "ndjson"]));
}

function formatOption(formats: readonly string[]): Option {
  return new Option("--format <format>", "what standard output gets").choices([...formats]).default("human");
}
