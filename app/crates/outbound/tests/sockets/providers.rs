//! Each provider is called as its own profile says, and none of them touches another.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use bytes::Bytes;
use outbound::{
    Answer, Body, CallContext, Failure, LocalLedger, Outbound, Outcome, Part, Priority, Profile, RateKey, Request,
    Tolerance,
};
use tokio::sync::mpsc;

use crate::wire::{Act, Server};
use crate::{Log, agency, connected, post, window};

/// Two providers on two servers.
struct World {
    one: Server,
    two: Server,
    client: Outbound,
    log: Arc<Log>,
}

/// Each server answers from its script, and each profile is changed by its function.
async fn world(scripts: [Vec<Act>; 2], change: impl FnOnce(&mut Profile, &mut Profile)) -> World {
    let [first, second] = scripts;
    let (one, two) = (Server::play(first).await, Server::play(second).await);
    let (mut first, mut second) =
        (Profile::new("one", vec![one.url.clone()]), Profile::new("two", vec![two.url.clone()]));
    change(&mut first, &mut second);
    let (client, log) = connected(vec![first, second], Arc::new(LocalLedger::default()));
    World { one, two, client, log }
}

impl World {
    fn to_one(&self) -> Request {
        Request { provider: "one", rate_key: None, ..post(&self.one.url) }
    }

    fn to_two(&self) -> Request {
        Request { provider: "two", rate_key: None, ..post(&self.two.url) }
    }

    async fn send(&self, request: Request, about: &CallContext) -> Result<Answer, Failure> {
        self.client.send(request, about).await
    }
}

fn ok(times: usize) -> Vec<Act> {
    vec![Act::json(200, "{}"); times]
}

fn not_sent(result: &Result<Answer, Failure>) -> bool {
    matches!(result, Err(Failure::NotSent(_)))
}

#[tokio::test]
async fn each_provider_has_its_own_hosts_and_a_provider_without_a_profile_none() {
    let world = world([ok(1), ok(1)], |_, _| ()).await;
    let nobody = CallContext::default();
    let foreign = Request { url: world.to_two().url, ..world.to_one() };
    assert!(not_sent(&world.send(foreign, &nobody).await), "a host of another provider");
    let foreign = Request { url: world.to_one().url, ..world.to_two() };
    assert!(not_sent(&world.send(foreign, &nobody).await), "the other way round");
    let unknown = Request { provider: "three", ..world.to_one() };
    assert!(not_sent(&world.send(unknown, &nobody).await), "no profile");
    assert_eq!((world.log.last().provider, world.log.last().outcome), ("three", Outcome::NotSent));
    assert_eq!((world.one.seen().len(), world.two.seen().len()), (0, 0));
    assert!(world.send(world.to_one(), &nobody).await.is_ok());
    assert_eq!(world.log.last().provider, "one", "the log names the provider");
    assert!(world.send(world.to_two(), &nobody).await.is_ok());
    assert_eq!(world.log.last().provider, "two");
}

#[tokio::test]
async fn each_provider_has_its_own_size_limit() {
    let answer = || vec![Act::json(200, &"x".repeat(500))];
    let world = world([answer(), answer()], |one, two| (one.max_response, two.max_response) = (500, 499)).await;
    let nobody = CallContext::default();
    assert_eq!(world.send(world.to_one(), &nobody).await.unwrap().body.len(), 500);
    let Err(Failure::Unclear(why)) = world.send(world.to_two(), &nobody).await else { panic!("too large") };
    assert!(why.contains("larger than 499 bytes"), "{why}");
}

#[tokio::test]
async fn each_provider_has_its_own_deadlines_for_people_and_for_background_work() {
    let world = world([ok(1), ok(1)], |one, two| {
        one.deadlines.interactive = Duration::ZERO;
        two.deadlines.background = Duration::ZERO;
    })
    .await;
    let background = CallContext::default();
    let person = CallContext { priority: Priority::Interactive, ..CallContext::default() };
    assert!(not_sent(&world.send(world.to_one(), &person).await), "its time is over at once");
    assert!(world.send(world.to_one(), &background).await.is_ok());
    assert!(not_sent(&world.send(world.to_two(), &background).await));
    assert!(world.send(world.to_two(), &person).await.is_ok());
}

#[tokio::test]
async fn a_provider_that_fails_blocks_its_own_calls_and_uses_up_its_own_repetitions() {
    let tolerance = Tolerance { min_calls: 4, min_retries: 1, ..Tolerance::default() };
    let world = world([vec![Act::json(503, "{}"); 4], ok(8)], |one, two| {
        (one.tolerance, two.tolerance) = (tolerance, tolerance);
    })
    .await;
    for _ in 0..4 {
        assert!(world.send(world.to_one(), &agency(1)).await.is_ok(), "an answer all the same");
        assert!(world.send(world.to_two(), &agency(1)).await.is_ok());
    }
    let held = world.send(world.to_one(), &agency(1)).await;
    assert!(matches!(held, Err(Failure::Held { .. })));
    assert!(world.send(world.to_two(), &agency(1)).await.is_ok(), "the other provider, for the same agency");
    let (open, opened) = world.client.open_circuits();
    assert_eq!((open.len(), open[0].provider, opened), (1, "one", 1));
    let agency = uuid::Uuid::from_u128(1);
    assert!(world.client.repeat("one", agency).is_ok());
    assert!(world.client.repeat("one", agency).is_err(), "its one repetition is used up");
    assert!(world.client.repeat("two", agency).is_ok());
}

