//! Checks whether something answers at an address: one plain request over loopback is enough to see that a server
//! is up.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// Returns the status of a GET; `None` when nothing answers.
pub fn status(address: SocketAddr, path: &str) -> Option<u16> {
    let wait = Duration::from_secs(5);
    let mut stream = TcpStream::connect_timeout(&address, wait).ok()?;
    stream.set_read_timeout(Some(wait)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").ok()?;
    let mut head = [0; 32];
    let read = stream.read(&mut head).ok()?;
    std::str::from_utf8(&head[..read]).ok()?.split_whitespace().nth(1)?.parse().ok()
}

/// True if nothing listens there yet.
pub fn is_free(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_ok()
}

/// Returns a free address on loopback. Another program may take it before it is used; the start then fails and
/// says so.
pub fn free() -> std::io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}
