import { describe, expect, it } from "vitest";
import { aManifest, answer, blob, failure, refuse, registryThat, serve, sha256 } from "./server-for-test.ts";

describe("what is written", () => {
  it("may be stored when the answer is lost, and is not sent again", async () => {
    const { registry, heard } = await registryThat((response) => response.destroy());
    expect(await failure(registry.putManifest(aManifest))).toMatchObject({
      code: "ECONNRESET",
      outcome: "unknown",
    });
    expect(heard).toHaveLength(1);
  });

  it("may be stored by a try that went wrong, whatever the next one says", async () => {
    let asked = 0;
    const { registry } = await registryThat((response) => {
      asked += 1;
      if (asked === 1) answer(response, 500);
      else refuse(response, 403, "DENIED");
    });
    expect(await failure(registry.putManifest(aManifest))).toMatchObject({
      code: "DENIED",
      outcome: "unknown",
    });
  });

  it("is not what was sent when the registry names another digest", async () => {
    const { registry } = await registryThat((response) =>
      answer(response, 201, { "docker-content-digest": sha256("another") }),
    );
    const error = await failure(registry.putManifest(aManifest));
    expect(error).toMatchObject({ code: "WrongDigest", outcome: "unknown" });
  });

  it("goes nowhere but to the registry", async () => {
    const elsewhere = await serve((response) => answer(response, 201));
    const { registry, heard } = await registryThat((response, { what }) => {
      if (what.startsWith("HEAD")) answer(response, 404);
      else answer(response, 202, { location: `http://localhost:${elsewhere.port}/upload` });
    });
    const error = await failure(registry.putBlob(blob("content")));
    expect(error.message).toMatch(/names another host, localhost:\d+, to send it to.*Nothing was sent there/);
    expect(elsewhere.heard).toEqual([]);
    expect(heard).toHaveLength(2);
  });

  it("goes where a path with a query says, as octets", async () => {
    const { registry, heard } = await registryThat((response, { what }) => {
      if (what.startsWith("HEAD")) answer(response, 404);
      else if (what.startsWith("POST")) answer(response, 202, { location: "/up?_state=a%3D%3D" });
      else answer(response, 201);
    });
    await registry.putBlob(blob("content"));
    expect(heard.at(-1)).toMatchObject({
      what: `PUT /up?_state=a%3D%3D&digest=${encodeURIComponent(sha256("content"))}`,
      type: "application/octet-stream",
      body: Buffer.from("content"),
    });
  });

  it("begins anew where the connection was cut", async () => {
    let uploads = 0;
    const { registry } = await registryThat((response, { what }) => {
      if (what.startsWith("HEAD")) answer(response, 404);
      else if (what.startsWith("POST")) answer(response, 202, { location: "/up" });
      else {
        uploads += 1;
        if (uploads === 1) response.destroy();
        else answer(response, 201);
      }
    });
    await registry.putBlob(blob("content"));
    expect(uploads).toBe(2);
  });

  it("is not sent where the registry says that it is stored elsewhere, nor where it may not be asked for", async () => {
    const stored = await registryThat((response) =>
      answer(response, 307, { location: "http://127.0.0.1:1/" }),
    );
    await stored.registry.putBlob(blob("content"));
    expect(stored.heard.map(({ what }) => what.slice(0, 4))).toEqual(["HEAD"]);
    const denied = await registryThat((response) => answer(response, 403));
    expect(await failure(denied.registry.putBlob(blob("content")))).toMatchObject({
      code: "DENIED",
      outcome: "refused",
    });
    expect(denied.heard).toHaveLength(1);
  });

  it("is refused with the registry's words", async () => {
    const { registry } = await registryThat((response, { what }) => {
      if (what.startsWith("HEAD")) answer(response, 404);
      else refuse(response, 403, "DENIED", "User is not authorized to perform:\n ecr:InitiateLayerUpload");
    });
    const error = await failure(registry.putBlob(blob("content")));
    expect(error).toMatchObject({ code: "DENIED", outcome: "refused", status: 403 });
    expect(error.message).toContain("User is not authorized to perform: ecr:InitiateLayerUpload");
  });
});