#[tokio::test]
async fn each_provider_has_its_own_slots_even_for_the_same_id() {
    let world = world([ok(2), ok(3)], |one, two| {
        one.windows = vec![window("one", 1)];
        two.windows = vec![window("two:app", 1), window("two:page", 2)];
    })
    .await;
    let keyed = |request, window| Request { rate_key: Some(RateKey { window, id: "id".into() }), ..request };
    let nobody = CallContext::default();
    let served = async |request: Request| world.client.send(request, &nobody).await.is_ok();
    assert!(served(keyed(world.to_one(), "one")).await);
    let full = world.send(keyed(world.to_one(), "one"), &nobody).await;
    assert!(matches!(full, Err(Failure::NoSlot { .. })));
    assert!(served(keyed(world.to_two(), "two:app")).await);
    for left in [true, true, false] {
        assert_eq!(served(keyed(world.to_two(), "two:page")).await, left, "a window of its own in the same provider");
    }
    assert!(not_sent(&world.send(keyed(world.to_two(), "one"), &nobody).await), "another provider's window");
    assert_eq!((world.one.seen().len(), world.two.seen().len()), (1, 3));
}

#[tokio::test]
async fn a_provider_that_never_answers_does_not_keep_another_waiting() {
    let world = world([vec![Act::Silence; 3], ok(1)], |_, _| ()).await;
    let nobody = CallContext::default();
    let mut hanging: Vec<_> = (0..3).map(|_| Box::pin(world.send(world.to_one(), &nobody))).collect();
    let mut other = pin!(world.send(world.to_two(), &nobody));
    let answer = std::future::poll_fn(|context: &mut Context<'_>| {
        for call in &mut hanging {
            assert!(call.as_mut().poll(context).is_pending());
        }
        other.as_mut().poll(context)
    })
    .await;
    assert!(answer.is_ok());
}

#[tokio::test]
async fn a_stream_is_for_the_provider_whose_profile_allows_it() {
    let script = vec![eight_bytes(), eight_bytes(), eight_bytes(), Act::json(400, "why")];
    let world = world([script, ok(1)], |one, _| (one.streaming, one.max_response) = (true, 8)).await;
    let nobody = CallContext::default();
    let streamed = async |request: Request| {
        let (chunks, mut arrived) = mpsc::channel::<Bytes>(8);
        let result = world.client.stream(request, &nobody, chunks).await;
        let mut body = Vec::new();
        while let Some(chunk) = arrived.recv().await {
            body.extend_from_slice(&chunk);
        }
        (result, String::from_utf8(body).unwrap())
    };
    let (answer, body) = streamed(world.to_one()).await;
    assert_eq!((answer.unwrap().body.len(), body.as_str()), (0, "aaaabbbb"));
    assert_eq!(world.log.last().outcome, Outcome::Ok);
    assert!(not_sent(&streamed(world.to_two()).await.0) && world.two.seen().is_empty());
    assert_eq!(world.send(world.to_one(), &nobody).await.unwrap().body.as_ref(), b"aaaabbbb", "whole, if it is sent");
    let (chunks, gone) = mpsc::channel(1);
    drop(gone);
    assert!(world.client.stream(world.to_one(), &nobody, chunks).await.is_ok(), "nobody reads: that is no failure");
    let (refused, body) = streamed(world.to_one()).await;
    assert_eq!((refused.unwrap().body.as_ref(), body.as_str()), (b"why".as_slice(), ""), "an error is no stream");
}

/// A response in two pieces.
fn eight_bytes() -> Act {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    Act::Say(format!("{head}4\r\naaaa\r\n4\r\nbbbb\r\n0\r\n\r\n").into_bytes())
}

#[tokio::test]
async fn a_stream_that_is_too_long_is_cut_off() {
    let world = world([vec![eight_bytes()], ok(0)], |one, _| (one.streaming, one.max_response) = (true, 7)).await;
    let (chunks, _reader) = mpsc::channel(8);
    let cut = world.client.stream(world.to_one(), &CallContext::default(), chunks).await;
    let Err(Failure::Unclear(why)) = cut else { panic!("too large") };
    assert!(why.contains("larger than 7 bytes"), "{why}");
}

#[tokio::test]
async fn a_multipart_body_is_for_the_provider_whose_profile_allows_it() {
    let world = world([ok(1), ok(1)], |one, _| one.multipart = true).await;
    let file = Some(("logo.png".to_owned(), "image/png".to_owned()));
    let body = Body::Multipart(vec![Part { name: "file", file, content: b"pixels".to_vec() }]);
    let nobody = CallContext::default();
    assert!(not_sent(&world.send(Request { body: body.clone(), ..world.to_two() }, &nobody).await));
    assert!(world.two.seen().is_empty());
    assert!(world.send(Request { body, ..world.to_one() }, &nobody).await.is_ok());
    let seen = world.one.seen().remove(0);
    let kind = seen.headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.clone()).unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    assert_eq!(seen.body.matches(boundary).count(), 2, "{}", seen.body);
    assert!(seen.body.contains("filename=\"logo.png\"\r\ncontent-type: image/png\r\n\r\npixels\r\n"), "{}", seen.body);
}
