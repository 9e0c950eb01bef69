import { expect, it } from "vitest";
import { smallestZip, virtualCloud, withFunction } from "../cloud-for-test.ts";

/** A zip whose directory says that its one file has this size. */
function zipOfSize(bytes: number): Buffer {
  const zip = smallestZip();
  zip.writeUInt32LE(bytes, zip.readUInt32LE(zip.length - 6) + 24);
  return zip;
}

it("refuses code and layers that unzip to more than 250 MB together, whichever comes last", async () => {
  const virtual = virtualCloud();
  await withFunction(virtual, "f");
  const LayerName = "large";
  const Content = { ZipFile: zipOfSize(262_000_000) };
  const { LayerVersionArn } = await virtual.call("lambda:PublishLayerVersion", { LayerName, Content });
  const configure = { FunctionName: "f", Layers: [LayerVersionArn] };
  const code = (bytes: number) =>
    virtual.call("lambda:UpdateFunctionCode", { FunctionName: "f", ZipFile: zipOfSize(bytes) });
  await code(144_001);
  virtual.pass(10_000);
  const refusal = {
    status: 400,
    code: "InvalidParameterValueException",
    message:
      "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is 262144001 bytes.",
  };
  await expect(virtual.call("lambda:UpdateFunctionConfiguration", configure)).rejects.toMatchObject(refusal);
  await code(144_000);
  virtual.pass(10_000);
  await virtual.call("lambda:UpdateFunctionConfiguration", configure);
  virtual.pass(10_000);
  await expect(code(144_001)).rejects.toMatchObject(refusal);
});
