// The function in JavaScript that first-contact.sh makes: says what became of a connection to HOST.
import { connect } from "node:net";

const made = Math.round(performance.timeOrigin);
const tried = ([host, port]) =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (said) => {
      socket.destroy();
      resolve(said);
    };
    socket
      .on("connect", () => end("connected"))
      .on("timeout", () => end("timeout"))
      .on("error", (error) => end(error.code));
  });
export const handler = async (event) => {
  if (event?.Records) return;
  return `${await tried(process.env.HOST.split(":"))} environment=${made}`;
};
