import { createServer, type Server } from "node:http";
import type { Lab } from "./lab.ts";
import { recordOf, textOf } from "./world.ts";

/** The agent of EKS Pod Identity on a node: gives a session of one role to whoever brings the token of the pod. */
export class PodIdentityAgent implements AsyncDisposable {
  readonly url: string;
  /** What came in place of a token, good or not. */
  readonly brought: string[] = [];
  /** The one that is taken. */
  token: string;
  readonly #server: Server;

  private constructor(server: Server, token: string) {
    const address = server.address();
    this.url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/v1/credentials`;
    this.token = token;
    this.#server = server;
  }

  static async open(lab: Lab, RoleArn: string, token: string): Promise<PodIdentityAgent> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const agent = new PodIdentityAgent(server, token);
    server.on("request", ({ headers: { authorization = "" } }, response) => {
      agent.brought.push(authorization);
      const answer = (status: number, body: unknown) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      };
      if (authorization !== agent.token) return answer(401, { message: "Unauthorized" });
      sessionAsAgent(lab, RoleArn).then(
        (session) => answer(200, session),
        (error: unknown) => answer(500, { message: String(error) }),
      );
    });
    return agent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** Source: AWS SDKs reference guide, "Container credential provider": the members of the answer. */
async function sessionAsAgent(lab: Lab, RoleArn: string): Promise<unknown> {
  const { Credentials } = await lab.call("sts:AssumeRole", { RoleArn, RoleSessionName: "eks-chaos-pod" });
  return {
    AccessKeyId: textOf(Credentials, "AccessKeyId"),
    SecretAccessKey: textOf(Credentials, "SecretAccessKey"),
    Token: textOf(Credentials, "SessionToken"),
    Expiration: new Date(Number(recordOf(Credentials)["Expiration"]) * 1000).toISOString(),
  };
}
