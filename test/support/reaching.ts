/** Handlers that connect to each `port` of `host` and answer what became of it: `hello`, or the error's code. */
export const reachingNode = `import { connect } from "node:net";
const reach = (host, port) => new Promise((resolve) => {
  const socket = connect(port, host).setEncoding("utf8");
  socket.once("data", (text) => { socket.destroy(); resolve(text); }).once("error", (error) => resolve(error.code));
});
export const handler = async ({ host, ports }) => ({
  reached: await Promise.all(ports.map((port) => reach(host, port))),
  variables: Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("APP_"))),
});`;

export const reachingPython = `import errno, os, socket
def reach(host, port):
    try:
        with socket.create_connection((host, port), timeout=10) as connection:
            return connection.recv(100).decode()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
def handler(event, context):
    variables = {name: value for name, value in os.environ.items() if name.startswith("APP_")}
    return {"reached": [reach(event["host"], port) for port in event["ports"]], "variables": variables}
`;
