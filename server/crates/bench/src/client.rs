//! A minimal HTTP/1.1 client that sends requests to the product over one kept connection on this machine. It is
//! minimal because the load generator must cost much less than what it measures.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};

/// One answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Cookies that the answer sets, in the form in which they are sent back.
    pub cookies: Vec<String>,
    /// Its body as received.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> anyhow::Result<serde_json::Value> {
        serde_json::from_slice(&self.body)
            .with_context(|| format!("status {}: {}", self.status, String::from_utf8_lossy(&self.body)))
    }
}

/// One connection to the product.
pub struct Client {
    stream: BufReader<TcpStream>,
    host: SocketAddr,
}

impl Client {
    /// Opens a connection.
    pub async fn connect(host: SocketAddr) -> anyhow::Result<Self> {
        Self::of(TcpStream::connect(host).await.with_context(|| format!("connecting to {host}"))?, host)
    }

    /// Opens a connection from one of the addresses of this machine.
    pub async fn connect_from(from: Ipv4Addr, host: SocketAddr) -> anyhow::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        Self::of(socket.connect(host).await.with_context(|| format!("connecting to {host} from {from}"))?, host)
    }

    fn of(stream: TcpStream, host: SocketAddr) -> anyhow::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(64 * 1024, stream), host })
    }

    /// Sends one request and reads its answer. `headers` are complete header lines.
    pub async fn send(&mut self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> anyhow::Result<Answer> {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n", self.host, body.len());
        for line in headers {
            request.push_str(line);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        self.stream.write_all(&bytes).await?;
        self.answer().await
    }

    /// Sends a GET request.
    pub async fn get(&mut self, path: &str, headers: &[&str]) -> anyhow::Result<Answer> {
        self.send("GET", path, headers, &[]).await
    }

    async fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            bail!("the connection was closed in the middle of an answer");
        }
        Ok(line.trim_end().to_owned())
    }

    async fn answer(&mut self) -> anyhow::Result<Answer> {
        let first = self.line().await?;
        let status = first
            .split(' ')
            .nth(1)
            .and_then(|word| word.parse().ok())
            .with_context(|| format!("no status in {first}"))?;
        let (mut headers, mut cookies) = (HashMap::new(), Vec::new());
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(':') else { break };
            let (name, value) = (name.to_lowercase(), value.trim().to_owned());
            if name == "set-cookie" {
                cookies.extend(value.split(';').next().map(str::to_owned));
            }
            headers.insert(name, value);
        }
        let length = headers.get("content-length").and_then(|length| length.parse::<usize>().ok());
        let body = match length {
            Some(length) => self.exactly(length).await?,
            None if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") => self.chunks().await?,
            None => Vec::new(),
        };
        Ok(Answer { status, cookies, body })
    }

    async fn exactly(&mut self, length: usize) -> anyhow::Result<Vec<u8>> {
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        Ok(body)
    }

    async fn chunks(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line().await?;
            let size = usize::from_str_radix(line.split(';').next().unwrap_or_default(), 16)
                .context("a chunk without a size")?;
            let chunk = self.exactly(size + 2).await?;
            if size == 0 {
                return Ok(body);
            }
            body.extend_from_slice(&chunk[..size]);
        }
    }
}

/// An open event stream.
pub struct EventStream(Client);

impl EventStream {
    /// Opens the stream at a path.
    pub async fn open(host: SocketAddr, path: &str, cookie: &str) -> anyhow::Result<Self> {
        let mut client = Client::connect(host).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{cookie}\r\n\r\n");
        client.stream.write_all(request.as_bytes()).await?;
        let first = client.line().await?;
        if !first.contains(" 200 ") {
            bail!("{path} answered {first}");
        }
        while !client.line().await?.is_empty() {}
        Ok(Self(client))
    }

    /// The data of the next unnamed event.
    pub async fn next(&mut self) -> anyhow::Result<String> {
        let mut named = false;
        loop {
            let line = self.0.line().await?;
            match line.split_once(": ") {
                Some(("event", _)) => named = true,
                Some(("data", _)) if named => named = false,
                Some(("data", data)) => return Ok(data.to_owned()),
                // Sizes of chunks and empty lines stand between the events.
                _ => {}
            }
        }
    }
}
