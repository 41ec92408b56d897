//! Do files travel whole, with their checks, and only between us and Meta?

use meta::media::{self, FileKind, NewFile};
use meta::{Error, Kind};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::server::{Act, Server};
use crate::world::{Caller, header, line, meta};

fn file() -> NewFile {
    NewFile { name: "a.png".into(), media_type: "image/png".into(), content: b"hello".to_vec() }
}

#[tokio::test]
async fn uploads_are_forms_and_return_the_id() {
    let server = Server::play(vec![Act::json(200, r#"{"id":4490709327384033}"#)]).await;
    let (meta, caller) = (meta(&server.url), Caller::new());
    assert_eq!(media::upload(&meta, caller.call(), "106", file()).await.unwrap(), "4490709327384033");
    let seen = server.seen().remove(0);
    assert!(line(&seen).starts_with("POST /v23.0/106/media?appsecret_proof="), "{seen:?}");
    for part in [
        "name=\"messaging_product\"\r\n\r\nwhatsapp\r\n",
        "name=\"file\"; filename=\"a.png\"\r\ncontent-type: image/png",
    ] {
        assert!(seen.body.contains(part), "{}", seen.body);
    }

    let server = Server::play(vec![Act::json(200, r#"{"attachment_id":"7"}"#)]).await;
    let meta = crate::world::meta(&server.url);
    let id = media::upload_attachment(&meta, caller.call(), "201", FileKind::Image, file()).await.unwrap();
    let seen = server.seen().remove(0);
    assert!(id == "7" && line(&seen).starts_with("POST /v23.0/201/message_attachments?"), "{seen:?}");
    assert!(seen.body.contains(r#"{"attachment":{"payload":{"is_reusable":true},"type":"image"}}"#), "{}", seen.body);
}

/// Reads a file of five bytes whose announcement has these further fields, at most `most` bytes of it.
async fn fetched(host: Option<&str>, fields: &str, most: u64) -> (Result<Vec<u8>, Error>, usize) {
    let listener = Server::play(vec![Act::answer(200, &[("content-type", "image/png")], "hello")]).await;
    let at =
        host.map_or_else(|| listener.url.join("/files/x?mid=1&hash=a").unwrap(), |host| host.parse::<Url>().unwrap());
    let announcement = format!(r#"{{"url":"{at}","mime_type":"image/png"{fields},"id":"1"}}"#);
    let graph = Server::play(vec![Act::json(200, &announcement)]).await;
    let (meta, caller) = (with_files_at(&graph.url, &listener.url), Caller::new());
    let mut read = Vec::new();
    let result = media::fetch(&meta, caller.call(), "1", "106", most, &mut read).await;
    assert!(read.len() as u64 <= most, "nothing above the limit is passed on");
    let asked = graph.seen().remove(0);
    assert!(line(&asked).starts_with("GET /v23.0/1?phone_number_id=106&appsecret_proof="), "{asked:?}");
    for seen in listener.seen() {
        assert_eq!(line(&seen), "GET /files/x?mid=1&hash=a");
        assert_eq!(header(&seen, "authorization"), Some("Bearer EAAEXAMPLEPAGETOKENA"));
    }
    let whole = result.inspect(|fetched| {
        assert_eq!((fetched.length, fetched.sha256), (read.len() as u64, Sha256::digest(&read).into()));
    });
    (whole.map(|_| read), listener.seen().len())
}

fn with_files_at(graph: &Url, files: &Url) -> meta::Meta {
    let mut settings = crate::world::settings(graph);
    settings.media = vec![files.clone()];
    crate::world::meta_with(settings)
}

#[tokio::test]
async fn a_file_is_read_in_two_steps_and_checked() {
    let sum = r#","sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824""#;
    let base64 = r#","sha256":"LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=","file_size":"5""#;
    for fields in ["", sum, base64] {
        let (result, reads) = fetched(None, fields, 5).await;
        assert_eq!((result.unwrap(), reads), (b"hello".to_vec(), 1), "{fields}");
    }
    let cases = [
        (None, "", 4, Kind::Media, 1),
        (None, r#","file_size":9"#, 8, Kind::Media, 0),
        (None, r#","file_size":9"#, 9, Kind::Temporary, 1),
        (
            None,
            r#","sha256":"3cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824""#,
            9,
            Kind::Temporary,
            1,
        ),
        (Some("https://evil.example.com/x"), "", 9, Kind::Invalid, 0),
        // A token is not sent to a host that is only below one of Meta's domains.
        (Some("https://scontent.xx.fbcdn.net/x"), "", 9, Kind::Invalid, 0),
        (Some("http://169.254.169.254/x"), "", 9, Kind::Invalid, 0),
        (Some("file:///etc/passwd"), "", 9, Kind::Invalid, 0),
    ];
    for (host, fields, most, kind, read) in cases {
        let (result, reads) = fetched(host, fields, most).await;
        assert_eq!((result.unwrap_err().kind, reads), (kind, read), "{host:?} {fields} {most}");
    }
}

#[tokio::test]
async fn a_signed_address_gets_no_token_and_a_dead_one_does_not_kill_the_token() {
    let server = Server::play(vec![Act::answer(200, &[], "hello"), Act::json(401, ""), Act::json(404, "<html>")]).await;
    let (meta, caller) = (meta(&server.url), Caller::new());
    let url = server.url.join("/ig_messaging_cdn/?asset_id=1&signature=s").unwrap();
    let mut read = Vec::new();
    let fetched = media::fetch_public(&meta, caller.about(), &url, 100, &mut read).await.unwrap();
    assert_eq!((fetched.length, &read[..]), (5, &b"hello"[..]));
    assert_eq!(header(&server.seen()[0], "authorization"), None);
    for _ in 0..2 {
        let error = media::fetch_public(&meta, caller.about(), &url, 100, &mut read).await.unwrap_err();
        assert_eq!(error.kind, Kind::NotFound);
    }
}

#[tokio::test]
async fn a_file_that_breaks_off_or_cannot_be_written_is_read_again_later() {
    let server = Server::play(vec![Act::answer(200, &[], "hello")]).await;
    let (meta, caller) = (meta(&server.url), Caller::new());
    let url = server.url.join("/ig_messaging_cdn/?asset_id=1").unwrap();
    // Room for four bytes.
    let mut full = [0_u8; 4];
    let mut disk = std::io::Cursor::new(&mut full[..]);
    let error = media::fetch_public(&meta, caller.about(), &url, 100, &mut disk).await.unwrap_err();
    assert!(error.kind == Kind::Temporary && error.passes(), "{error}");
    let server = Server::play(vec![Act::ResetBefore]).await;
    let meta = crate::world::meta(&server.url);
    let error = media::fetch_public(&meta, caller.about(), &server.url, 100, &mut Vec::new()).await.unwrap_err();
    assert!(error.passes(), "{error}");
}
