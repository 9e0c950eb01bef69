import { Readable } from "node:stream";
import { ApiError } from "../api-error.ts";
import { isRecord } from "../input.ts";
import { digestOf } from "./blob-store.ts";
import { mediaTypes, readManifest } from "./manifest.ts";
import type { Repository } from "./repository-store.ts";

/** A registry by its URL, which holds the images of all repositories in place of the sandbox. */
export interface ForeignRegistry {
  /** Without a slash at the end, and without a login. */
  readonly url: string;
  /** `user:password` where its URL had them; else null. */
  readonly login: string | null;
  /** Whether it has anything under a name. */
  has(name: string): Promise<boolean>;
  /** Makes images and tags of a repository those of the registry; with a digest, also that image if it is there. */
  refresh(repository: Repository, digest: string | null): Promise<void>;
  /** Removes an image; `left` are tags that it keeps. */
  remove(repository: Repository, digest: string, left: readonly string[]): Promise<void>;
  /** The bytes of a blob, not checked. */
  blob(name: string, digest: string): Promise<Readable>;
}

const accept = Object.values(mediaTypes).join(", ");

/** Throws TypeError for what is no URL. The registry is not asked before it is needed. */
export function foreignRegistry(given: string): ForeignRegistry {
  const parsed = new URL(given);
  const login =
    parsed.username === ""
      ? null
      : `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
  const url = `${parsed.protocol}//${parsed.host}${parsed.pathname.replace(/\/$/, "")}`;
  const ask = asker(url, login);
  const manifestOf = async (name: string, reference: string) => {
    const answer = await ask("GET", `${name}/manifests/${reference}`, { accept });
    if (answer.status === 404) return undefined;
    const manifest = Buffer.from(await needed(answer).arrayBuffer());
    return { manifest, digest: digestOf(manifest), mediaType: answer.headers.get("content-type") ?? "" };
  };
  return {
    url,
    login,
    has: async (name) => (await tagsAt(ask, name)) !== undefined,
    refresh: async (repository, digest) => {
      const { images, tags, name, blobs } = repository;
      const found = new Map<string, string>();
      for (const reference of [...((await tagsAt(ask, name)) ?? []), ...images.keys(), digest ?? ""]) {
        if (reference === "") continue;
        const read = await manifestOf(name, reference);
        if (read === undefined) images.delete(reference);
        if (read === undefined) continue;
        if (!images.has(read.digest)) images.set(read.digest, { ...read, pushedMs: repository.createdMs });
        const { config, layers } = readManifest(read.manifest);
        for (const one of [...layers, ...(config === null ? [] : [config])]) blobs.set(one.digest, one.size);
        if (!reference.startsWith("sha256:")) found.set(reference, read.digest);
      }
      tags.clear();
      for (const [tag, named] of found) tags.set(tag, named);
    },
    remove: async ({ name, images }, digest, left) => {
      needed(await ask("DELETE", `${name}/manifests/${digest}`, {}), 404);
      // It takes all tags of the image away; those that are to stay are given again.
      const image = images.get(digest);
      for (const tag of left) {
        if (image === undefined) continue;
        const headers = { "content-type": image.mediaType };
        needed(await ask("PUT", `${name}/manifests/${tag}`, headers, image.manifest));
      }
    },
    blob: async (name, digest) => {
      const { body } = needed(await ask("GET", `${name}/blobs/${digest}`, {}));
      return body === null ? Readable.from([]) : Readable.fromWeb(body);
    },
  };
}

type Ask = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: Buffer,
) => Promise<Response>;

function asker(url: string, login: string | null): Ask {
  const authorization =
    login === null ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` };
  return async (method, path, headers, body) => {
    const given = body === undefined ? {} : { body: new Uint8Array(body) };
    try {
      return await fetch(`${url}/v2/${path}`, {
        method,
        headers: { ...authorization, ...headers },
        ...given,
      });
    } catch (error) {
      const why =
        error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw unreachable(
        `${method} ${url}/v2/${path} failed: ${why}. Start the registry that --registry names`,
      );
    }
  };
}

function unreachable(words: string): ApiError {
  return new ApiError(500, "ServerException", `${words}.`, { type: null });
}

/** Throws for what is no success, or this status. */
function needed(answer: Response, alsoGood = 0): Response {
  if (answer.ok || answer.status === alsoGood) return answer;
  throw unreachable(`${answer.url} answered ${answer.status}: expected a success`);
}

async function tagsAt(ask: Ask, name: string): Promise<readonly string[] | undefined> {
  const answer = await ask("GET", `${name}/tags/list`, {});
  if (answer.status === 404) return undefined;
  const read: unknown = await needed(answer).json();
  const tags = isRecord(read) ? read["tags"] : null;
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
}
