# ruby.rb socket|tcpsocket|http TARGET LIMIT_MS [TARGET LIMIT_MS]...: connects to each, with a limit of its own unless that
# is 0, and prints a line of JSON about it.
require "json"
require "net/http"
require "socket"

how, *pairs = ARGV
ways = {
  "socket" => ->(host, port, limit) { Socket.tcp(host, port, connect_timeout: limit).close },
  "tcpsocket" => ->(host, port, limit) { TCPSocket.new(host, port, connect_timeout: limit).close },
  "http" => lambda do |host, port, limit|
    Net::HTTP.start(host, port, nil, open_timeout: limit) { |http| http.get("/") }
  end,
}

pairs.each_slice(2) do |target, limit_ms|
  limit = limit_ms == "0" ? nil : Integer(limit_ms) / 1000.0
  uri = URI("http://#{target}/")
  started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  begin
    ways.fetch(how).call(uri.hostname, uri.port, limit)
    outcome = "connected"
  rescue SystemCallError, IOError, Timeout::Error, SocketError => error
    outcome = error.class.name
  end
  ms = ((Process.clock_gettime(Process::CLOCK_MONOTONIC) - started) * 1000).round
  puts JSON.generate({ target: target, outcome: outcome, ms: ms })
  $stdout.flush
end
