//! Talks to a running Postgres without a driver and without `psql`.
//!
//! It implements the startup message and simple queries of protocol 3.0 over the socket, with trusted sign-in
//! only. That is enough to check that the server answers, to create a database, and to run a migration file. The
//! npm packages of Postgres contain no `psql`.

use crate::{Error, Result};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Protocol 3.0.
const VERSION: u32 = 196_608;
/// Maximum length of a message in bytes. A longer one cannot be an answer to a query of ours.
const LONGEST: usize = 64 << 20;

/// One signed-in session.
#[derive(Debug)]
pub struct Session {
    stream: UnixStream,
}

/// The rows of the last statement. `None` is SQL null.
pub type Rows = Vec<Vec<Option<String>>>;

impl Session {
    /// Connects to the socket and signs in as `user` to `database`.
    pub fn open(socket: &Path, user: &str, database: &str) -> Result<Self> {
        let stream = UnixStream::connect(socket).map_err(|e| Error::at("connecting to", socket, e))?;
        stream.set_read_timeout(Some(Duration::from_secs(120))).map_err(lost)?;
        let mut session = Self { stream };
        let mut body = VERSION.to_be_bytes().to_vec();
        for word in ["user", user, "database", database, "client_encoding", "UTF8"] {
            body.extend(word.as_bytes());
            body.push(0);
        }
        body.push(0);
        session.send(None, &body)?;
        session.answer()?;
        Ok(session)
    }

    /// Runs one or several statements. If any of them fails, returns its error.
    pub fn run(&mut self, sql: &str) -> Result<Rows> {
        let mut body = sql.as_bytes().to_vec();
        body.push(0);
        self.send(Some(b'Q'), &body)?;
        self.answer()
    }

    fn send(&mut self, kind: Option<u8>, body: &[u8]) -> Result<()> {
        let length =
            u32::try_from(body.len() + 4).map_err(|e| Error::new(format!("The statement is too long: {e}")))?;
        let mut message: Vec<u8> = kind.into_iter().collect();
        message.extend(length.to_be_bytes());
        message.extend(body);
        self.stream.write_all(&message).map_err(lost)
    }

    /// Reads messages until "ready for query". If the sign-in is refused, the server closes the connection
    /// instead.
    fn answer(&mut self) -> Result<Rows> {
        let (mut rows, mut refusal) = (Rows::new(), None);
        loop {
            let (kind, body) = match self.message() {
                Ok(message) => message,
                Err(lost) => return Err(refusal.unwrap_or(lost)),
            };
            match kind {
                b'Z' => return refusal.map_or(Ok(rows), Err),
                b'E' => refusal = Some(Error::new(field(&body, b'M'))),
                b'T' => rows.clear(),
                b'D' => rows.push(values(&body)),
                b'R' if body != 0_u32.to_be_bytes() => {
                    return Err(Error::new("The database asks for a password where it should trust its own socket."));
                }
                _ => {}
            }
        }
    }

    fn message(&mut self) -> Result<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        self.stream.read_exact(&mut head).map_err(lost)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        if !(4..LONGEST).contains(&length) {
            return Err(Error::new("The database answered in a way that is not its protocol."));
        }
        let mut body = vec![0; length - 4];
        self.stream.read_exact(&mut body).map_err(lost)?;
        Ok((head[0], body))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Sends the termination message. If the server is already gone, the failure does not matter.
        let _ = self.send(Some(b'X'), &[]);
    }
}

fn lost(cause: std::io::Error) -> Error {
    Error::new(format!("The connection to the database broke: {cause}"))
}

/// Returns one field of an error message. Each field is a letter, a text and a zero byte; a zero byte ends the
/// list.
fn field(body: &[u8], wanted: u8) -> String {
    body.split(|byte| *byte == 0)
        .find_map(|part| part.split_first().filter(|(kind, _)| **kind == wanted))
        .map_or_else(|| "the database refused".to_owned(), |(_, text)| String::from_utf8_lossy(text).into_owned())
}

/// Returns the columns of one row. A row is a count, then the length and bytes of each column; length -1 is null.
fn values(body: &[u8]) -> Vec<Option<String>> {
    let mut rest = body.get(2..).unwrap_or_default();
    let mut row = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(i32::from_be_bytes(*length)).ok();
        let (value, tail) = tail.split_at(length.unwrap_or(0).min(tail.len()));
        row.push(length.map(|_| String::from_utf8_lossy(value).into_owned()));
        rest = tail;
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_empty_text_and_null_apart() {
        let body = [0, 3, 0, 0, 0, 1, b'a', 0, 0, 0, 0, 255, 255, 255, 255];
        assert_eq!(values(&body), vec![Some("a".to_owned()), Some(String::new()), None]);
    }

    #[test]
    fn the_message_of_a_refusal_is_found() {
        assert_eq!(field(b"SFATAL\0C57P03\0Mgoing down\0\0", b'M'), "going down");
    }
}
