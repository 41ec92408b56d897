//! Which bytes reach a provider, and what becomes of bytes that are no answer? Tested over real sockets.

#![expect(clippy::unwrap_used, reason = "a test may end where its world ends")]

use std::sync::Arc;

use model::{Client, Error, Provider, Reply, Request, Settings, Turn};
use outbound::{CallContext, Config, LocalLedger, NoCalls, Outbound};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

fn client(provider: Provider, base: Url) -> Client {
    let config = Config { profiles: vec![model::profile(Some(&base))], production: false };
    let http = Outbound::new(config, Arc::new(LocalLedger::default()), Arc::new(NoCalls)).unwrap();
    let key = Some("test-model-key".to_owned().into());
    Client::new(http, Settings { provider, base, key, model: "m".into(), prices: None })
}

fn question() -> Request {
    let turns = vec![Turn { from_customer: true, text: "When?".into() }];
    Request { system: "Answer.".into(), turns, tools: Vec::new(), max_tokens: 300 }
}

/// Asks a server that gives these bytes and hangs up. Returns the request's head in small letters, too, and its body.
async fn ask(provider: Provider, path: &str, answer: &[u8]) -> (Result<Reply, Error>, String, Value) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base: Url = format!("http://{}{path}", listener.local_addr().unwrap()).parse().unwrap();
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read(&mut stream).await;
        // A client that has read enough may be gone.
        let _ = stream.write_all(answer).await;
        let _ = stream.shutdown().await;
        request
    };
    let (client, question, about) = (client(provider, base), question(), CallContext::default());
    let (replied, (head, body)) = tokio::join!(client.answer(&question, &about), serve);
    (replied, head.to_lowercase(), serde_json::from_str(&body).unwrap())
}

async fn read(stream: &mut TcpStream) -> (String, String) {
    let (mut raw, mut chunk) = (Vec::new(), [0; 8192]);
    loop {
        let count = stream.read(&mut chunk).await.unwrap();
        assert!(count > 0, "the request ended early");
        raw.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&raw).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if body.len() >= length.unwrap_or_default() {
            return (head.to_owned(), body.to_owned());
        }
    }
}

fn answer(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").into_bytes()
}

#[tokio::test]
async fn anthropic_is_asked_in_its_own_way() {
    let body = json!({"content": [{"type": "text", "text": "At nine."}], "stop_reason": "end_turn", "model": "m-1",
        "usage": {"input_tokens": 12, "output_tokens": 3}});
    let (replied, head, asked) = ask(Provider::Anthropic, "", &answer(200, &body.to_string())).await;
    let expected = Reply {
        text: "At nine.".into(),
        calls: Vec::new(),
        prompt_tokens: 12,
        completion_tokens: 3,
        model: "m-1".into(),
    };
    assert_eq!(replied.unwrap(), expected);
    assert!(head.starts_with("post /v1/messages http/1.1\r\n"), "{head}");
    for line in ["x-api-key: test-model-key", "anthropic-version: 2023-06-01", "content-type: application/json"] {
        assert!(head.lines().any(|known| known == line), "{line}: {head}");
    }
    assert!(!head.contains("authorization"), "{head}");
    let messages = json!([{"role": "user", "content": "When?"}]);
    assert_eq!(asked, json!({"model": "m", "max_tokens": 300, "system": "Answer.", "messages": messages}));
}

#[tokio::test]
async fn chat_completions_are_found_below_the_address_and_counted_if_the_provider_does_not() {
    let body = json!({"choices": [{"message": {"content": "At nine."}}]}).to_string();
    let (replied, head, asked) = ask(Provider::OpenAi, "/some/v1/", &answer(200, &body)).await;
    let reply = replied.unwrap();
    assert_eq!((reply.text.as_str(), reply.prompt_tokens, reply.completion_tokens), ("At nine.", 3, 2));
    assert!(head.starts_with("post /some/v1/chat/completions http/1.1\r\n"), "{head}");
    assert!(head.lines().any(|line| line == "authorization: bearer test-model-key"), "{head}");
    assert_eq!(asked["messages"][1], json!({"role": "user", "content": "When?"}));
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_of_its_kind() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"choices\":[".to_vec();
    let huge = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n{".to_vec();
    let moved = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_vec();
    let overloaded = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    for provider in [Provider::OpenAi, Provider::Anthropic] {
        for (bytes, error) in [
            (Vec::new(), Error::Timeout),
            (cut.clone(), Error::Timeout),
            (huge.clone(), Error::Timeout),
            (moved.clone(), Error::Unavailable),
            (answer(200, ""), Error::Malformed),
            (answer(200, "<html>"), Error::Malformed),
            (answer(200, "[]"), Error::Malformed),
            (answer(200, "{}"), Error::Malformed),
            (answer(200, &"[".repeat(100_000)), Error::Malformed),
            (answer(200, r#"{"error":{"code":503}}"#), Error::Unavailable),
            (answer(502, "<html>Bad Gateway</html>"), Error::Unavailable),
            (answer(529, overloaded), Error::Unavailable),
            (answer(404, "not found"), Error::Refused),
            (answer(401, ""), Error::Unauthorized),
        ] {
            let (replied, ..) = ask(provider, "", &bytes).await;
            let shown = String::from_utf8_lossy(&bytes).chars().take(80).collect::<String>();
            assert_eq!(replied.unwrap_err(), error, "{provider:?}: {shown}");
        }
    }
}

#[tokio::test]
async fn a_closed_port_is_not_available_and_no_text_holds_a_nul() {
    let nobody = client(Provider::OpenAi, "http://127.0.0.1:1/v1".parse().unwrap());
    let error = nobody.answer(&question(), &CallContext::default()).await.unwrap_err();
    assert_eq!(error, Error::Unavailable);
    let body = r#"{"choices":[{"message":{"content":"At\u0000 nine."}}]}"#;
    let (replied, ..) = ask(Provider::OpenAi, "", &answer(200, body)).await;
    assert_eq!(replied.unwrap().text, "At nine.");
}
