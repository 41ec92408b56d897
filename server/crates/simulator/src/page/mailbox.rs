//! Shows the mails that the product sent. Without a mail server the product saves them as files; this page shows
//! them with working links.

use std::{fs, path::PathBuf, time::SystemTime};

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Utc};

use crate::Simulator;

use super::{
    html::{esc, page},
    mail::{Mail, parse},
};

const MOST: usize = 200;

/// `GET /_sim/mail`: all mails, newest first.
pub async fn list(State(sim): State<Simulator>) -> Html<String> {
    let files = files(&sim);
    let mut inner = String::new();
    for (name, at, file) in files.iter().take(MOST) {
        let mail = fs::read(file).map(|raw| parse(&raw)).unwrap_or_default();
        let subject = if mail.subject.is_empty() { name.clone() } else { mail.subject.clone() };
        let link: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        inner.push_str(&format!(
            "<section><h2><a href=\"/_sim/mail/{}\">{}</a></h2><p class=\"dim\">{} · {}</p><pre>{}</pre></section>",
            esc(link.replace('+', "%20")),
            esc(subject),
            esc(&mail.to),
            esc(at.format("%Y-%m-%d %H:%M:%S")),
            linked(&mail.text),
        ));
    }
    if files.is_empty() {
        inner.push_str("<section><p>No mail yet. Invite somebody or reset a password, then come back.</p></section>");
    }
    Html(page("Mailbox", &framed(&inner)))
}

/// `GET /_sim/mail/{name}`.
pub async fn read(State(sim): State<Simulator>, Path(name): Path<String>) -> Response {
    // Only names from the list are accepted, so nothing outside the folder can be read.
    let Some((_, _, file)) = files(&sim).into_iter().find(|(known, ..)| *known == name) else {
        let body = framed("<section><p>There is no such mail any more.</p></section>");
        return (StatusCode::NOT_FOUND, Html(page("Mailbox", &body))).into_response();
    };
    let Mail { to, from, subject, date, reply_to, text, html } =
        fs::read(file).map(|raw| parse(&raw)).unwrap_or_default();
    let answer = if reply_to.is_empty() { String::new() } else { format!("<br>Reply to {}", esc(reply_to)) };
    let inner = format!(
        "<section><h2>{}</h2><p class=\"dim\">From {}<br>To {}{answer}<br>{}</p><pre>{}</pre></section>{}",
        esc(&subject),
        esc(from),
        esc(to),
        esc(date),
        linked(&text),
        framed_html(&html),
    );
    Html(page(&subject, &framed(&inner))).into_response()
}

/// The HTML of a mail as a mail program shows it: in a frame of its own that runs no scripts.
fn framed_html(html: &str) -> String {
    if html.is_empty() {
        return String::new();
    }
    format!(
        "<section><h2>As HTML</h2><iframe sandbox=\"allow-popups allow-popups-to-escape-sandbox\" title=\"The mail as HTML\" \
         style=\"width:100%;height:520px;border:0;background:#fff\" srcdoc=\"{}\"></iframe></section>",
        esc(html)
    )
}

fn framed(inner: &str) -> String {
    format!(
        "<main><header><h1>Mailbox</h1><nav><a href=\"/_sim/mail\">All mails</a><a href=\"/_sim\">Simulator</a></nav></header>{inner}</main>"
    )
}

fn files(sim: &Simulator) -> Vec<(String, DateTime<Utc>, PathBuf)> {
    let Some(folder) = &sim.config.mail_dir else { return Vec::new() };
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<(String, DateTime<Utc>, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "eml" || kind == "txt"))
        .filter_map(|path| {
            let at = path.metadata().and_then(|meta| meta.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            Some((path.file_name()?.to_str()?.to_owned(), at.into(), path))
        })
        .collect();
    files.sort_by(|one, other| (other.1, &other.0).cmp(&(one.1, &one.0)));
    files
}

/// Text as HTML, with its URLs as links.
fn linked(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some(at) = next_link(rest) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | ')')).unwrap_or(from.len());
        let address = from[..end].trim_end_matches(['.', ',', ';', ':', '!']);
        let safe = esc(address);
        html.push_str(&esc(before));
        html.push_str(&format!("<a href=\"{safe}\">{safe}</a>"));
        rest = &from[address.len()..];
    }
    html + &esc(rest)
}

fn next_link(text: &str) -> Option<usize> {
    [text.find("http://"), text.find("https://")].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_can_be_clicked_and_everything_else_is_text() {
        let html = linked("Go to http://127.0.0.1:3000/x?a=1&b=2. <b>Bye</b>");
        assert_eq!(
            html,
            "Go to <a href=\"http://127.0.0.1:3000/x?a=1&amp;b=2\">http://127.0.0.1:3000/x?a=1&amp;b=2</a>. &lt;b&gt;Bye&lt;/b&gt;"
        );
        assert_eq!(linked("javascript:alert(1)"), "javascript:alert(1)");
    }
}
