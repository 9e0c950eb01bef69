import { describe, expect, it } from "vitest";
import { type VirtualCloud, virtualCloud, withFunction, withMapping } from "../cloud-for-test.ts";

const Resource = "arn:aws:lambda:us-east-1:000000000000:function:f";

const tag = (virtual: VirtualCloud, Tags: Record<string, string>, arn = Resource) =>
  virtual.call("lambda:TagResource", { Resource: arn, Tags });
const untag = (virtual: VirtualCloud, TagKeys: string[], arn = Resource) =>
  virtual.call("lambda:UntagResource", { Resource: arn, TagKeys });
const tagsOf = (virtual: VirtualCloud, arn = Resource) => virtual.call("lambda:ListTags", { Resource: arn });

describe("tags of a function", () => {
  it("are added, replaced and removed, and shown with the function as long as there are some", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f", { Tags: { team: "blue" } });
    await tag(virtual, { stage: "test", team: "red" });
    expect(await tagsOf(virtual)).toEqual({ Tags: { team: "red", stage: "test" } });
    await untag(virtual, ["stage", "never"]);
    expect(await virtual.call("lambda:GetFunction", { FunctionName: "f" })).toMatchObject({
      Tags: { team: "red" },
    });
    await untag(virtual, ["team"]);
    expect(await virtual.call("lambda:GetFunction", { FunctionName: "f" })).not.toHaveProperty("Tags");
  });

  it("change its revision id and not its state", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const read = () => virtual.call("lambda:GetFunctionConfiguration", { FunctionName: "f" });
    const before = await read();
    await tag(virtual, { team: "blue" });
    const after = await read();
    expect(after).toEqual({ ...before, RevisionId: after["RevisionId"] });
    expect(after["RevisionId"]).not.toBe(before["RevisionId"]);
  });

  it("are fifty at most, also when the function is made", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`key${i}`, "x"]));
    await expect(tag(virtual, many)).rejects.toThrow("Number of tags exceeds resource tag limit.");
    await expect(withFunction(virtual, "g", { Tags: many })).rejects.toThrow(/tag limit/);
    delete many["key50"];
    await tag(virtual, many);
    await expect(tag(virtual, { one: "more" })).rejects.toThrow(/tag limit/);
  });

  it("are refused when nothing is given", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    await expect(tag(virtual, {})).rejects.toThrow("An error occurred and the request cannot be processed.");
    await expect(untag(virtual, [])).rejects.toMatchObject({
      code: "ValidationException",
      message:
        "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
    });
  });
});

describe("what can have tags", () => {
  it("is a mapping too", async () => {
    const virtual = virtualCloud();
    const uuid = await withMapping(virtual);
    const arn = `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${uuid}`;
    await tag(virtual, { team: "blue" }, arn);
    expect(await tagsOf(virtual, arn)).toEqual({ Tags: { team: "blue" } });
  });

  const prefix = "arn:aws:lambda:us-east-1:000000000000";
  const uuid = "11111111-2222-3333-4444-555555555555";
  it.each([
    [`${prefix}:function:g`, `Function not found: ${prefix}:function:g`],
    [`${prefix}:function:g:live`, "Tags on function aliases and versions are not supported."],
    [`${prefix}:event-source-mapping:${uuid}`, `Event source mapping not found: ${prefix}:event-source`],
    [`${prefix}:capacity-provider:c`, `Capacity provider not found: ${prefix}:capacity-provider:c`],
    [`${prefix}:event-source-mapping:${uuid}:x`, "at 'resource' failed to satisfy constraint"],
    [`${prefix}:thing:t`, "at 'resource' failed to satisfy constraint"],
  ])("is not %s", async (arn, words) => {
    await expect(tagsOf(virtualCloud(), arn)).rejects.toMatchObject({
      message: expect.stringContaining(words),
    });
  });
});
