import { type Argument, type Command, Help, type Option } from "commander";
import { type Example, type HelpModel, helpText } from "./help-text.ts";

/** What the help of a command says beyond its options. */
export interface CommandNotes {
  /** Paragraphs. */
  readonly notes?: readonly string[];
  readonly examples: readonly Example[];
}

/** By the command's name. */
export const commandNotes: Readonly<Record<string, CommandNotes>> = {
  run: {
    notes: [
      "`unplug faults ID --example` prints a file to start from. Ctrl-C ends a run early: it restores first.",
    ],
    examples: [
      { line: "unplug run experiment.yaml", does: "" },
      { line: "unplug run experiment.yaml --out results", does: "leave a report for CI in results/" },
      {
        line: "unplug run experiment.yaml --set orders-off.TOTAL_CHAOS_DURATION=5m --var FUNCTION=orders",
        does: "another duration of the step orders-off, and ${FUNCTION}",
      },
    ],
  },
  fault: {
    notes: ["`unplug fault ID --help` tells the fault's tunables."],
    examples: [
      { line: "unplug fault lambda-throttle FUNCTION_NAME=orders REGION=us-east-1", does: "" },
      {
        line: "unplug fault lambda-toggle-event-mapping-state FUNCTION_NAME=orders EVENT_UUIDS=all TOTAL_CHAOS_DURATION=5m --require-effect",
        does: "no pass unless the effect was seen",
      },
    ],
  },
  plan: {
    examples: [
      { line: "unplug plan experiment.yaml", does: "" },
      { line: "unplug plan lambda-throttle FUNCTION_NAME=orders REGION=us-east-1 --format json", does: "" },
    ],
  },
  policy: {
    examples: [
      { line: "unplug policy experiment.yaml > policy.json", does: "" },
      { line: "unplug policy lambda-throttle FUNCTION_NAME=orders REGION=us-east-1", does: "" },
      { line: "unplug policy --all --as terraform", does: "before there is an experiment" },
      {
        line: "unplug policy --trust irsa --oidc-provider https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE --service-account chaos/unplug",
        does: "who may take the role in a cluster",
      },
    ],
  },
  restore: {
    notes: [
      "`unplug runs` lists what is unfinished. A restore may be repeated: it takes out what is ours and nothing else.",
      "--format json prints each run as `unplug show RUN --format json` does; where it is refused, `refused` says why.",
    ],
    examples: [
      { line: "unplug restore r-20261121-2104-k7f3", does: "" },
      { line: "unplug restore --all", does: "" },
      {
        line: "unplug restore --function orders --region us-east-1",
        does: "on another machine, by the marker that the run left in AWS",
      },
    ],
  },
  abort: {
    examples: [
      { line: "unplug abort r-20261121-2104-k7f3", does: "" },
      { line: "unplug abort r-20261121-2104-k7f3 --leave", does: "keep it unplugged" },
    ],
  },
  runs: {
    notes: [
      "One that cannot be read is told with the reason, with --format json as `unreadable`: what is not known of it is null or empty.",
    ],
    examples: [
      { line: "unplug runs", does: "" },
      { line: "unplug runs --all --format json", does: "" },
    ],
  },
  show: {
    examples: [
      { line: "unplug show r-20261121-2104-k7f3", does: "" },
      { line: "unplug show r-20261121-2104-k7f3 --as aws-cli -o restore.sh", does: "restore without Unplug" },
    ],
  },
  report: {
    notes: [
      "It is made from the journal alone, at any time later. Values of a function's variables are in none of them.",
      "openmetrics is for the textfile collector of Prometheus's node_exporter: the newest run of each experiment, how many there were, and how many cannot be read.",
    ],
    examples: [
      { line: "unplug report r-20261121-2104-k7f3 --as html -o report.html", does: "" },
      { line: 'unplug report r-20261121-2104-k7f3 >> "$GITHUB_STEP_SUMMARY"', does: "Markdown, for a CI" },
      { line: "unplug report --all --as openmetrics -o unplug.prom", does: "" },
    ],
  },
  faults: {
    examples: [
      { line: "unplug faults", does: "" },
      { line: "unplug faults lambda-throttle", does: "" },
      { line: "unplug faults lambda-throttle --example > experiment.yaml", does: "" },
    ],
  },
  probes: {
    examples: [
      { line: "unplug probes", does: "" },
      { line: "unplug probes prometheus", does: "" },
    ],
  },
  schema: {
    examples: [
      { line: "unplug schema > experiment.schema.json", does: "for an editor that checks YAML by it" },
      { line: "unplug schema --of report", does: "what --format json and report --as json print" },
    ],
  },
  doctor: {
    notes: [
      "It tells identity, endpoint, clock, journal, unfinished runs, and what of Unplug's is in the account: markers, versions, layers, tags, staged code, pushed images. What it may not look at it names.",
      "It ends with 0 when nothing is left, 4 when something is, 3 when something would stop a run. AWS_PROFILE, ASSUME_ROLE_ARN and AWS_AUTHENTICATION_SECRET of the environment count.",
    ],
    examples: [
      { line: "unplug doctor --region us-east-1", does: "" },
      { line: "unplug doctor --region us-east-1 --function orders", does: "and what it may do there" },
    ],
  },
  secret: {
    notes: [
      "A secret is never shown again. It is encrypted (AES-256-GCM) with a key of your own in UNPLUG_HOME, secret.key, made at the first use; whoever has both files has the secrets.",
      "With --keyring the key is in the keyring instead (secret-tool on Linux, the keychain on macOS), and can be read only while you are logged in to the desktop: not for what a restore at night may need.",
      "A file of the same name in the folder of UNPLUG_SECRETS is read before the store.",
    ],
    examples: [
      { line: "unplug secret add chaos ~/chaos-credentials", does: "for AWS_AUTHENTICATION_SECRET=chaos" },
      { line: "pass show shop/token | unplug secret add shop-token -", does: "from standard input" },
      { line: "unplug secret list", does: "" },
      { line: "unplug secret remove chaos", does: "" },
    ],
  },
  exec: {
    notes: [
      "It ends as COMMAND ends, with its exit code or by its signal. COMMAND was not started: 2 (usage), 3 (cannot be reached).",
      "Reached, on Linux, are programs that call libc, and what they start: not static and set-user-ID programs.",
      "A program of Go 1.19 or later is started as a patched copy among the temporary files, which goes when it ends; Go programs that others start are not reached: the third example is for what Go's own tool starts.",
      "Loopback, link-local addresses (169.254.0.0/16, fe80::/10, AWS's fd00:ec2::/32), UDP and name look-ups always pass.",
      "Inside another exec, the inner one's targets alone count.",
    ],
    examples: [
      { line: "unplug exec --block db.internal:5432 -- npm test", does: "" },
      {
        line: "unplug exec --block '*.amazonaws.com' --behavior timeout curl https://s3.amazonaws.com",
        does: "",
      },
      { line: "go test -exec 'unplug exec --block db.internal --' ./...", does: "the same with go run" },
    ],
  },
  sandbox: {
    examples: [
      { line: "unplug sandbox", does: "give what it prints to a second shell" },
      { line: "unplug sandbox --port 0 --timing aws", does: "a free port, and AWS's own delays" },
    ],
  },
  demo: {
    notes: [
      "Each takes half a minute, on a function that really runs; Ctrl-C ends it early, and nothing is left.",
      "toggle, the one without a name: a queue stops delivering to its function. Is an order lost?",
      "block: a function's database cannot be reached. Does the function fail at once, or hang until its timeout? Linux only.",
    ],
    examples: [
      { line: "unplug demo", does: "" },
      { line: "unplug demo block", does: "" },
    ],
  },
  completion: {
    notes: [
      'bash: put `eval "$(unplug completion bash)"` into ~/.bashrc.',
      'zsh: put `eval "$(unplug completion zsh)"` into ~/.zshrc, after compinit; or save it as _unplug in a folder of $fpath.',
      "fish: unplug completion fish > ~/.config/fish/completions/unplug.fish",
    ],
    examples: [{ line: 'eval "$(unplug completion bash)"', does: "for this shell alone" }],
  },
  help: {
    examples: [{ line: "unplug help run", does: "" }],
  },
};

