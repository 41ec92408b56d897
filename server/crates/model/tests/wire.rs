//! Which bytes reach a provider, and what becomes of bytes that are no answer? Tested over real sockets.

#![expect(clippy::unwrap_used, reason = "a test may end where its world ends")]

use std::sync::Arc;

use model::{Client, Error, Provider, Reply, Request, Settings, Turn};
use outbound::{CallContext, Config, LocalLedger, NoCalls, Outbound};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
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
    let (client, served) = serve(provider, path, answer).await;
    let (question, about) = (question(), CallContext::default());
    let (replied, (head, body)) = tokio::join!(client.answer(&question, &about), served);
    (replied, head.to_lowercase(), serde_json::from_str(&body).unwrap())
}

/// The same for an answer that arrives piece by piece. Returns what was told of it last, too, and the request's body.
async fn ask_streamed(provider: Provider, answer: &[u8]) -> (Result<Reply, Error>, String, Value) {
    let (client, served) = serve(provider, "", answer).await;
    let (question, about, said) = (question(), CallContext::default(), watch::Sender::new(String::new()));
    let (replied, (_, body)) = tokio::join!(client.answer_streamed(&question, &about, &said), served);
    let told = said.borrow().clone();
    (replied, told, serde_json::from_str(&body).unwrap())
}

/// A client, and its server, which gives these bytes and hangs up. The server ends with the head and the body that it read.
async fn serve(provider: Provider, path: &str, answer: &[u8]) -> (Client, impl Future<Output = (String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base: Url = format!("http://{}{path}", listener.local_addr().unwrap()).parse().unwrap();
    let serve = async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read(&mut stream).await;
        // A client that has read enough may be gone.
        let _ = stream.write_all(answer).await;
        let _ = stream.shutdown().await;
        request
    };
    (client(provider, base), serve)
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

/// A 200 whose body is a stream of these events. It ends with the connection.
fn events(events: &[Value]) -> Vec<u8> {
    let events: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    format!("HTTP/1.1 200 X\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{events}").into_bytes()
}

/// The events of a whole answer, without those that only chat completions have.
fn pieces(provider: Provider) -> Vec<Value> {
    let chat = |delta: Value, reason: Option<&str>| json!({"model": "m-1", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
    let said =
        |text: &str| json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}});
    match provider {
        Provider::OpenAi => vec![
            chat(json!({"role": "assistant", "content": ""}), None),
            chat(json!({"content": "At "}), None),
            chat(json!({"content": "nine."}), None),
            chat(json!({}), Some("stop")),
            json!({"model": "m-1", "choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3}}),
        ],
        Provider::Anthropic => vec![
            json!({"type": "message_start", "message": {"model": "m-1", "usage": {"input_tokens": 12, "output_tokens": 1}}}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            said("At "),
            said("nine."),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 3}}),
            json!({"type": "message_stop"}),
        ],
    }
}

#[tokio::test]
async fn a_streamed_answer_is_the_whole_one() {
    for provider in [Provider::OpenAi, Provider::Anthropic] {
        let (replied, told, asked) = ask_streamed(provider, &events(&pieces(provider))).await;
        let reply = replied.unwrap();
        assert_eq!((reply.text.as_str(), told.as_str(), reply.model.as_str()), ("At nine.", "At nine.", "m-1"));
        assert_eq!((reply.prompt_tokens, reply.completion_tokens), (12, 3), "{provider:?}");
        let (.., whole) = ask(provider, "", &answer(200, "{}")).await;
        let (mut asked, usage) = (asked.as_object().unwrap().clone(), json!({"include_usage": true}));
        assert_eq!(asked.remove("stream"), Some(json!(true)));
        assert_eq!(asked.remove("stream_options"), Some(usage).filter(|_| provider == Provider::OpenAi));
        assert_eq!(Value::Object(asked), whole, "{provider:?}");
    }
}

