"""The managed runtime for python*: loads the handler, then asks the Runtime API for one invocation after another."""

import http.client
import importlib
import json
import logging
import os
import sys
import sysconfig
import time
import traceback

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
BASE = "/2018-06-01/runtime/"


class RuntimeFailure(Exception):
    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.trace = list(trace)


class RequestIdFilter(logging.Filter):
    request_id = ""

    def filter(self, record):
        record.aws_request_id = RequestIdFilter.request_id
        return True


# One line per record: the sandbox takes the control character inside for a line break.
BREAK = "\x1e"
# At the end of a record that no line break is to follow.
NO_BREAK = "\x1f"


class OneRecordFormatter(logging.Formatter):
    def format(self, record):
        return super().format(record).replace("\n", BREAK)


class CognitoIdentity:
    def __init__(self, values):
        self.cognito_identity_id = values.get("cognitoIdentityId")
        self.cognito_identity_pool_id = values.get("cognitoIdentityPoolId")


class ClientContext:
    def __init__(self, values):
        self.custom = values.get("custom")
        self.env = values.get("env")
        self.client = values.get("client")


class LambdaContext:
    def __init__(self, headers):
        env = os.environ
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = env["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = env["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = env["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = env["AWS_LAMBDA_LOG_STREAM_NAME"]
        client = headers.get("Lambda-Runtime-Client-Context")
        identity = headers.get("Lambda-Runtime-Cognito-Identity")
        self.client_context = ClientContext(json.loads(client)) if client else None
        self.identity = CognitoIdentity(json.loads(identity) if identity else {})
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))


class RuntimeApi:
    def __init__(self):
        self.connection = http.client.HTTPConnection(API)

    def call(self, method, path, body=None, headers=None):
        self.connection.request(method, BASE + path, body=body, headers=headers or {})
        answer = self.connection.getresponse()
        return answer.headers, answer.read()

    def post_error(self, path, shape):
        headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": shape["errorType"]}
        self.call("POST", path, json.dumps(shape, ensure_ascii=False).encode("utf-8", "surrogatepass"), headers)


def as_on_aws(path):
    """The path of a file where it is on AWS."""
    root = os.environ["LAMBDA_TASK_ROOT"]
    library = sysconfig.get_path("stdlib")
    for here, there in (
        (root, "/var/task"),
        (os.path.realpath(root), "/var/task"),
        (library, "/var/lang/lib/" + os.environ.get("AWS_EXECUTION_ENV", "").replace("AWS_Lambda_", "")),
    ):
        if path.startswith(here + os.sep):
            return there + path[len(here):]
    return path


def shape_of(error, request_id):
    if isinstance(error, RuntimeFailure):
        error_type, trace = error.error_type, error.trace
    else:
        error_type = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)
        # Without the marks below a line, which the runtimes of AWS leave out.
        trace = traceback.format_list(
            [(as_on_aws(f.filename), f.lineno, f.name, f.line) for f in frames if f.filename != __file__]
        )
    shape = {"errorMessage": str(error), "errorType": error_type, "requestId": request_id, "stackTrace": trace}
    if os.environ.get("AWS_EXECUTION_ENV", "").endswith(("python3.6", "python3.7", "python3.8")):
        del shape["requestId"]
    return shape


def indented(line):
    """Keeps the indentation of a line where consoles would drop it."""
    text = line.lstrip(" ")
    return "\u00a0" * (len(line) - len(text)) + text


def report(shape):
    lines = ["[ERROR] {}: {}".format(shape["errorType"], shape["errorMessage"]), "Traceback (most recent call last):"]
    lines += [indented(line) for element in shape["stackTrace"] for line in element.splitlines()]
    print("\n".join(lines).replace("\n", BREAK) + NO_BREAK, flush=True)


def load_handler(text):
    module_name, dot, function_name = text.rpartition(".")
    if not dot or not module_name or not function_name:
        raise RuntimeFailure(
            "Runtime.MalformedHandlerName", "Bad handler '{}': not enough values to unpack (expected 2, got 1)".format(text)
        )
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise RuntimeFailure(
            "Runtime.ImportModuleError", "Unable to import module '{}': {}".format(module_name, error)
        ) from error
    except SyntaxError as error:
        trace = ['  File "{}" Line {}\n    {}\n'.format(as_on_aws(error.filename or ""), error.lineno, (error.text or "").strip())]
        raise RuntimeFailure(
            "Runtime.UserCodeSyntaxError", "Syntax error in module '{}': {}".format(module_name, error), trace
        ) from error
    if not hasattr(module, function_name):
        raise RuntimeFailure(
            "Runtime.HandlerNotFound", "Handler '{}' missing on module '{}'".format(function_name, module_name)
        )
    return getattr(module, function_name)


def encode(value):
    try:
        return json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (TypeError, ValueError) as error:
        raise RuntimeFailure("Runtime.MarshalError", "Unable to marshal response: {}".format(error)) from error


def decode(body):
    try:
        return json.loads(body)
    except ValueError as error:
        raise RuntimeFailure("Runtime.UnmarshalError", "Unable to unmarshal input: {}".format(error)) from error


def set_up_logging():
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        OneRecordFormatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S")
    )
    handler.formatter.converter = time.gmtime
    handler.addFilter(RequestIdFilter())
    logging.getLogger().addHandler(handler)


def serve(api, handler):
    while True:
        headers, body = api.call("GET", "invocation/next")
        request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        RequestIdFilter.request_id = request_id
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        try:
            answer = encode(handler(decode(body), LambdaContext(headers)))
        except Exception as error:
            shape = shape_of(error, request_id)
            report(shape)
            api.post_error("invocation/{}/error".format(request_id), shape)
        else:
            api.call("POST", "invocation/{}/response".format(request_id), answer, {"Content-Type": "application/json"})
        sys.stdout.flush()
        sys.stderr.flush()


def main():
    sys.stdout.reconfigure(line_buffering=True, encoding="utf-8")
    set_up_logging()
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    if sys.path[0] == "/var/task":
        version = os.environ["AWS_EXECUTION_ENV"].replace("AWS_Lambda_", "")
        sys.path[1:1] = ["/opt/python/lib/{}/site-packages".format(version), "/opt/python"]
    # The code folder is shared by all environments of one package and is to stay as it was unpacked.
    sys.dont_write_bytecode = True
    # It would keep the programs of some systems from starting, so it is set for child processes only.
    task = os.environ["LAMBDA_TASK_ROOT"]
    libraries = "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:{0}:{0}/lib:/opt/lib".format(task)
    os.environ.setdefault("LD_LIBRARY_PATH", libraries)
    api = RuntimeApi()
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        shape = shape_of(error, "")
        report(shape)
        api.post_error("init/error", shape)
        sys.exit(1)
    try:
        serve(api, handler)
    except (ConnectionError, http.client.HTTPException):
        # The sandbox has gone: nothing is left to serve.
        sys.exit(1)


main()
