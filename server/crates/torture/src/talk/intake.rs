//! How do the events of the simulated Meta reach the database? As in the product: the signature is checked, and 200 is
//! answered once the body is committed.

use store::Db;
use store::inbound::{self, Body, META};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Largest request that is read, in bytes.
const LARGEST: usize = 4 << 20;

/// Takes events for as long as the run lasts, and returns the address below which it does so.
pub async fn start(db: Db) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let db = db.clone();
            tokio::spawn(async move { answer(&db, stream).await });
        }
    });
    Ok(address)
}

/// Answers the one request of a connection. One that breaks off is sent again by the simulator.
async fn answer(db: &Db, mut stream: TcpStream) -> std::io::Result<()> {
    let Some((head, body)) = read(&mut stream).await? else { return Ok(()) };
    let status = match stored(db, &head, &body).await {
        None => "401 Unauthorized",
        Some(true) => "200 OK",
        Some(false) => "503 Service Unavailable",
    };
    let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes()).await
}

/// The head of a request and its body. `None` if it ends before its length.
async fn read(stream: &mut TcpStream) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    while bytes.len() < LARGEST {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = header(&head, "content-length").and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
            let body = &bytes[end + 4..];
            if body.len() >= length {
                return Ok(Some((head, body[..length].to_vec())));
            }
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
    Ok(None)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// Whether a body was committed. `None` if the app's secret did not sign it.
async fn stored(db: &Db, head: &str, body: &[u8]) -> Option<bool> {
    let secret = simulator::meta_defaults().app_secret.to_owned();
    meta::signature::verify(&[secret.into()], body, header(head, meta::signature::HEADER)?)?;
    let account = meta::webhook::account(body);
    let bodies = [Body { bytes: body, account: account.as_deref() }];
    Some(inbound::add(db, META, &bodies).await.is_ok())
}
