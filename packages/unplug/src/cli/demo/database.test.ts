import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { openDatabase } from "./database.ts";

test("keeps what it is told to take, however it comes, and answers each line", async () => {
  const database = await openDatabase("127.0.0.1");
  const connection = connect(database.port, database.host).setEncoding("utf8");
  connection.write("TAKE order-00001\nTAKE or");
  const [first] = await once(connection, "data");
  connection.write("der-00001\nDROP ALL\n");
  let rest = "";
  for await (const text of connection) {
    rest += text;
    if (rest.endsWith("NOT UNDERSTOOD\n")) break;
  }
  await database.close();

  expect([first, rest]).toEqual(["TAKEN 1\n", "TAKEN 2\nNOT UNDERSTOOD\n"]);
  expect(database.taken).toEqual(["order-00001", "order-00001"]);
});

test("is for those alone who call from its own address", async () => {
  const database = await openDatabase("127.0.0.1");
  const stranger = connect({ port: database.port, host: database.host, localAddress: "127.0.0.2" });
  stranger.on("error", () => undefined).write("TAKE order-00001\n");
  await once(stranger, "close");
  await database.close();

  expect(database.taken).toEqual([]);
});
