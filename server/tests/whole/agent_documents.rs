//! Is a program whose id is an address what the document there says, and is no document read that leads into a closed network,
//! along a redirect, without an end, or for a program that only claims to have one?

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use axum::http::StatusCode;
use domain::agent_sign_in::Program;
use domain::identity::Role;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::agent_sign_in::{asking, code, listed, owner, redeem, refused, renew, tokens};
use crate::helpers::{TestApp, master};
use crate::tools_access::json as parsed;

const CALLBACK: &str = "https://claude.example/callback";

/// A web site on this machine that answers by the path, and how often it was asked.
async fn site(answer: impl Fn(&str, &str) -> String + Send + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let (own, asked) = (origin.clone(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, SeqCst);
            let mut read = [0; 4096];
            let length = stream.read(&mut read).await.unwrap_or_default();
            let head = String::from_utf8_lossy(&read[..length]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default();
            let _ = stream.write_all(answer(&own, path).as_bytes()).await;
        }
    });
    (origin, asked)
}

/// An answer of this kind with this body.
fn answered(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

/// The document of the program at this address.
fn document(address: &str) -> Value {
    json!({
        "client_id": address, "client_name": "Claude", "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none",
    })
}

/// A server beside this site, which is the one on this machine that it may read.
async fn beside(origin: &str) -> TestApp {
    let master = master();
    let settings = [
        ("GHL_BASE_URL", origin),
        ("GHL_MARKETPLACE_URL", origin),
        ("GHL_CLIENT_ID", "app-x"),
        ("ENCRYPTION_KEY", master.as_str()),
    ];
    TestApp::with(&settings).await
}

/// What a form of the page says of the program.
fn hidden(page: &str) -> String {
    let id = &page[page.find("slc-").unwrap()..];
    id[..id.find('"').unwrap()].to_owned()
}

#[tokio::test]
async fn a_program_signs_in_by_the_address_of_its_document() {
    let (origin, asked) =
        site(|own, path| answered("200 OK", "application/json", &document(&format!("{own}{path}")).to_string())).await;
    let app = beside(&origin).await;
    let tenant = app.tenant().await;
    let (_, cookie) = owner(&app, &tenant).await;
    let server = parsed(&app.get("/.well-known/oauth-authorization-server", None).await);
    assert_eq!(server["client_id_metadata_document_supported"], true);
    let client = format!("{origin}/agent.json");
    let begun = app.browse(&asking(&client, &[]), Some(&cookie)).await;
    assert!(begun.location.starts_with("/oauth/consent?request="), "{} {}", begun.status, begun.body);
    let page = app.browse(&begun.location, Some(&cookie)).await.body;
    assert!(page.contains("Connect Claude?") && page.contains("Described at 127.0.0.1."), "{page}");

    let id = hidden(&page);
    let first = code(&app, &tenant, &cookie, &id).await;
    refused(&redeem(&app, &id, &first, &[]).await, "invalid_grant", "it goes by its address alone");
    let second = code(&app, &tenant, &cookie, &id).await;
    let (_, refresh) = tokens(&redeem(&app, &client, &second, &[]).await);
    let (access, _) = tokens(&renew(&app, &client, &refresh).await);
    assert_eq!(listed(&app, &access).await, StatusCode::OK);

    let elsewhere = app.browse(&asking(&client, &[("redirect_uri", "https://evil.example/")]), Some(&cookie)).await;
    assert_eq!((elsewhere.status, elsewhere.location.as_str()), (StatusCode::BAD_REQUEST, ""));
    assert_eq!(asked.load(SeqCst), 1, "many people cost its owner one request");
}

#[tokio::test]
async fn what_is_no_document_of_its_program_leads_nowhere() {
    let (other, followed) = site(|_, _| answered("200 OK", "application/json", "{}")).await;
    let to = other.clone();
    let (origin, _) = site(move |own, path| {
        let good = document(&format!("{own}{path}"));
        let with = |field: &str, value: Value| {
            let mut changed = good.clone();
            changed[field] = value;
            answered("200 OK", "application/json", &changed.to_string())
        };
        match path {
            "/redirect" => format!("HTTP/1.1 302 Found\r\nlocation: {to}/x\r\ncontent-length: 0\r\n\r\n"),
            "/missing" => answered("404 Not Found", "application/json", &good.to_string()),
            "/page" => answered("200 OK", "text/html", &good.to_string()),
            "/other" => with("client_id", json!(format!("{own}/good"))),
            "/secret" => with("client_secret", json!("x")),
            "/large" => with("x", json!("x".repeat(20_000))),
            "/broken" => answered("200 OK", "application/json", "{"),
            "/cut" => "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{}".to_owned(),
            _ => answered("200 OK", "application/vnd.client+json; charset=utf-8", &good.to_string()),
        }
    })
    .await;
    let app = beside(&origin).await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    for path in ["/redirect", "/missing", "/page", "/other", "/secret", "/large", "/broken", "/cut"] {
        let answer = app.browse(&asking(&format!("{origin}{path}"), &[]), Some(&cookie)).await;
        assert_eq!((answer.status, answer.location.as_str()), (StatusCode::BAD_REQUEST, ""), "{path}");
    }
    assert_eq!(followed.load(SeqCst), 0, "no redirect is followed");
    let good = app.browse(&asking(&format!("{origin}/good"), &[]), Some(&cookie)).await;
    assert!(good.location.starts_with("/oauth/consent?request="), "{}", good.body);
}

#[tokio::test]
async fn people_who_connect_many_programs_wait_for_nothing_and_who_reads_in_vain_is_slowed() {
    let (origin, _) = site(|own, path| {
        let status = if path.starts_with("/good") { "200 OK" } else { "404 Not Found" };
        answered(status, "application/json", &document(&format!("{own}{path}")).to_string())
    })
    .await;
    let app = beside(&origin).await;
    let tenant = app.tenant().await;
    let (_, cookie) = owner(&app, &tenant).await;
    let read = async |path: String| app.browse(&asking(&format!("{origin}{path}"), &[]), Some(&cookie)).await;
    for at in 0..30 {
        let good = read(format!("/good/{at}")).await;
        assert!(good.location.starts_with("/oauth/consent?request="), "{at}: {} {}", good.status, good.body);
    }
    let mut slowed = false;
    for at in 0..30 {
        slowed |= read(format!("/bad/{at}")).await.status == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(slowed, "each one behind the twentieth waits for longer");
}

#[tokio::test]
async fn no_document_is_read_from_a_closed_network_or_believed_unread() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    let (closed, asked) =
        site(|own, path| answered("200 OK", "application/json", &document(&format!("{own}{path}")).to_string())).await;
    let forged = Program {
        name: "Claude".to_owned(),
        redirects: vec![CALLBACK.to_owned()],
        document: Some("https://claude.example/agent.json".to_owned()),
    };
    for client in [
        format!("{closed}/agent.json"),
        format!("{}/agent.json", closed.replace("127.0.0.1", "localhost")),
        format!("{}/agent.json", closed.replace("http:", "https:")),
        "https://127.0.0.1/agent.json".to_owned(),
        "https://2130706433/agent.json".to_owned(),
        "https://[::1]/agent.json".to_owned(),
        "https://[::ffff:7f00:1]/agent.json".to_owned(),
        "https://10.0.0.7/agent.json".to_owned(),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "http://claude.example/agent.json".to_owned(),
        "https://user@claude.example/agent.json".to_owned(),
        "https://claude.example/".to_owned(),
        "https://claude.example/a/../agent.json".to_owned(),
        "file:///etc/passwd".to_owned(),
        forged.id(),
    ] {
        let answer = app.browse(&asking(&client, &[]), Some(&cookie)).await;
        assert_eq!((answer.status, answer.location.as_str()), (StatusCode::BAD_REQUEST, ""), "{client}");
    }
    assert_eq!(asked.load(SeqCst), 0, "nobody was asked");
}
