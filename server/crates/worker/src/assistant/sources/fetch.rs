//! How is a page fetched whose address a person typed? By the guarded client, which asks anew for each address that the page
//! leads on to, so that none of them leads into a closed network.

use std::time::Duration;

use domain::assistant::sources::{LARGEST_PAGE, Problem, page_address};
use outbound::{PageBytes, PageRequest, Unreached};
use url::Url;

use crate::Worker;
use crate::time_scale::secs;

/// How long one answer may take.
const DEADLINE: Duration = secs(15);
/// The kinds of pages that are asked for.
const KINDS: &str = "text/html, text/plain;q=0.9";
/// How often a page may lead on to another one.
const REDIRECTS: usize = 5;

/// What is read of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Markup.
    Html,
    /// Plain text.
    Plain,
}

/// A page as its web site sent it.
#[derive(Clone, Debug)]
pub(super) struct Page {
    /// How it is read.
    pub format: Format,
    /// The encoding that the web site named, if it named one.
    pub charset: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Fetches a page, and what it leads on to.
pub(super) async fn fetch(worker: &Worker, address: &str) -> Result<Page, Problem> {
    let mut url = page_address(address).map_err(|_| Problem::NotPublic)?;
    for _ in 0..=REDIRECTS {
        let page = PageRequest { url: &url, kinds: KINDS, most: LARGEST_PAGE, deadline: DEADLINE };
        let answer = worker.outbound.read_public(page).await.map_err(problem)?;
        if !answer.status.is_redirection() {
            return judged(answer);
        }
        url = next(&url, &answer).ok_or(Problem::Refused)?;
    }
    Err(Problem::Redirected)
}

const fn problem(unreached: Unreached) -> Problem {
    match unreached {
        Unreached::NotPublic => Problem::NotPublic,
        Unreached::DnsLookupFailed
        | Unreached::ConnectionFailed
        | Unreached::TlsFailed
        | Unreached::TimedOut
        | Unreached::ConnectionLost => Problem::Unreachable,
    }
}

/// Where an answer leads on to.
fn next(url: &Url, answer: &PageBytes) -> Option<Url> {
    let to = answer.headers.get("location")?.to_str().ok()?;
    url.join(to).ok()
}

/// The page in an answer that leads nowhere else.
fn judged(answer: PageBytes) -> Result<Page, Problem> {
    match answer.status.as_u16() {
        200..=299 if answer.is_too_large => return Err(Problem::TooLarge),
        200..=299 => {}
        404 | 410 => return Err(Problem::NotFound),
        408 | 429 | 500..=599 => return Err(Problem::Unreachable),
        _ => return Err(Problem::Refused),
    }
    let stated = answer.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = stated.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
    });
    let format = match kind.as_str() {
        "text/html" | "application/xhtml+xml" => Format::Html,
        "text/plain" | "text/markdown" => Format::Plain,
        "" if answer.body.trim_ascii_start().starts_with(b"<") => Format::Html,
        "" => Format::Plain,
        _ => return Err(Problem::WrongKind),
    };
    Ok(Page { format, charset, bytes: answer.body })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;

    fn answer(status: u16, kind: &str, body: &str) -> PageBytes {
        let mut headers = HeaderMap::new();
        if !kind.is_empty() {
            headers.insert("content-type", kind.parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        PageBytes { status, headers, body: body.as_bytes().to_vec(), is_too_large: false }
    }

    #[test]
    fn each_answer_is_a_page_or_says_why_it_is_none() {
        for (status, kind, body, expected) in [
            (200, "text/html; charset=\"ISO-8859-1\"", "x", Ok((Format::Html, Some("ISO-8859-1")))),
            (200, "TEXT/HTML", "x", Ok((Format::Html, None))),
            (200, "text/plain;charset=utf-8", "x", Ok((Format::Plain, Some("utf-8")))),
            (200, "", " <html>", Ok((Format::Html, None))),
            (200, "", "words", Ok((Format::Plain, None))),
            (200, "application/pdf", "x", Err(Problem::WrongKind)),
            (200, "image/png", "x", Err(Problem::WrongKind)),
            (404, "text/html", "x", Err(Problem::NotFound)),
            (410, "text/html", "x", Err(Problem::NotFound)),
            (401, "text/html", "x", Err(Problem::Refused)),
            (403, "text/html", "x", Err(Problem::Refused)),
            (429, "text/html", "x", Err(Problem::Unreachable)),
            (503, "text/html", "x", Err(Problem::Unreachable)),
        ] {
            let found = judged(answer(status, kind, body));
            let found = found.as_ref().map(|page| (page.format, page.charset.as_deref())).map_err(|why| *why);
            assert_eq!(found, expected, "{status} {kind}");
        }
        let large = PageBytes { is_too_large: true, ..answer(200, "text/html", "") };
        assert_eq!(judged(large).err(), Some(Problem::TooLarge));
    }
}
