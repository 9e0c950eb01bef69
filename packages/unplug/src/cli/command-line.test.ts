import { describe, expect, test } from "vitest";
import { runCommandLine } from "./command-line.ts";

async function run(args: readonly string[], env: Record<string, string> = {}) {
  let [out, err] = ["", ""];
  const code = await runCommandLine(args, {
    env,
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    readInput: () => Promise.resolve(""),
  });
  return { code, out, err };
}

describe("the command line", () => {
  test("prints its help on stdout", async () => {
    const { code, out, err } = await run(["--help"]);

    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatchInlineSnapshot(`
      "Usage: unplug [options] [command]

      Chaos engineering for AWS Lambda that is certain to have put everything back.

      Options:
        -V, --version                      print the version
        -h, --help                         print this help

      Commands:
        run <file>                         run an experiment file; - reads it from
                                           standard input
        fault <id> [tunables...]           run one fault, no file; TUNABLE=VALUE, or
                                           environment variables of the same name
        plan <file-or-id> [tunables...]    what a run would call and change; changes
                                           nothing
        policy [file-or-id] [tunables...]  the least IAM policy for it, scoped to its
                                           resources
        restore [run]                      finish what a dead run left; with
                                           --function, without any journal
        abort <run>                        end a run that goes on: it restores at once
        runs                               the runs in the journal, newest first
        show <run>                         one run: what happened, and what is still
                                           in
        report [run]                       one run as a file: for people, for a CI,
                                           for machines
        faults [id]                        the faults, or one with its tunables
        probes [type]                      the types of probe, or one with its
                                           settings and measures
        schema                             the JSON Schema of an experiment file, of
                                           guard rails, or of what is reported as JSON
        doctor                             what would stop a run, and what runs left;
                                           changes nothing
        secret <action> [secret] [path]    keep file secrets encrypted on this
                                           machine: add, list, remove
        exec <command> [args...]           run any program with a dependency
                                           unplugged: its TCP connects to it fail
        sandbox                            a local AWS; prints the exports to use when
                                           it is ready
        demo [story]                       the whole story on the sandbox, no AWS
                                           account: toggle or block
        completion <shell>                 what makes a shell complete our command
                                           lines
        help [topic]                       print the help of a command

      Try it without an AWS account: unplug demo
      "
    `);
  });

  test("prints a version", async () => {
    expect((await run(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    ["no command", []],
    ["a misspelt command", ["rnu", "x.yaml"]],
    ["a misspelt command, asked for its help", ["rnu", "--help"]],
    ["a command that is like none", ["zzzzzz"]],
    ["a misspelt option", ["run", "x.yaml", "--ot", "d"]],
    ["a misspelt option of exec", ["exec", "--blok", "x", "true"]],
    ["an option of another command", ["runs", "--as", "aws-cli"]],
    ["a shell that is none", ["completion", "tcsh"]],
    ["a missing argument", ["run"]],
    ["an argument too many", ["run", "x.yaml", "y.yaml"]],
    ["a format that is none", ["runs", "--format", "xml"]],
    ["a file that is not there", ["run", "/nowhere/x.yaml"]],
    ["a folder for a file", ["run", "/"]],
    ["a variable without a value", ["run", "/dev/null", "--var", "x"]],
    ["an unknown fault", ["fault", "lambda-trotle"]],
    ["a fault's id cut short", ["fault", "lambda-block"]],
    ["an unknown fault to plan", ["plan", "lambda-trotle"]],
    ["a file's options for a fault", ["plan", "lambda-throttle", "--set", "a.B=c"]],
    ["an unknown fault to tell of", ["faults", "lambda-trotle"]],
    ["an example of nothing", ["faults", "--example"]],
    ["two ways to restore", ["restore", "r-1", "--all"]],
    ["mappings without their function", ["restore", "r-1", "--mapping", "u"]],
    ["a port that is none", ["sandbox", "--port", "high"]],
    ["tunables of a file", ["plan", "e.yaml", "FUNCTION_NAME=x"]],
    ["a mapping that is none", ["restore", "--function", "f", "--mapping", "nonsense"]],
    ["help for what is no command", ["help", "rnu"]],
    [
      "a folder that nobody can make",
      ["fault", "lambda-throttle", "FUNCTION_NAME=f", "REGION=us-east-1", "--out", "/proc/zz/y"],
    ],
    ["a story that is none", ["demo", "romance"]],
  ])("ends with 2 and says what is wrong: %s", async (_, args) => {
    const { code, out, err } = await run(args);

    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatchSnapshot();
  });

  test.each([[["help"]], [["help", "plan"]]])("%s prints help without noise", async (args) => {
    const { code, out, err } = await run(args);

    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`Usage: unplug ${args[1] ?? "[options]"}`);
    expect(out).not.toContain("(default: [])");
  });

  test("every command tells the same help in three ways, with an example", async () => {
    const { out: all } = await run(["help"]);
    const names = [...all.matchAll(/^ {2}([a-z]+)(?= )/gm)].map(([, name]) => name ?? "");
    expect(names).toContain("run");

    for (const name of names) {
      const [behind, before, short] = await Promise.all([
        run([name, "--help"]),
        run(["help", name]),
        run([name, "-h"]),
      ]);
      expect(behind).toEqual({ code: 0, err: "", out: expect.stringContaining("\nExamples:\n") });
      expect(before).toEqual(behind);
      expect(short).toEqual(behind);
    }
  });

  test.each(["fault", "plan", "policy", "faults"])(
    "%s ID --help tells the fault's tunables",
    async (name) => {
      const { code, out, err } = await run([name, "lambda-throttle", "CYCLES=2", "--help"]);

      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toMatch(/^Usage: unplug /);
      expect(out).toContain("RESERVED_CONCURRENCY");
      expect((await run([name, "lambda-trotle", "--help"])).out).not.toContain("Tunables:");
    },
  );

  test("tells of each fault, and prints a file that it takes itself", async () => {
    const { out: list } = await run(["faults"]);
    const ids = list.split("\n").filter((line) => line.startsWith("lambda-"));
    expect(ids.length).toBeGreaterThan(0);

    for (const id of ids) {
      const { loadExperiment } = await import("../load/load-experiment.ts");
      const { builtinFaults } = await import("../faults/index.ts");
      const { out: text, code } = await run(["faults", id, "--example"]);
      expect(code).toBe(0);
      const { builtinProbes } = await import("../probes/index.ts");
      const load = (written: string) =>
        loadExperiment({ file: id, text: written, faults: builtinFaults, probes: builtinProbes, env: {} });
      expect(load(text).experiment.steps).toHaveLength(1);
      // With its probes switched on.
      const whole = text.replace(/^ {2}# (?=probes:| )/gm, "  ");
      expect(load(whole).experiment.probes).toMatchObject([{ name: "answers", type: "http" }]);
      expect((await run(["faults", id])).out).toContain("TOTAL_CHAOS_DURATION");
    }
  });

  test("prints a JSON Schema", async () => {
    const { out } = await run(["schema"]);

    expect(JSON.parse(out)).toMatchObject({
      title: "Unplug experiment",
      required: ["apiVersion", "kind", "metadata", "spec"],
    });
  });
});
