import type { Handlers } from "../caller.ts";
import { needText } from "../input.ts";
import type { IamParts } from "./iam.ts";
import { invalidInput, limitExceeded, noSuchEntity } from "./iam-errors.ts";
import type { StoredAccessKey } from "./iam-state.ts";
import { namedPrincipal, whole } from "./principals.ts";

const mostKeys = 2;

/** Keys of users: from the moment on at which one is made, its user's policies hold for whoever signs with it. */
export function accessKeyHandlers({ iam, ids }: IamParts): Handlers {
  const keysOf = (userArn: string): readonly StoredAccessKey[] =>
    [...iam.accessKeys.values()].filter((key) => key.userArn === userArn && key.secret !== null);
  return {
    CreateAccessKey: (input, context) => {
      const user = namedPrincipal(iam, "user", input, context);
      if (keysOf(user.arn).length >= mostKeys) {
        throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${mostKeys}`);
      }
      const id = `AKIA${ids.letters(16)}`;
      const secret = ids.letters(40);
      const createdAt = context.now;
      iam.accessKeys.set(id, { id, userArn: user.arn, secret, createdAt, status: "Active" });
      return {
        AccessKey: {
          UserName: user.name,
          AccessKeyId: id,
          Status: "Active",
          SecretAccessKey: secret,
          CreateDate: createdAt / 1000,
        },
      };
    },
    ListAccessKeys: (input, context) => {
      const user = namedPrincipal(iam, "user", input, context);
      const shown = keysOf(user.arn).map((key) => ({
        UserName: user.name,
        AccessKeyId: key.id,
        Status: key.status,
        CreateDate: key.createdAt / 1000,
      }));
      return whole("AccessKeyMetadata", shown);
    },
    UpdateAccessKey: (input, context) => {
      const key = ownKey(
        keysOf(namedPrincipal(iam, "user", input, context).arn),
        needText(input, "AccessKeyId"),
      );
      const status = needText(input, "Status");
      if (status !== "Active" && status !== "Inactive") {
        throw invalidInput(
          `Value '${status}' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]`,
        );
      }
      key.status = status;
      return {};
    },
    DeleteAccessKey: (input, context) => {
      const key = ownKey(
        keysOf(namedPrincipal(iam, "user", input, context).arn),
        needText(input, "AccessKeyId"),
      );
      iam.accessKeys.set(key.id, { ...key, secret: null });
      return {};
    },
  };
}

function ownKey(keys: readonly StoredAccessKey[], id: string): StoredAccessKey {
  const found = keys.find((key) => key.id === id);
  if (found === undefined) throw noSuchEntity(`The Access Key with id ${id} cannot be found.`);
  return found;
}
