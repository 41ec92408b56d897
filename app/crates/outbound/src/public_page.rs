//! Reads a page whose address a person typed, under the rules of `public_hosts`: only https and only the public internet. No
//! more bytes are read than were asked for, and a redirect is an answer that the caller may follow by asking anew.

use std::time::Duration;

use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderMap, StatusCode};
use url::Url;

use crate::public_hosts::{PublicHosts, Unreached, why};

/// The name under which pages are read.
const READER: &str = concat!("Slipway-Reader/", env!("CARGO_PKG_VERSION"));

/// A page that is to be read.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest<'a> {
    /// Its address.
    pub url: &'a Url,
    /// The kinds that are asked for, as the header `accept` names them.
    pub kinds: &'static str,
    /// The most bytes of its body.
    pub most: usize,
    /// How long everything may take.
    pub deadline: Duration,
}

/// The answer, whatever its status.
#[derive(Debug)]
pub struct PageBytes {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body; empty if there was more than was asked for.
    pub body: Vec<u8>,
    /// Whether there was more than was asked for.
    pub is_too_large: bool,
}

impl PublicHosts {
    pub(crate) async fn read(&self, page: PageRequest<'_>) -> Result<PageBytes, Unreached> {
        let client = self.client(page.url)?;
        let request = client.get(page.url.clone()).header(ACCEPT, page.kinds).header(USER_AGENT, READER);
        tokio::time::timeout(page.deadline, exchange(request, page.most)).await.unwrap_or(Err(Unreached::TimedOut))
    }
}

/// Sends the request and reads its answer. A body that breaks off is no page.
async fn exchange(request: reqwest::RequestBuilder, most: usize) -> Result<PageBytes, Unreached> {
    let mut response = request.send().await.map_err(|error| why(&error))?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| why(&error))? {
        if body.len() + chunk.len() > most {
            return Ok(PageBytes { status, headers, body: Vec::new(), is_too_large: true });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(PageBytes { status, headers, body, is_too_large: false })
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::profile::{Config, Profile};

    /// A server that answers each connection with this text. Returns its address.
    async fn answering(text: String) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        #[expect(clippy::disallowed_methods, reason = "a server of the test")]
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut read = [0; 4096];
                let _ = stream.read(&mut read).await;
                let _ = stream.write_all(text.as_bytes()).await;
            }
        });
        format!("http://{address}/").parse().unwrap()
    }

    /// A client that may call this address, too.
    fn hosts(exception: Option<&Url>) -> PublicHosts {
        let profiles: Vec<Profile> = exception.map(|url| Profile::new("test", vec![url.clone()])).into_iter().collect();
        PublicHosts::new(&Config { profiles, production: false }).unwrap()
    }

    async fn read(url: &Url, most: usize) -> Result<PageBytes, Unreached> {
        hosts(Some(url)).read(PageRequest { url, kinds: "text/html", most, deadline: Duration::from_secs(5) }).await
    }

    #[tokio::test]
    async fn a_page_is_read_whole_or_not_at_all() {
        let of = |length: usize, body: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
        let url = answering(of(5, "hello")).await;
        let page = read(&url, 5).await.unwrap();
        assert_eq!((page.status, page.body.as_slice(), page.is_too_large), (StatusCode::OK, &b"hello"[..], false));
        let page = read(&url, 4).await.unwrap();
        assert!(page.is_too_large && page.body.is_empty());
        let url = answering(of(9, "hello")).await;
        assert_eq!(read(&url, 100).await.unwrap_err(), Unreached::ConnectionLost);
    }

    #[tokio::test]
    async fn closed_addresses_are_not_read_and_redirects_not_followed() {
        let closed = PublicHosts::new(&Config { profiles: Vec::new(), production: false }).unwrap();
        for address in
            ["http://example.com/", "https://127.0.0.1/", "https://169.254.169.254/", "https://a:b@x.example/"]
        {
            let url: Url = address.parse().unwrap();
            let page = PageRequest { url: &url, kinds: "text/html", most: 10, deadline: Duration::from_secs(5) };
            assert_eq!(closed.read(page).await.unwrap_err(), Unreached::NotPublic, "{address}");
        }
        let url =
            answering("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_owned())
                .await;
        assert_eq!(read(&url, 10).await.unwrap().status, StatusCode::FOUND);
    }
}
