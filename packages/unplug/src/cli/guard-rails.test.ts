import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { commandLab, FAULT } from "./command-for-test.ts";
import { findGuardRails } from "./guard-rails.ts";

const rules = (spec: string) => `apiVersion: unplug.dev/v1\nkind: GuardRails\nspec: ${spec}\n`;

async function put(path: string, text: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

describe("guard rails", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "unplug-guard-test-"));
    await mkdir(join(folder, "work/deep"), { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const find = async (env: Readonly<Record<string, string>> = {}) =>
    findGuardRails({
      env,
      folder: join(folder, "work/deep"),
      home: join(folder, "home"),
      system: join(folder, "etc"),
    });
  const refused = (env: Readonly<Record<string, string>> = {}) =>
    find(env).then(
      () => "none",
      (error: Error) => error.message,
    );

  it("are none where nobody laid any down", async () => {
    expect(await find()).toBeNull();
  });

  it("are those of the platform, of who is named, the user's and each folder's above, all together", async () => {
    const files = [
      await put(join(folder, "etc/guard-rails.yaml"), rules("{ forbid: [code] }")),
      await put(join(folder, "named.yaml"), rules("{ forbid: [layer] }")),
      await put(join(folder, "home/.config/unplug/guard-rails.yaml"), rules("{ forbid: [version] }")),
      await put(join(folder, "work/unplug.guard-rails.yaml"), rules("{ forbid: [alias] }")),
      await put(join(folder, "work/deep/unplug.guard-rails.yaml"), rules("{}")),
    ];
    const found = await find({ UNPLUG_GUARD_RAILS: "../../named.yaml" });
    expect(found?.files).toEqual(files);
    const place = { account: "1", region: "r", endpoint: null };
    const kinds = ["code", "layer", "version", "alias", "configuration"].filter((kind) => {
      const ref = { kind, id: "x", within: null, place };
      return (found?.refuseEdit({ ref, before: null, after: null }).length ?? 0) > 0;
    });
    expect(kinds).toEqual(["code", "layer", "version", "alias"]);
  });

  it("of the user are in XDG_CONFIG_HOME, where that is an absolute path", async () => {
    const file = await put(join(folder, "config/unplug/guard-rails.yaml"), rules("{}"));
    expect((await find({ XDG_CONFIG_HOME: join(folder, "config") }))?.files).toEqual([file]);
    expect(await find({ XDG_CONFIG_HOME: "config" })).toBeNull();
    expect(await find({ XDG_CONFIG_HOME: "/dev/null" })).toBeNull();
  });

  it("of the platform hold whatever a variable names", async () => {
    const file = await put(join(folder, "etc/guard-rails.yaml"), rules("{}"));
    expect((await find({ UNPLUG_GUARD_RAILS: "" }))?.files).toEqual([file]);
    expect(await refused({ UNPLUG_GUARD_RAILS: "/dev/null" })).toContain(
      "/dev/null: cannot be read: it is no file",
    );
    expect(await refused({ UNPLUG_GUARD_RAILS: "nowhere.yaml" })).toContain(
      "there is no such file or folder",
    );
  });

  it("that cannot be read forbid every run, each with its place", async () => {
    const broken = await put(join(folder, "etc/guard-rails.yaml"), rules("{ alow: {} }"));
    const folderInstead = join(folder, "work/unplug.guard-rails.yaml");
    await mkdir(folderInstead);
    const link = join(folder, "work/deep/unplug.guard-rails.yaml");
    await symlink(join(folder, "nowhere"), link);
    expect((await refused()).split("\n")).toEqual([
      "Guard rails that cannot be read forbid every run.",
      `  - ${broken}:3:9: unknown key "alow" (did you mean "allow"?), expected one of allow, protect, require, limit, forbid`,
      `  - ${folderInstead}: cannot be read: it is a folder`,
      `  - ${link}: cannot be read: there is no such file or folder`,
      "Mend the file, or have it mended by who keeps it; `unplug schema --of guard-rails` describes one.",
    ]);
  });

  it.each(["etc/guard-rails.yml", "home/.config/unplug/guard-rails.yml", "work/unplug.guard-rails.yml"])(
    "that would not hold for their name forbid every run: %s",
    async (name) => {
      const file = await put(join(folder, name), rules("{}"));
      expect(await refused()).toContain(`its name ends in .yml: call ${basename(file)} `);
    },
  );

  it("that may not be read forbid every run", async () => {
    const file = await put(join(folder, "etc/guard-rails.yaml"), rules("{}"));
    await chmod(file, 0o000);
    // Who may read everything reads this, too.
    const asRoot = process.getuid?.() === 0;
    expect(await refused()).toContain(asRoot ? "none" : `${file}: cannot be read: no permission`);
  });
});

describe("the command", () => {
  let lab: Awaited<ReturnType<typeof commandLab>>;
  beforeAll(async () => {
    lab = await commandLab();
  });
  afterAll(() => lab.close());
  const given = [
    FAULT,
    "FUNCTION_NAME=orders",
    "EVENT_UUIDS=all",
    "TOTAL_CHAOS_DURATION=1",
    "DRAIN_TIMEOUT=0",
  ];

  test("prints which files hold and what they refuse, and runs nothing that they do", async () => {
    const file = join(lab.folder, ".config/unplug/guard-rails.yaml");
    const lay = (spec: string) => put(file, rules(spec));
    await lay('{ protect: { functions: ["ORD*"] } }');
    const [plan, run, policy] = await Promise.all([
      lab.run("plan", ...given),
      lab.run("fault", ...given),
      lab.run("policy", ...given),
    ]);
    expect(plan.code).toBe(3);
    expect(plan.out).toContain(`guard rails  ${file}`);
    expect(plan.out.replace(/\s+/g, " ")).toContain(`${file}:3:20: protect.functions: step`);
    expect(run.code).toBe(3);
    expect(`${run.out}${run.err}`.replace(/\s+/g, " ")).toContain("protect.functions: step");
    expect(policy.code, policy.err).toBe(0);
    expect(lab.delivering()).toBe(1);

    await lay("{ alow: {} }");
    const [broken, runs, restored] = await Promise.all([
      lab.run("fault", ...given),
      lab.run("runs"),
      lab.run("restore", "--all"),
    ]);
    expect(broken.code).toBe(3);
    expect(`${broken.out}${broken.err}`.replace(/\s+/g, " ")).toContain('unknown key "alow"');
    expect([runs.code, restored.code]).toEqual([0, 0]);
    expect(lab.delivering()).toBe(1);

    await lay('{ allow: { functions: [orders], accounts: ["000000000000"] }, limit: { hold: 1s } }');
    const permitted = await lab.run("fault", ...given);
    expect(permitted.code, permitted.out + permitted.err).toBe(0);
    expect(permitted.out + permitted.err).toContain(file);
  });
});
