import type { CallContext, Handlers } from "../caller.ts";
import { type Input, needText, record, text } from "../input.ts";
import type { Bucket, BucketStore } from "./bucket-store.ts";
import { badArgument, badBucketName, badLocation, fullBucket, takenBucket } from "./s3-errors.ts";

interface Parts {
  readonly buckets: BucketStore;
}

const namePattern = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** A bucket lies where the call went; a location that says otherwise is refused. */
function checkLocation(input: Input, region: string): void {
  const configuration = record(input, "CreateBucketConfiguration");
  const given = configuration === undefined ? undefined : text(configuration, "LocationConstraint");
  if (given === undefined && region !== "us-east-1") throw badLocation("unspecified");
  if (given !== undefined && (given !== region || region === "us-east-1")) throw badLocation(given);
}

function create(parts: Parts, input: Input, context: CallContext): unknown {
  const name = needText(input, "Bucket");
  if (!namePattern.test(name)) throw badBucketName(name);
  checkLocation(input, context.region);
  const Location = `/${name}`;
  const taken = parts.buckets.find(name);
  if (taken !== undefined) {
    const isOwn = taken.place.account === context.account;
    // Source: S3, CreateBucket: in us-east-1 an owner who makes a bucket again gets 200.
    if (!isOwn || context.region !== "us-east-1" || taken.place.region !== context.region) {
      throw takenBucket(name, isOwn);
    }
    return { Location };
  }
  parts.buckets.add({
    name,
    place: { region: context.region, account: context.account },
    createdMs: context.now,
    versioning: null,
    objects: new Map(),
    uploads: new Map(),
  });
  return { Location };
}

function setVersioning(bucket: Bucket, input: Input): unknown {
  const status = text(record(input, "VersioningConfiguration") ?? {}, "Status");
  if (status !== "Enabled" && status !== "Suspended") {
    throw badArgument("The Status of a versioning configuration is Enabled or Suspended.");
  }
  bucket.versioning = status;
  return {};
}

/** S3's operations on buckets themselves. */
export function bucketHandlers(parts: Parts): Handlers {
  const named = (input: Input, context: CallContext): Bucket =>
    parts.buckets.get(needText(input, "Bucket"), context);
  return {
    CreateBucket: (input, context) => create(parts, input, context),
    ListBuckets: (_input, context) => ({
      Owner: { ID: context.account },
      Buckets: parts.buckets
        .of(context.account)
        .map(({ name: Name, createdMs }) => ({ Name, CreationDate: createdMs / 1000 })),
    }),
    HeadBucket: (input, context) => ({ BucketRegion: named(input, context).place.region }),
    GetBucketLocation: (input, context) => {
      const bucket = parts.buckets.get(needText(input, "Bucket"), {
        account: context.account,
        region: parts.buckets.find(needText(input, "Bucket"))?.place.region ?? context.region,
      });
      // Source: S3, GetBucketLocation: us-east-1 has no constraint.
      return bucket.place.region === "us-east-1" ? {} : { LocationConstraint: bucket.place.region };
    },
    GetBucketVersioning: (input, context) => {
      const { versioning } = named(input, context);
      return versioning === null ? {} : { Status: versioning };
    },
    PutBucketVersioning: (input, context) => setVersioning(named(input, context), input),
    DeleteBucket: (input, context) => {
      const bucket = named(input, context);
      if (bucket.objects.size > 0) throw fullBucket(bucket.name);
      parts.buckets.remove(bucket);
      return {};
    },
  };
}
