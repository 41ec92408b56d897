//! Tests what the client reports about a call when the provider or the network fails.

#![expect(clippy::unwrap_used, reason = "a test may end where its world ends")]

#[path = "sockets/providers.rs"]
mod providers;
mod wire;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use outbound::{
    Answer, Body, Boxed, Call, CallContext, CallRecorder, Config, Failure, Grant, Ledger, LedgerDown, Limits,
    LocalLedger, Outbound, Outcome, Profile, RateKey, RateWindow, Request, SlotId, Tolerance,
};
use url::Url;
use wire::{Act, Server};

#[derive(Default)]
struct Log(Mutex<Vec<Call>>);

impl CallRecorder for Log {
    fn report(&self, call: Call) {
        self.0.lock().unwrap().push(call);
    }
}

impl Log {
    fn last(&self) -> Call {
        self.0.lock().unwrap().last().expect("a call was reported").clone()
    }
}

/// A client for these providers.
fn connected(profiles: Vec<Profile>, ledger: Arc<dyn Ledger>) -> (Outbound, Arc<Log>) {
    let log = Arc::new(Log::default());
    let config = Config { profiles, production: false };
    (Outbound::new(config, ledger, Arc::clone(&log) as Arc<dyn CallRecorder>).unwrap(), log)
}

/// A client for one provider without rate limits.
fn client(host: &Url, change: impl FnOnce(&mut Profile)) -> (Outbound, Arc<Log>) {
    let mut profile = Profile::new("test", vec![host.clone()]);
    change(&mut profile);
    connected(vec![profile], Arc::new(LocalLedger::default()))
}

fn key() -> Option<RateKey> {
    Some(RateKey { window: "test", id: "key".into() })
}

fn post(base: &Url) -> Request {
    Request {
        provider: "test",
        operation: "create_thing",
        endpoint: "/things/{id}",
        method: Method::POST,
        url: outbound::address(base, "/things/{id}", &["a1"], &[]).unwrap(),
        headers: vec![("version", "1".into())],
        bearer: Some("secret-token".to_owned().into()),
        body: Body::Json(b"{}".to_vec()),
        fresh: false,
        rate_key: key(),
    }
}

async fn play(act: Act) -> (Result<Answer, Failure>, Call, usize) {
    let is_silent = matches!(act, Act::Silence);
    let server = Server::play(vec![act, Act::json(200, "{}")]).await;
    let (client, log) = client(&server.url, |profile| {
        // Only silence is waited out; whatever else happens has time to happen.
        profile.deadlines.background = Duration::from_secs(if is_silent { 1 } else { 60 });
        profile.max_response = 1000;
    });
    let result = client.send(post(&server.url), &CallContext::default()).await;
    (result, log.last(), server.seen().len())
}

