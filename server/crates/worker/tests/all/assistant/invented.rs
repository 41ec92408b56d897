//! What the business never said, and what only people speak about, is not sent.

use domain::assistant::HandOver;
use domain::messaging::AiMode;
use serde_json::json;

use super::desk::{Desk, KNOWN, QUESTION};

#[tokio::test]
async fn a_price_and_a_story_that_the_business_never_gave_are_left_to_people() {
    let desk = Desk::new(AiMode::Auto).await;
    let table = [
        (KNOWN, ""),
        ("A cleaning costs $20.", HandOver::Blocked.key()),
        ("Wonderful dentists recommend whitening, implants, veneers, cleaning.", HandOver::NoKnowledge.key()),
    ];
    for (at, (text, reason)) in (0..).zip(table) {
        desk.sim.set_llm(&json!({ "text": text })).unwrap();
        let ada = desk.hears(&format!("1650555010{at}"), QUESTION).await;
        desk.finish(&desk.model("say")).await;
        assert_eq!(desk.answers(ada).await[0].line.reason, reason, "{text}");
    }
}

#[tokio::test]
async fn a_topic_of_people_is_not_answered_whatever_was_asked() {
    let desk = Desk::new(AiMode::Auto).await;
    let never = "insert into ai_agents (sub_account_id, version, published) select id, 1, '{\"never\": [\"120\"]}' from sub_accounts";
    desk.harness.db.execute(never).await;
    for (at, worker) in (0..).zip([desk.harness.worker.clone(), desk.model("answer")]) {
        let ada = desk.hears(&format!("1650555010{at}"), QUESTION).await;
        desk.finish(&worker).await;
        assert_eq!(desk.answers(ada).await[0].line.reason, HandOver::NeverTopic.key(), "{at}");
        assert!(desk.sent(ada).await.iter().all(|text| !text.contains("120")), "{at}");
    }
}
