<?php
// php.php stream|http|sockets TARGET LIMIT_MS [TARGET LIMIT_MS]...: connects to each, with a limit of its own (of a minute
// for 0: PHP has no none), and prints a line of JSON about it.

function stream(string $target, float $limit): string
{
    $stream = @stream_socket_client("tcp://$target", $number, $message, $limit);
    return $stream === false ? $message : "connected";
}

function http(string $target, float $limit): string
{
    $context = stream_context_create(["http" => ["timeout" => $limit]]);
    if (@file_get_contents("http://$target/", false, $context) !== false) {
        return "connected";
    }
    return preg_replace("/^.*: /", "", error_get_last()["message"]);
}

/** The calls of C under their own names; they take one address, so the name is looked up before. */
function sockets(string $target, float $limit): string
{
    preg_match('/^\[?(.*?)\]?:(\d+)$/', $target, $parts);
    $isSix = str_contains($parts[1], ":");
    $address = $isSix ? $parts[1] : gethostbyname($parts[1]);
    $socket = socket_create($isSix ? AF_INET6 : AF_INET, SOCK_STREAM, SOL_TCP);
    $time = ["sec" => (int) $limit, "usec" => (int) (fmod($limit, 1) * 1e6)];
    socket_set_option($socket, SOL_SOCKET, SO_SNDTIMEO, $time);
    if (@socket_connect($socket, $address, (int) $parts[2])) {
        return "connected";
    }
    return socket_strerror(socket_last_error($socket));
}

$how = $argv[1];
foreach (array_chunk(array_slice($argv, 2), 2) as [$target, $limitMs]) {
    $limit = $limitMs > 0 ? $limitMs / 1000 : 60.0;
    $started = hrtime(true);
    $outcome = $how($target, $limit);
    $ms = intdiv(hrtime(true) - $started, 1_000_000);
    echo json_encode(["target" => $target, "outcome" => $outcome, "ms" => $ms], JSON_UNESCAPED_SLASHES), "\n";
}
