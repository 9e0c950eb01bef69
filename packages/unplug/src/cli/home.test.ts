import { expect, test } from "vitest";
import { stateFolder } from "./home.ts";

test.each([
  [{ UNPLUG_HOME: "/srv/unplug", XDG_STATE_HOME: "/state" }, "/srv/unplug"],
  [{ UNPLUG_HOME: "", XDG_STATE_HOME: "/state" }, "/state/unplug"],
  [{ XDG_STATE_HOME: "relative" }, "/home/me/.local/state/unplug"],
  [{}, "/home/me/.local/state/unplug"],
])("keeps its state, with %o, in %s", (env, folder) => {
  expect(stateFolder(env, "/home/me")).toBe(folder);
});
