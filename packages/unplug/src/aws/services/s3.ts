import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { ClientConfig, Service } from "./service.ts";

export function openService(config: ClientConfig): Service {
  // A bucket's name may have dots, which no certificate covers, and not every endpoint has a host for each bucket.
  const client = new S3Client({ ...config, forcePathStyle: true });
  return {
    operations: {
      ListObjectsV2: (input, options) => client.send(new ListObjectsV2Command(input), options),
      HeadObject: (input, options) => client.send(new HeadObjectCommand(input), options),
      PutObject: (input, options) => client.send(new PutObjectCommand(input), options),
      DeleteObject: (input, options) => client.send(new DeleteObjectCommand(input), options),
    },
  };
}
