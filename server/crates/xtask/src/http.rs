//! Checks whether something answers at an address: one plain request over loopback is enough to see that a server
//! is up.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

/// The ports among which a free one is looked for. They lie below those that the system gives away by itself, so no connection
/// takes one before a program listens there.
const FIRST: u16 = 30_000;
const PORTS: u16 = 2_000;
/// How many of them this process has tried.
static TRIED: AtomicU16 = AtomicU16::new(0);

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

/// Returns a free address on loopback, another one each time. Another program may take it before it is used; the start then
/// fails and says so.
pub fn free() -> io::Result<SocketAddr> {
    let own = u16::try_from(std::process::id() % u32::from(PORTS)).unwrap_or_default();
    let next = || FIRST + own.wrapping_add(TRIED.fetch_add(1, Ordering::Relaxed)) % PORTS;
    let mut addresses = (0..PORTS).map(|_| SocketAddr::from((Ipv4Addr::LOCALHOST, next())));
    let free = addresses.find(|address| is_free(*address));
    free.ok_or_else(|| io::Error::other(format!("no port from {FIRST} on is free")))
}
