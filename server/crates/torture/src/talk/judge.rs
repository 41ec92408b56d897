//! Which messages were lost, sent twice, or cannot be explained? The simulator remembers every message that it was sent or
//! that a customer wrote, including those whose answer it withheld. Our tables must say the same.

use std::collections::BTreeMap;

use serde_json::Value;
use store::messaging::testing::{self, Kept};

use super::world::World;
use crate::judge::Verdict;

/// Compares what Meta knows with our tables.
pub async fn judge(world: &World) -> Verdict {
    let (at_meta, kept) = (world.at_meta(), testing::messages(&world.db).await);
    let mut verdict = Verdict::default();
    for message in &at_meta {
        known_once(message, &kept, &mut verdict);
    }
    for own in kept.iter().filter(|own| own.external_id.is_some()) {
        if !at_meta.iter().any(|message| message["id"].as_str() == own.external_id.as_deref()) {
            verdict.unexplained.push(format!("Meta knows nothing of {own:?}"));
        }
    }
    for answer in &world.answers {
        match at_meta.iter().filter(|message| text(message) == answer.text).count() {
            1 => {}
            0 if !answer.is_certain => {}
            0 => verdict.lost.push(format!("{} was never sent: {:?}", answer.text, of_text(&kept, &answer.text))),
            many => verdict.duplicated.push(format!("{} was sent {many} times", answer.text)),
        }
    }
    answered_once(&kept, &mut verdict);
    let forgotten = testing::forgotten(&world.db).await;
    verdict.lost.extend(forgotten.into_iter().map(|who| format!("{who}: nobody answered, and nobody knows it")));
    println!("torture: {} messages at Meta, {} of ours", at_meta.len(), kept.len());
    verdict
}

/// A message that Meta knows is one of ours, with the same text and status.
fn known_once(message: &Value, kept: &[Kept], verdict: &mut Verdict) {
    let is_inbound = message["outbound"] != true;
    let same: Vec<&Kept> = kept.iter().filter(|own| own.external_id.as_deref() == message["id"].as_str()).collect();
    match same[..] {
        [] if is_inbound => verdict.lost.push(format!("a customer's message never arrived: {message}")),
        [] => verdict.unexplained.push(format!("we know nothing of what was sent: {message}")),
        [own] if own.is_inbound != is_inbound || own.body != text(message) => {
            verdict.unexplained.push(format!("{own:?} is {message}"));
        }
        [own] if !is_inbound && message["status"].as_str() != Some(own.status.as_str()) => {
            verdict.unexplained.push(format!("{own:?} is {} at Meta", message["status"]));
        }
        [_] => {}
        _ => verdict.duplicated.push(format!("{} times in the inbox: {message}", same.len())),
    }
}

/// The assistant sends no more answers than a customer sent messages.
fn answered_once(kept: &[Kept], verdict: &mut Verdict) {
    let mut conversations: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    for message in kept {
        let (asked, answered) = conversations.entry(message.conversation.0).or_default();
        *asked += usize::from(message.is_inbound);
        *answered += usize::from(message.sender == "assistant" && message.external_id.is_some());
    }
    for (conversation, (asked, answered)) in conversations {
        if answered > asked {
            verdict.duplicated.push(format!("{conversation}: {answered} answers of the assistant to {asked} messages"));
        }
    }
}

fn text(message: &Value) -> &str {
    message["body"]["text"]["body"].as_str().unwrap_or_default()
}

fn of_text<'a>(kept: &'a [Kept], text: &str) -> Vec<&'a Kept> {
    kept.iter().filter(|own| own.body == text).collect()
}