#[tokio::test]
async fn wherever_a_stream_stops_it_is_no_answer_until_the_model_ended() {
    for provider in [Provider::OpenAi, Provider::Anthropic] {
        let all = pieces(provider);
        let is_end = |event: &Value| event["choices"][0]["finish_reason"] == "stop" || event["type"] == "message_delta";
        let end = all.iter().position(is_end).unwrap();
        for count in 0..=all.len() {
            let (replied, ..) = ask_streamed(provider, &events(&all[..count])).await;
            match replied {
                Ok(reply) => assert!(count > end && reply.text == "At nine." && reply.prompt_tokens > 0, "{reply:?}"),
                Err(error) => assert!(count <= end && error == Error::Malformed, "{provider:?} {count}: {error}"),
            }
        }
        let mut cut = events(&all);
        cut.truncate(cut.len() / 2);
        assert_eq!(ask_streamed(provider, &cut).await.0.unwrap_err(), Error::Malformed);
    }
}

#[tokio::test]
async fn an_error_in_a_stream_is_one_of_its_kind() {
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: {}\n\r\n".to_vec();
    let huge = format!("data: {}\n\n", "x".repeat(2 * 1024 * 1024));
    for provider in [Provider::OpenAi, Provider::Anthropic] {
        let overloaded = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
        let limited = json!({"error": {"code": 429, "message": "m"}});
        let mut broken = pieces(provider);
        broken.insert(1, if provider == Provider::OpenAi { limited } else { overloaded });
        let (replied, ..) = ask_streamed(provider, &events(&broken)).await;
        let expected = if provider == Provider::OpenAi { "rate_limited" } else { "unavailable" };
        assert_eq!(replied.unwrap_err().key(), expected);
        for (bytes, error) in [
            (chunked.clone(), Error::Timeout),
            (answer(200, &huge), Error::Timeout),
            (events(&[json!("x"), json!([]), json!({})]), Error::Malformed),
            (answer(200, "data: {\n\ndata: [DONE]\n\n"), Error::Malformed),
            (answer(200, "data: [DONE]\n\n"), Error::Malformed),
            (answer(200, ""), Error::Malformed),
            (answer(502, "data: {}\n\n"), Error::Unavailable),
            (answer(401, ""), Error::Unauthorized),
            (answer(404, ""), Error::Refused),
        ] {
            let (replied, told, _) = ask_streamed(provider, &bytes).await;
            let shown = String::from_utf8_lossy(&bytes).chars().take(80).collect::<String>();
            assert_eq!((replied.unwrap_err(), told.as_str()), (error, ""), "{provider:?}: {shown}");
        }
    }
}

#[tokio::test]
async fn who_cannot_stream_answers_whole() {
    let body = json!({"choices": [{"message": {"content": "At nine."}}]}).to_string();
    let (replied, told, _) = ask_streamed(Provider::OpenAi, &answer(200, &body)).await;
    assert_eq!((replied.unwrap().text.as_str(), told.as_str()), ("At nine.", ""), "it takes no notice");
    for status in [400, 422] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let unknown = r#"{"error":{"code":"unknown_parameter","message":"stream_options"}}"#;
        let serve = async {
            let mut asked = Vec::new();
            for bytes in [answer(status, unknown), answer(200, &body)] {
                let (mut stream, _) = listener.accept().await.unwrap();
                asked.push(serde_json::from_str::<Value>(&read(&mut stream).await.1).unwrap()["stream"].clone());
                stream.write_all(&bytes).await.unwrap();
                stream.shutdown().await.unwrap();
            }
            asked
        };
        let (client, question, about) = (client(Provider::OpenAi, base), question(), CallContext::default());
        let said = watch::Sender::new(String::new());
        let (replied, asked) = tokio::join!(client.answer_streamed(&question, &about, &said), serve);
        assert_eq!((replied.unwrap().text.as_str(), asked), ("At nine.", vec![json!(true), Value::Null]), "it says so");
    }
}
