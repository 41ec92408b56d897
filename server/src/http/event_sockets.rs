//! Who writes an event stream to its client? A task that holds the socket and the stream, and nothing else. The HTTP library
//! keeps two buffers of 8 KiB, the state of its connection and the headers for as long as an answer lasts. That costs a
//! stream, which lasts for minutes and writes a line now and then, several times what it needs. So the library gives up the
//! connection once such an answer begins. The connection ends with the stream, as no other request follows on it.

use std::convert::Infallible;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::response::Parts;
use axum::http::{Method, Version, header};
use axum::response::Response;
use chrono::Utc;
use futures::StreamExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;
use tokio_util::task::TaskTracker;
use tower::Service;

use super::serving::Counted;

/// Marks an answer as an event stream, which a task of its own sends.
#[derive(Clone, Copy, Debug)]
pub struct Lasting;

/// Most events that are sent by one write.
const AT_ONCE: usize = 16;

/// The connection to a client, which ends when the client reads nothing for some time.
type Connection = Pin<Box<TimeoutStream<TcpStream>>>;

struct Held {
    /// Nothing once a stream has taken it.
    connection: Option<Connection>,
    /// Whether nothing waits to be written.
    flushed: bool,
}

/// A connection that the HTTP library reads and writes until a stream takes it.
#[derive(Clone)]
pub(super) struct Socket(Arc<Mutex<Held>>);

impl Socket {
    pub(super) fn new(connection: TimeoutStream<TcpStream>) -> Self {
        Self(Arc::new(Mutex::new(Held { connection: Some(Box::pin(connection)), flushed: true })))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection, unless a part of an earlier answer still waits for the client to read it.
    fn lend(&self) -> Option<Connection> {
        let mut held = self.held();
        if held.flushed { held.connection.take() } else { None }
    }

    fn writing(
        &self,
        write: impl FnOnce(Pin<&mut TimeoutStream<TcpStream>>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let mut held = self.held();
        held.flushed = false;
        match held.connection.as_mut() {
            Some(connection) => write(connection.as_mut()),
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.held().connection.as_mut() {
            Some(connection) => connection.as_mut().poll_read(context, into),
            None => Poll::Ready(Ok(())),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.writing(|connection| connection.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.writing(|connection| connection.poll_write_vectored(context, parts))
    }

    fn is_write_vectored(&self) -> bool {
        self.held().connection.as_ref().is_some_and(|connection| connection.is_write_vectored())
    }

    /// The library flushes once it has written everything it had to write.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut held = self.held();
        let done = match held.connection.as_mut() {
            Some(connection) => connection.as_mut().poll_flush(context),
            None => Poll::Ready(Ok(())),
        };
        held.flushed = matches!(done, Poll::Ready(Ok(())));
        done
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.held().connection.as_mut() {
            Some(connection) => connection.as_mut().poll_shutdown(context),
            None => Poll::Ready(Ok(())),
        }
    }
}

/// Serves the requests of one connection, until one of them is answered with a stream.
#[derive(Clone)]
pub(super) struct Lending<S> {
    pub(super) inner: S,
    pub(super) socket: Socket,
    /// Counts the connection until it has ended.
    pub(super) counted: Counted,
    /// The tasks that send streams.
    pub(super) streams: TaskTracker,
}

impl<S, B> Service<Request<B>> for Lending<S>
where
    S: Service<Request<B>, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Response>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.poll_ready(context).map_err(|never| match never {})
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let lends = request.method() == Method::GET && request.version() == Version::HTTP_11;
        let (socket, counted, streams) = (self.socket.clone(), self.counted.clone(), self.streams.clone());
        let answering = self.inner.call(request);
        Box::pin(async move {
            let Ok(answer) = answering.await;
            if !lends || answer.extensions().get::<Lasting>().is_none() {
                return Ok(answer);
            }
            let Some(connection) = socket.lend() else { return Ok(answer) };
            streams.spawn(carry(connection, answer, counted));
            // Nobody sees this error: with it the library lets go of the connection, and has nothing left to write to.
            Err(io::Error::other("a stream has taken the connection"))
        })
    }
}

/// Sends the answer. Its headers are gone before the task begins, because a task keeps what it begins with.
fn carry(mut connection: Connection, answer: Response, counted: Counted) -> impl Future<Output = ()> + Send {
    let (parts, body) = answer.into_parts();
    let head = head(&parts);
    drop(parts);
    async move {
        if let Err(error) = send(&mut connection, head, body).await {
            tracing::debug!(%error, "an event stream broke off");
        }
        drop(connection);
        drop(counted);
    }
}

/// Sends an answer until it ends or the client leaves. A client that reads slowly delays the stream, which then tells it to read
/// anew; one that reads nothing loses the connection.
async fn send(connection: &mut Connection, head: Vec<u8>, body: Body) -> io::Result<()> {
    connection.write_all(&head).await?;
    drop(head);
    let mut pieces = body.into_data_stream().ready_chunks(AT_ONCE);
    let (mut rest, mut listens) = ([0; 16], true);
    loop {
        let pieces = tokio::select! {
            pieces = pieces.next() => pieces,
            read = connection.read(&mut rest), if listens => {
                if read? == 0 {
                    return Ok(());
                }
                // What a client sends here would belong to another request, which nobody answers on this connection.
                listens = false;
                continue;
            }
        };
        match pieces {
            Some(pieces) => connection.write_all(&chunks(pieces)?).await?,
            None => {
                connection.write_all(b"0\r\n\r\n").await?;
                return connection.shutdown().await;
            }
        }
    }
}

fn head(parts: &Parts) -> Vec<u8> {
    let reason = parts.status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", parts.status.as_str()).into_bytes();
    let ours = [header::CONNECTION, header::CONTENT_LENGTH, header::DATE, header::TRANSFER_ENCODING];
    for (name, value) in parts.headers.iter().filter(|(name, _)| !ours.contains(name)) {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    let date = Utc::now().format("%a, %d %b %Y %H:%M:%S GMT");
    let last = format!("date: {date}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n");
    head.extend_from_slice(last.as_bytes());
    head
}

/// The pieces as chunks (RFC 9112, 7.1). An empty chunk would end the answer. A stream that fails breaks off, so that it does
/// not look complete.
fn chunks(pieces: Vec<Result<Bytes, axum::Error>>) -> io::Result<Vec<u8>> {
    let mut chunks = Vec::new();
    for piece in pieces {
        let piece = piece.map_err(io::Error::other)?;
        if !piece.is_empty() {
            chunks.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            chunks.extend_from_slice(&piece);
            chunks.extend_from_slice(b"\r\n");
        }
    }
    Ok(chunks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_each_header_once_and_no_empty_chunk() {
        let answer = Response::builder().header("x-one", "1").header("content-length", "3").header("connection", "x");
        let head = head(&answer.body(()).unwrap().into_parts().0);
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\nx-one: 1\r\ndate: ") && head.ends_with("\r\n\r\n"), "{head}");
        assert!(head.contains(" GMT\r\nconnection: close\r\n") && !head.contains("content-length"), "{head}");
        let pieces = ["data: 0123456789\n\n", "", "x"].map(|piece| Ok::<_, axum::Error>(Bytes::from(piece)));
        assert_eq!(chunks(pieces.into()).unwrap(), b"12\r\ndata: 0123456789\n\n\r\n1\r\nx\r\n");
        assert!(chunks(vec![Err(axum::Error::new(io::Error::other("broken")))]).is_err());
    }
}