#[tokio::test]
async fn an_answer_comes_back_whole_and_is_reported_once() {
    let act = Act::answer(201, &[("x-ratelimit-remaining", "7"), ("x-request-id", "r-1")], r#"{"id":"x"}"#);
    let (result, call, seen) = play(act).await;
    let answer = result.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body.as_ref(), seen), (201, br#"{"id":"x"}"#.as_slice(), 1));
    assert_eq!((call.status, call.outcome, call.quota_left), (Some(201), Outcome::Ok, Some(7)));
    assert_eq!(
        (call.endpoint, call.operation, call.request_id.as_deref()),
        ("/things/{id}", "create_thing", Some("r-1"))
    );
}

#[tokio::test]
async fn nobody_listens_means_not_sent() {
    // The port is taken, so that nobody else begins to listen there meanwhile.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let gone = Url::parse(&format!("http://{}", taken.local_addr().unwrap())).unwrap();
    let (client, log) = client(&gone, |_| ());
    let result = client.send(post(&gone), &CallContext::default()).await;
    assert!(matches!(result, Err(Failure::NotSent(_))));
    assert_eq!(log.last().outcome, Outcome::NotSent);
}

#[tokio::test]
async fn a_failed_tls_handshake_means_not_sent() {
    let server = Server::play(vec![Act::Say(b"HTTP/1.1 400 no tls here\r\n\r\n".to_vec())]).await;
    let https = Url::parse(&server.url.as_str().replace("http", "https")).unwrap();
    // The server waits for a plain-text request head that never comes, so the handshake ends by timeout.
    let (client, _) = client(&https, |profile| profile.deadlines.connect = Duration::from_millis(200));
    let result = client.send(post(&https), &CallContext::default()).await;
    assert!(matches!(result, Err(Failure::NotSent(_))), "no answer to the handshake");
}

#[tokio::test]
async fn a_broken_connection_is_unclear_and_never_tried_again() {
    for act in [
        Act::ResetBefore,
        Act::ResetAfter,
        Act::Silence,
        Act::BreakOff(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"id\":".to_vec()),
        Act::BreakOff(b"HTTP/1.1 502 Bad\r\ncontent-length: 50\r\n\r\n<html>".to_vec()),
        Act::Say(b"SSH-2.0-surprise\r\n\r\n".to_vec()),
    ] {
        let name = format!("{act:?}");
        let (result, call, seen) = play(act).await;
        assert!(matches!(result, Err(Failure::Unclear(_))), "{name}");
        assert_eq!(call.outcome, Outcome::Unclear, "{name}");
        assert!(seen <= 1, "{name}: sent {seen} times");
    }
}

#[tokio::test]
async fn a_refusal_counts_even_when_its_text_broke_off() {
    let (result, call, _) = play(Act::BreakOff(b"HTTP/1.1 429 X\r\ncontent-length: 50\r\n\r\n{".to_vec())).await;
    assert_eq!(result.unwrap().status.as_u16(), 429);
    assert_eq!(call.outcome, Outcome::Limited);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (result, call, seen) = play(Act::answer(307, &[("location", "/elsewhere")], "")).await;
    assert_eq!((result.unwrap().status.as_u16(), seen), (307, 1));
    assert_eq!(call.outcome, Outcome::Failed);
}

#[tokio::test]
async fn an_answer_too_large_is_cut_off() {
    let declared = Act::answer(200, &[], &"x".repeat(1001));
    let chunk = format!("{:x}\r\n{}\r\n", 600, "x".repeat(600));
    let streamed = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n");
    for act in [declared, Act::Say(streamed.into_bytes())] {
        let (result, _, _) = play(act).await;
        let Err(Failure::Unclear(text)) = result else { panic!("unclear") };
        assert!(text.contains("larger than 1000 bytes"), "{text}");
    }
    let (exact, _, _) = play(Act::answer(200, &[], &"x".repeat(1000))).await;
    assert_eq!(exact.unwrap().body.len(), 1000);
}

#[tokio::test]
async fn a_host_that_is_not_ours_is_never_called() {
    let server = Server::play(vec![Act::json(200, "{}")]).await;
    let ours = Url::parse("http://127.0.0.1:1").unwrap();
    let (client, _) = client(&ours, |_| ());
    let result = client.send(post(&server.url), &CallContext::default()).await;
    assert!(matches!(result, Err(Failure::NotSent(_))));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_a_line_in_the_log() {
    let server = Server::play(vec![Act::Silence]).await;
    let (client, log) = client(&server.url, |_| ());
    let about = CallContext::default();
    let gone = tokio::time::timeout(Duration::from_millis(100), client.send(post(&server.url), &about)).await;
    assert!(gone.is_err());
    assert_eq!(log.last().outcome, Outcome::Abandoned);
}

#[tokio::test]
async fn a_header_cannot_be_split() {
    let server = Server::play(vec![Act::json(200, "{}")]).await;
    let (client, _) = client(&server.url, |_| ());
    let request = Request { headers: vec![("version", "1\r\nx-evil: 1".into())], ..post(&server.url) };
    assert!(matches!(client.send(request, &CallContext::default()).await, Err(Failure::NotSent(_))));
    let request = Request { bearer: Some("a\r\nb".to_owned().into()), ..post(&server.url) };
    let Err(failure) = client.send(request, &CallContext::default()).await else { panic!("refused") };
    assert!(!failure.to_string().contains("a\r\nb"));
    assert!(server.seen().is_empty());
}

/// A call made for the agency with this number.
fn agency(number: u128) -> CallContext {
    CallContext { agency: Some(uuid::Uuid::from_u128(number)), ..CallContext::default() }
}

#[tokio::test]
async fn an_agency_that_gets_no_answers_waits_and_another_does_not() {
    let server = Server::play(vec![Act::json(503, "{}"); 8]).await;
    let tolerance = Tolerance { min_calls: 4, ..Tolerance::default() };
    let (client, log) = client(&server.url, |profile| profile.tolerance = tolerance);
    for _ in 0..4 {
        assert!(client.send(post(&server.url), &agency(1)).await.is_ok(), "an answer all the same");
    }
    let Err(Failure::Held { until, why }) = client.send(post(&server.url), &agency(1)).await else { panic!("held") };
    assert!(until > log.last().at && why == "4 of the last 4 calls failed", "{until} {why}");
    assert_eq!((log.last().outcome, server.seen().len()), (Outcome::Held, 4), "nothing was sent");
    let (open_circuits, opened) = client.open_circuits();
    assert_eq!((open_circuits.len(), open_circuits[0].agency.as_u128(), opened), (1, 1, 1));
    assert!(client.send(post(&server.url), &agency(2)).await.is_ok(), "another agency");
    assert!(client.send(post(&server.url), &CallContext::default()).await.is_ok(), "nobody's call");
}

#[tokio::test]
async fn a_probe_that_fails_is_no_failure_of_whoever_made_it_unless_it_may_have_done_something() {
    let mut script = vec![Act::json(503, "{}"); 4];
    script.extend([Act::json(503, "{}"), Act::ResetAfter, Act::json(200, "{}")]);
    let server = Server::play(script).await;
    let tolerance = Tolerance { min_calls: 4, probe_interval: Duration::ZERO, ..Tolerance::default() };
    let (client, log) = client(&server.url, |profile| profile.tolerance = tolerance);
    for _ in 0..4 {
        assert!(client.send(post(&server.url), &agency(1)).await.is_ok());
    }
    let read = client.send(post(&server.url), &agency(1)).await;
    assert!(matches!(read, Err(Failure::Held { .. })), "what can be repeated waits");
    assert_eq!((log.last().outcome, log.last().status), (Outcome::Failed, Some(503)), "the log tells it as it was");
    let write = client.send(Request { fresh: true, ..post(&server.url) }, &agency(1)).await;
    assert!(matches!(write, Err(Failure::Unclear(_))), "a write stays unclear");
    assert!(client.send(post(&server.url), &agency(1)).await.is_ok());
}

#[tokio::test]
async fn the_first_call_that_works_ends_the_wait() {
    let mut script = vec![Act::ResetAfter; 4];
    script.extend([Act::json(500, "{}"), Act::json(429, "{}"), Act::json(200, "{}")]);
    let server = Server::play(script).await;
    let tolerance = Tolerance { min_calls: 4, probe_interval: Duration::ZERO, ..Tolerance::default() };
    let (client, _) = client(&server.url, |profile| profile.tolerance = tolerance);
    for open_circuits in [0, 0, 0, 1, 1, 0, 0] {
        let _ = client.send(post(&server.url), &agency(1)).await;
        assert_eq!(client.open_circuits().0.len(), open_circuits);
    }
    assert_eq!(server.seen().len(), 7);
}

/// A ledger of which the day is used up.
struct Shut;

impl Ledger for Shut {
    fn take<'a>(&'a self, _: &'a str, _: u32, _: u32, _: &'a Limits) -> Boxed<'a, Result<Grant, LedgerDown>> {
        let grant = Grant { wait: Duration::from_secs(60), daily: true, ..Grant::default() };
        Box::pin(std::future::ready(Ok(grant)))
    }

    fn release_after_interval<'a>(&'a self, _: &'a str, _: SlotId) -> Boxed<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

fn window(name: &'static str, burst: u32) -> RateWindow {
    RateWindow { name, burst, interval: Duration::from_secs(60), daily: None }
}

#[tokio::test]
async fn without_a_place_nothing_is_sent() {
    let server = Server::play(vec![Act::json(200, "{}")]).await;
    let profile = Profile { windows: vec![window("test", 100)], ..Profile::new("test", vec![server.url.clone()]) };
    let (client, log) = connected(vec![profile], Arc::new(Shut));
    let result = client.send(post(&server.url), &CallContext::default()).await;
    assert!(matches!(result, Err(Failure::NoSlot { daily: true, .. })));
    assert_eq!((log.last().outcome, server.seen().len()), (Outcome::NoSlot, 0));
    let free = Request { rate_key: None, ..post(&server.url) };
    assert!(client.send(free, &CallContext::default()).await.is_ok());
}

/// Starts a server that answers any number of calls per connection. Returns its URL and the counter of
/// connections.
#[expect(clippy::disallowed_methods, reason = "the server of a test is a task of its own")]
async fn keep_alive() -> (Url, Arc<Mutex<u32>>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let connections = Arc::new(Mutex::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            *count.lock().unwrap() += 1;
            tokio::spawn(async move {
                let mut chunk = [0; 4096];
                while stream.read(&mut chunk).await.is_ok_and(|n| n > 0) {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
                }
            });
        }
    });
    (url, connections)
}

#[tokio::test]
async fn reads_share_a_connection_and_single_writes_take_their_own() {
    let (url, connections) = keep_alive().await;
    let (client, _) = client(&url, |_| ());
    let call = |fresh| Request { method: Method::GET, body: Body::Empty, fresh, ..post(&url) };
    for _ in 0..3 {
        client.send(call(false), &CallContext::default()).await.unwrap();
    }
    assert_eq!(*connections.lock().unwrap(), 1);
    for _ in 0..3 {
        client.send(call(true), &CallContext::default()).await.unwrap();
    }
    assert_eq!(*connections.lock().unwrap(), 4);
}
