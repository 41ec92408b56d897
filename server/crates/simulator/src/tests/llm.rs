//! Tests that the stand-in for a language model answers, streams, fails as it is told to, and writes its journal.

use serde_json::{Value, json};

use crate::Handle;

#[tokio::test]
async fn the_chat_model_answers_streams_fails_as_ordered_and_keeps_a_journal() {
    let sim = Handle::start_with(|config| config.time_scale = 1_000.0).await.unwrap();
    let body = json!({"model": "any", "messages": [{"role": "system", "content": "<passage id=\"1\">Cleaning costs $120.</passage>"},
        {"role": "user", "content": "What does cleaning cost?"}]});
    let ask = async |body: &Value| sim.call("POST", "/llm/v1/chat/completions", "key", body).await.unwrap();
    assert_eq!(ask(&body).await.json()["choices"][0]["message"]["content"], "Cleaning costs $120.");
    let mut streamed = body.clone();
    streamed["stream"] = json!(true);
    assert!(String::from_utf8_lossy(&ask(&streamed).await.body).ends_with("data: [DONE]\n\n"));
    sim.set_llm(&json!({"next": ["error", "rate_limited"], "script": "say", "text": "Said"})).unwrap();
    assert_eq!(ask(&body).await.status, 500);
    assert_eq!(ask(&body).await.header("retry-after"), Some("2"));
    assert_eq!(ask(&body).await.json()["choices"][0]["message"]["content"], "Said");
    assert_eq!(sim.call("POST", "/llm/v1/chat/completions", "", &body).await.unwrap().status, 401);
    let scripts: Vec<Value> = sim.llm_journal().iter().map(|entry| entry["script"].clone()).collect();
    assert_eq!(
        scripts,
        [json!("answer"), json!("answer"), json!("error"), json!("rate_limited"), json!("say"), Value::Null]
    );
}
