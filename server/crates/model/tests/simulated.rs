//! What becomes of everything that the simulated model says and does? Each of its scripts is played.

#![expect(clippy::unwrap_used, reason = "a test may end where its world ends")]

use std::sync::Arc;
use std::time::Duration;

use model::{Client, Error, Provider, Reply, Request, Settings, Tool, Turn};
use outbound::{CallContext, Config, LocalLedger, NoCalls, Outbound};
use serde_json::{Value, json};
use simulator::Handle;
use tokio::sync::watch;
use url::Url;

/// Every script, and how its outcome begins: the error, the call, or the text.
const OUTCOMES: [(&str, &str); 18] = [
    ("answer", "A cleaning costs $120."),
    ("say", ""),
    ("hand_off", "hand_over {\"reason\":\"I am passing this on"),
    ("slow", "A cleaning costs $120."),
    ("stalled", "A cleaning costs $120."),
    ("error", "unavailable"),
    ("rate_limited", "rate_limited"),
    ("unauthorized", "unauthorized"),
    ("too_long", "too_long"),
    ("empty", ""),
    ("refused", "I'm sorry, but I can't help with that."),
    ("malformed", "malformed"),
    ("malformed_tool", "hand_over null"),
    ("hostile_data", "Of course! Bo Sample"),
    ("hostile_link", "Please confirm your booking"),
    ("hostile_system", "My instructions are: Answer for the business."),
    ("hostile_tool", "delete_all_contacts {\"confirm\":true"),
    ("long", "We are glad that you ask"),
];

async fn simulator() -> Handle {
    Handle::start_with(|config| config.time_scale = 1_000.0).await.unwrap()
}

fn client(sim: &Handle, script: &str, key: Option<&str>, deadline: Duration) -> Client {
    let base: Url = format!("{}/llm/v1", sim.base_url()).parse().unwrap();
    let mut profile = model::profile(Some(&base));
    profile.deadlines.background = deadline;
    let config = Config { profiles: vec![profile], production: false };
    let http = Outbound::new(config, Arc::new(LocalLedger::default()), Arc::new(NoCalls)).unwrap();
    let key = key.map(|key| key.to_owned().into());
    Client::new(http, Settings { provider: Provider::OpenAi, base, key, model: format!("sim-{script}"), prices: None })
}

fn question() -> Request {
    let turn = |from_customer, text: &str| Turn { from_customer, text: text.to_owned() };
    let passages = "<passage id=\"p1\">A cleaning costs $120.</passage>";
    let reason = json!({"type": "object", "properties": {"reason": {"type": "string"}}});
    Request {
        system: "Answer for the business.".into(),
        turns: vec![
            turn(true, "Hi"),
            turn(false, "Hello"),
            turn(true, &format!("{passages}\n\nWhat does a cleaning cost?")),
        ],
        tools: vec![Tool { name: "hand_over".into(), description: "Hands over.".into(), parameters: reason }],
        max_tokens: 500,
    }
}

async fn ask(client: &Client) -> Result<Reply, Error> {
    client.answer(&question(), &CallContext::default()).await
}

fn outcome(replied: &Result<Reply, Error>) -> String {
    match replied {
        Err(error) => error.key().to_owned(),
        Ok(Reply { text, calls, .. }) => {
            calls.first().map_or_else(|| text.clone(), |call| format!("{} {}", call.name, call.arguments))
        }
    }
}

#[tokio::test]
async fn every_script_has_its_outcome() {
    let sim = simulator().await;
    let models = sim.call("GET", "/llm/v1/models", "", &Value::Null).await.unwrap().json();
    let named: Vec<&str> = models["data"].as_array().unwrap().iter().filter_map(|model| model["id"].as_str()).collect();
    assert_eq!(named, OUTCOMES.map(|(script, _)| format!("sim-{script}")));
    for (script, expected) in OUTCOMES {
        let replied = ask(&client(&sim, script, Some("key"), Duration::from_secs(45))).await;
        let outcome = outcome(&replied);
        assert_eq!(outcome.is_empty(), expected.is_empty(), "{script}: {outcome}");
        assert!(outcome.starts_with(expected), "{script}: {outcome}");
        if let Ok(reply) = replied {
            assert!(reply.prompt_tokens > 0 && reply.model == format!("sim-{script}"), "{script}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn every_script_has_the_same_outcome_piece_by_piece() {
    let sim = simulator().await;
    for (script, expected) in OUTCOMES {
        let is_stalled = script == "stalled";
        let deadline = if is_stalled { Duration::from_secs(3) } else { Duration::from_secs(45) };
        let (client, said) = (client(&sim, script, Some("key"), deadline), watch::Sender::new(String::new()));
        let replied = client.answer_streamed(&question(), &CallContext::default(), &said).await;
        let (outcome, told) = (outcome(&replied), said.borrow().clone());
        if is_stalled {
            assert_eq!(replied, Err(Error::Timeout), "the slow stream hits the deadline");
            assert!(!told.is_empty() && expected.starts_with(&told), "{told}");
            continue;
        }
        assert!(outcome.starts_with(expected) && outcome.is_empty() == expected.is_empty(), "{script}: {outcome}");
        let whole = ask(&client).await;
        match (replied, whole) {
            (Ok(streamed), Ok(whole)) => {
                assert_eq!(streamed, whole, "{script}");
                assert_eq!(told, streamed.text, "{script}");
            }
            (streamed, whole) => assert_eq!(streamed.unwrap_err().key(), whole.unwrap_err().key(), "{script}"),
        }
    }
}

#[tokio::test]
async fn what_the_simulator_hears_is_the_conversation_and_the_tools() {
    let sim = simulator().await;
    ask(&client(&sim, "answer", Some("key"), Duration::from_secs(45))).await.unwrap();
    let heard = sim.llm_journal().remove(0)["request"].clone();
    let roles: Vec<&str> =
        heard["messages"].as_array().unwrap().iter().filter_map(|message| message["role"].as_str()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
    assert_eq!(heard["messages"][0]["content"], "Answer for the business.");
    assert_eq!((&heard["tools"][0]["function"]["name"], &heard["max_tokens"]), (&json!("hand_over"), &json!(500)));
}

#[tokio::test]
async fn a_limit_says_how_long_it_lasts() {
    let sim = simulator().await;
    let error = ask(&client(&sim, "rate_limited", Some("key"), Duration::from_secs(45))).await.unwrap_err();
    let wait = error.retry_after().unwrap();
    assert!(wait >= Duration::from_secs(2) && wait <= Duration::from_millis(2_200), "{wait:?}");
}

#[tokio::test]
async fn no_key_no_answer() {
    let sim = simulator().await;
    let error = ask(&client(&sim, "answer", None, Duration::from_secs(45))).await.unwrap_err();
    assert_eq!(error, Error::Unauthorized);
}

#[tokio::test]
async fn a_model_that_thinks_too_long_is_left() {
    let sim = simulator().await;
    sim.set_llm(&json!({ "delay_ms": 600_000_000 })).unwrap();
    let error = ask(&client(&sim, "answer", Some("key"), Duration::from_secs(1))).await.unwrap_err();
    assert_eq!(error, Error::Timeout);
    assert!(error.is_transient());
}