/** As the usage line writes it. */
function argumentText(argument: Argument): string {
  const { required, variadic } = argument;
  const text = `${argument.name()}${variadic ? "..." : ""}`;
  return required ? `<${text}>` : `[${text}]`;
}

/** The help of a command as it describes itself. */
export function helpModelOf(command: Command, helper: Help): HelpModel {
  const { notes = [], examples } = commandNotes[command.name()] ?? { notes: [START], examples: [] };
  const lists = [
    {
      title: "Arguments:",
      items: helper
        .visibleArguments(command)
        .map((one) => [helper.argumentTerm(one), helper.argumentDescription(one)] as const),
    },
    {
      title: "Options:",
      items: helper
        .visibleOptions(command)
        .map((one) => [helper.optionTerm(one), helper.optionDescription(one)] as const),
    },
    {
      title: "Commands:",
      items: helper
        .visibleCommands(command)
        .map((one) => [helper.subcommandTerm(one), helper.subcommandDescription(one)] as const),
    },
  ];
  return {
    usage: helper.commandUsage(command),
    description: command.description(),
    lists: lists.filter(({ items }) => items.length > 0),
    notes,
    examples,
  };
}

/** What the help of all ends with. */
const START = "Try it without an AWS account: unplug demo";

export const helpLayout: Partial<Help> = {
  subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(argumentText)].join(" "),
  optionDescription: (option: Option) =>
    // That a list is empty by default is no news.
    Array.isArray(option.defaultValue) ? option.description : new Help().optionDescription(option),
  formatHelp: (command, helper) => helpText(helpModelOf(command, helper), helper.helpWidth ?? 80),
};
