import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A certificate and its key: where the files are, and what is in them. */
export interface Pair {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** An authority that was made a moment ago, and what it signs. Everything is in a folder that goes with it. */
export class Authority implements AsyncDisposable {
  readonly folder: string;
  readonly #openssl: string;
  readonly own: Pair;
  #signed = 0;

  private constructor(openssl: string, folder: string, own: Pair) {
    this.#openssl = openssl;
    this.folder = folder;
    this.own = own;
  }

  static async make(openssl: string): Promise<Authority> {
    const folder = await mkdtemp(join(tmpdir(), "unplug-authority-"));
    const { key, cert } = filesOf(folder, "authority");
    await run(openssl, [...request(key, "authority"), "-x509", "-days", "2", "-out", cert]);
    return new Authority(openssl, folder, await pairOf(folder, "authority"));
  }

  /** A certificate for a host name, and for somebody who shows it. */
  async sign(name: string): Promise<Pair> {
    const { key, cert } = filesOf(this.folder, name);
    const asked = join(this.folder, `${name}.csr`);
    const extensions = join(this.folder, `${name}.ext`);
    await writeFile(extensions, `subjectAltName = DNS:${name}\n`);
    await run(this.#openssl, [...request(key, name), "-out", asked]);
    // A file of serial numbers would be read by one while another that signs at the same time is writing it.
    this.#signed += 1;
    const serial = ["-set_serial", String(this.#signed)];
    const ours = ["-CA", this.own.certFile, "-CAkey", this.own.keyFile, ...serial];
    const out = ["-days", "2", "-extfile", extensions, "-out", cert];
    await run(this.#openssl, ["x509", "-req", "-in", asked, ...ours, ...out]);
    return pairOf(this.folder, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

function filesOf(folder: string, name: string) {
  return { key: join(folder, `${name}.key`), cert: join(folder, `${name}.pem`) };
}

function request(key: string, name: string): readonly string[] {
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  return ["req", ...curve, "-keyout", key, "-subj", `/CN=${name}`];
}

async function pairOf(folder: string, name: string): Promise<Pair> {
  const { key, cert } = filesOf(folder, name);
  const read = (path: string) => readFile(path, "utf8");
  return { certFile: cert, keyFile: key, cert: await read(cert), key: await read(key) };
}
