//! rust std TARGET LIMIT_MS [TARGET LIMIT_MS]...: connects to each, with a limit of its own unless that is 0, and prints a
//! line of JSON about it.
use std::io::{Error, Result};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// As `TcpStream::connect`, which takes no limit: each address in turn, the last error.
fn connect(target: &str, limit: Option<Duration>) -> Result<TcpStream> {
    let limit = match limit {
        None => return TcpStream::connect(target),
        Some(limit) => limit,
    };
    let mut last = Error::from_raw_os_error(0);
    for address in target.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, limit) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(2).collect();
    for pair in arguments.chunks(2) {
        let target = &pair[0];
        let limit = match pair[1].parse().expect("a limit in milliseconds") {
            0 => None,
            ms => Some(Duration::from_millis(ms)),
        };
        let started = Instant::now();
        let outcome = match connect(target, limit) {
            Ok(_) => "connected".to_string(),
            Err(error) => match error.raw_os_error() {
                Some(number) => format!("{:?} (os error {number})", error.kind()),
                None => format!("{:?}", error.kind()),
            },
        };
        let ms = started.elapsed().as_millis();
        println!("{{\"target\":\"{target}\",\"outcome\":\"{outcome}\",\"ms\":{ms}}}");
    }
}
