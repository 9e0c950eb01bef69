/** One operation of Lambda's REST API: its name, method, path and the status of a success. */
export interface LambdaOperation {
  readonly operation: string;
  readonly method: string;
  readonly segments: readonly string[];
  /** A query parameter with the value that it must have: two operations share a path. Null: none. */
  readonly query: readonly [string, string] | null;
  readonly status: number;
}

/** "METHOD path status", path with an optional `?name=value`. Source: the service model of Lambda. */
const table: Readonly<Record<string, string>> = {
  CreateFunction: "POST /2015-03-31/functions 201",
  ListFunctions: "GET /2015-03-31/functions 200",
  GetFunction: "GET /2015-03-31/functions/{FunctionName} 200",
  DeleteFunction: "DELETE /2015-03-31/functions/{FunctionName} 204",
  GetFunctionConfiguration: "GET /2015-03-31/functions/{FunctionName}/configuration 200",
  UpdateFunctionConfiguration: "PUT /2015-03-31/functions/{FunctionName}/configuration 200",
  UpdateFunctionCode: "PUT /2015-03-31/functions/{FunctionName}/code 200",
  Invoke: "POST /2015-03-31/functions/{FunctionName}/invocations 200",

  ListVersionsByFunction: "GET /2015-03-31/functions/{FunctionName}/versions 200",
  PublishVersion: "POST /2015-03-31/functions/{FunctionName}/versions 201",
  ListAliases: "GET /2015-03-31/functions/{FunctionName}/aliases 200",
  CreateAlias: "POST /2015-03-31/functions/{FunctionName}/aliases 201",
  GetAlias: "GET /2015-03-31/functions/{FunctionName}/aliases/{Name} 200",
  UpdateAlias: "PUT /2015-03-31/functions/{FunctionName}/aliases/{Name} 200",
  DeleteAlias: "DELETE /2015-03-31/functions/{FunctionName}/aliases/{Name} 204",

  GetPolicy: "GET /2015-03-31/functions/{FunctionName}/policy 200",
  AddPermission: "POST /2015-03-31/functions/{FunctionName}/policy 201",
  RemovePermission: "DELETE /2015-03-31/functions/{FunctionName}/policy/{StatementId} 204",

  PutFunctionConcurrency: "PUT /2017-10-31/functions/{FunctionName}/concurrency 200",
  DeleteFunctionConcurrency: "DELETE /2017-10-31/functions/{FunctionName}/concurrency 204",
  GetFunctionConcurrency: "GET /2019-09-30/functions/{FunctionName}/concurrency 200",
  ListProvisionedConcurrencyConfigs:
    "GET /2019-09-30/functions/{FunctionName}/provisioned-concurrency?List=ALL 200",
  GetProvisionedConcurrencyConfig: "GET /2019-09-30/functions/{FunctionName}/provisioned-concurrency 200",
  PutProvisionedConcurrencyConfig: "PUT /2019-09-30/functions/{FunctionName}/provisioned-concurrency 202",
  DeleteProvisionedConcurrencyConfig:
    "DELETE /2019-09-30/functions/{FunctionName}/provisioned-concurrency 204",

  ListFunctionEventInvokeConfigs: "GET /2019-09-25/functions/{FunctionName}/event-invoke-config/list 200",
  GetFunctionEventInvokeConfig: "GET /2019-09-25/functions/{FunctionName}/event-invoke-config 200",
  PutFunctionEventInvokeConfig: "PUT /2019-09-25/functions/{FunctionName}/event-invoke-config 200",
  UpdateFunctionEventInvokeConfig: "POST /2019-09-25/functions/{FunctionName}/event-invoke-config 200",
  DeleteFunctionEventInvokeConfig: "DELETE /2019-09-25/functions/{FunctionName}/event-invoke-config 204",

  CreateFunctionUrlConfig: "POST /2021-10-31/functions/{FunctionName}/url 201",
  GetFunctionUrlConfig: "GET /2021-10-31/functions/{FunctionName}/url 200",
  UpdateFunctionUrlConfig: "PUT /2021-10-31/functions/{FunctionName}/url 200",
  DeleteFunctionUrlConfig: "DELETE /2021-10-31/functions/{FunctionName}/url 204",
  ListFunctionUrlConfigs: "GET /2021-10-31/functions/{FunctionName}/urls 200",

  CreateCodeSigningConfig: "POST /2020-04-22/code-signing-configs 201",
  ListCodeSigningConfigs: "GET /2020-04-22/code-signing-configs 200",
  GetCodeSigningConfig: "GET /2020-04-22/code-signing-configs/{CodeSigningConfigArn} 200",
  UpdateCodeSigningConfig: "PUT /2020-04-22/code-signing-configs/{CodeSigningConfigArn} 200",
  DeleteCodeSigningConfig: "DELETE /2020-04-22/code-signing-configs/{CodeSigningConfigArn} 204",
  ListFunctionsByCodeSigningConfig:
    "GET /2020-04-22/code-signing-configs/{CodeSigningConfigArn}/functions 200",
  PutFunctionCodeSigningConfig: "PUT /2020-06-30/functions/{FunctionName}/code-signing-config 200",
  GetFunctionCodeSigningConfig: "GET /2020-06-30/functions/{FunctionName}/code-signing-config 200",
  DeleteFunctionCodeSigningConfig: "DELETE /2020-06-30/functions/{FunctionName}/code-signing-config 204",

  GetRuntimeManagementConfig: "GET /2021-07-20/functions/{FunctionName}/runtime-management-config 200",
  PutRuntimeManagementConfig: "PUT /2021-07-20/functions/{FunctionName}/runtime-management-config 200",
  GetFunctionRecursionConfig: "GET /2024-08-31/functions/{FunctionName}/recursion-config 200",
  PutFunctionRecursionConfig: "PUT /2024-08-31/functions/{FunctionName}/recursion-config 200",

  TagResource: "POST /2017-03-31/tags/{Resource} 204",
  UntagResource: "DELETE /2017-03-31/tags/{Resource} 204",
  ListTags: "GET /2017-03-31/tags/{Resource} 200",
  GetAccountSettings: "GET /2016-08-19/account-settings 200",

  CreateEventSourceMapping: "POST /2015-03-31/event-source-mappings 202",
  ListEventSourceMappings: "GET /2015-03-31/event-source-mappings 200",
  GetEventSourceMapping: "GET /2015-03-31/event-source-mappings/{UUID} 200",
  UpdateEventSourceMapping: "PUT /2015-03-31/event-source-mappings/{UUID} 202",
  DeleteEventSourceMapping: "DELETE /2015-03-31/event-source-mappings/{UUID} 202",

  GetLayerVersionByArn: "GET /2018-10-31/layers?find=LayerVersion 200",
  ListLayers: "GET /2018-10-31/layers 200",
  ListLayerVersions: "GET /2018-10-31/layers/{LayerName}/versions 200",
  PublishLayerVersion: "POST /2018-10-31/layers/{LayerName}/versions 201",
  GetLayerVersion: "GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber} 200",
  DeleteLayerVersion: "DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber} 204",
  GetLayerVersionPolicy: "GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy 200",
  AddLayerVersionPermission: "POST /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy 201",
  RemoveLayerVersionPermission:
    "DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId} 204",
};

function parsed([operation, line]: readonly [string, string]): LambdaOperation {
  const [method = "", target = "", status] = line.split(" ");
  const [path = "", search] = target.split("?");
  const [name, value] = search?.split("=") ?? [];
  return {
    operation,
    method,
    segments: path.split("/").filter((segment) => segment !== ""),
    query: name === undefined || value === undefined ? null : [name, value],
    status: Number(status),
  };
}

/** All operations; where two share a path, the one that asks for a query parameter comes first. */
export const lambdaOperations: readonly LambdaOperation[] = Object.entries(table).map(parsed);
