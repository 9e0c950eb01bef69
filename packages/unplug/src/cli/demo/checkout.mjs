// The shop's Lambda function: it writes one order into the shop's database, over TCP, and answers when it is written.
//
// As in much code that is in use, nothing here limits how long a connection may take: what protects its callers from a
// database that does not answer is the function's own timeout.
import { once } from "node:events";
import { connect } from "node:net";

const { DATABASE_HOST, DATABASE_PORT } = process.env;

/** One checkout. */
export async function handler({ order }) {
  const connection = connect(Number(DATABASE_PORT), DATABASE_HOST).setEncoding("utf8");
  try {
    await once(connection, "connect");
    connection.write(`TAKE ${order}\n`);
    const [answer] = await once(connection, "data");
    return { order, receipt: answer.trim() };
  } catch (error) {
    throw new Error(`The database cannot be reached: ${error.message}`);
  } finally {
    connection.destroy();
  }
}
