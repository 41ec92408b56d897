//! The rules of the assistant: whatever the model says, whoever does something meanwhile and wherever a process ends, a customer
//! gets one answer or a person, never a hostile word and never silence, and each answer leaves its trace.

mod costs;
mod desk;
mod invented;
mod lost;
mod meanwhile;
mod rehearsal;
mod small_talk;

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{Datelike, TimeDelta, Utc};
use desk::{Desk, KNOWN, QUESTION};
use domain::assistant::AnswerState::{self, Drafted, Dropped, HandedOver, Sent};
use domain::assistant::HandOver;
use domain::assistant::hours::{DAYS, Hours};
use domain::messaging::{AiMode, Owner};
use serde_json::json;
use store::messaging::contacts;
use worker::AnswerPoint;

/// Every script of the simulated model, and why people take over, if they do.
const SCRIPTS: [(&str, Option<HandOver>); 18] = [
    ("answer", None),
    ("say", Some(HandOver::Blocked)),
    ("hand_off", Some(HandOver::ModelAsked)),
    ("slow", None),
    ("stalled", None),
    ("error", Some(HandOver::ProviderDown)),
    ("rate_limited", Some(HandOver::ProviderDown)),
    ("unauthorized", Some(HandOver::ProviderDown)),
    ("too_long", Some(HandOver::ProviderDown)),
    ("empty", Some(HandOver::Blocked)),
    ("refused", Some(HandOver::NoKnowledge)),
    ("malformed", Some(HandOver::ProviderDown)),
    ("malformed_tool", Some(HandOver::ModelAsked)),
    ("hostile_data", Some(HandOver::Blocked)),
    ("hostile_link", Some(HandOver::Blocked)),
    ("hostile_system", Some(HandOver::Blocked)),
    ("hostile_tool", Some(HandOver::Blocked)),
    ("long", Some(HandOver::Blocked)),
];

/// Words that only a hostile answer has.
const HOSTILE: [&str; 7] = ["Bo Sample", "4242", "root canal", "pay-now", "javascript", "tracker", "instructions are"];

#[tokio::test]
async fn whatever_the_model_says_a_customer_gets_an_answer_or_a_person_and_no_hostile_word() {
    for mode in [AiMode::Draft, AiMode::Auto] {
        let desk = Desk::new(mode).await;
        for (at, (script, reason)) in (0..).zip(SCRIPTS) {
            let worker = desk.model(script);
            let ada = desk.hears(&format!("165055501{at:02}"), QUESTION).await;
            desk.finish(&worker).await;
            let (answers, sent) = (desk.answers(ada).await, desk.sent(ada).await);
            let [answer] = answers.as_slice() else { panic!("{script} {mode:?}: {answers:?}") };
            let expected = match (reason, mode) {
                (Some(_), _) => HandedOver,
                (None, AiMode::Auto) => Sent,
                (None, _) => Drafted,
            };
            let found = (answer.line.state, answer.line.reason.as_str());
            assert_eq!(found, (expected, reason.map_or("", HandOver::key)), "{script} {mode:?}: {answer:?}");
            assert_eq!(sent.len(), usize::from(mode == AiMode::Auto), "{script} {mode:?}: {sent:?}");
            assert!(answer.trace.steps.len() >= 2, "{script} {mode:?}: {answer:?}");
            assert!(script != "too_long" || answer.prompt_tokens > 0, "what failed may have cost");
            let line = desk.line(ada).await;
            assert_eq!(line.owner == Owner::WaitingHuman, reason.is_some(), "{script} {mode:?}");
            assert_eq!(desk.notes(ada).await.len(), usize::from(reason.is_some()), "{script} {mode:?}");
            let said = format!("{sent:?} {answer:?}");
            assert!(HOSTILE.iter().all(|word| !said.contains(word)), "{script} {mode:?}: {said}");
            if reason.is_none() {
                assert!(answer.line.text.contains(KNOWN) && !answer.sources.is_empty(), "{script}: {answer:?}");
            }
        }
        let heard = desk.sim.llm_journal();
        let told = heard.iter().all(|call| !call["request"]["messages"][0]["content"].to_string().contains(KNOWN));
        assert!(told, "what a business knows is data, never part of the rules");
    }
}

#[tokio::test]
async fn wherever_the_process_ends_the_customer_gets_exactly_one_answer() {
    for mode in [AiMode::Draft, AiMode::Auto] {
        let desk = Desk::new(mode).await;
        for (at, point) in (0..).zip(AnswerPoint::ALL) {
            for script in ["answer", "hand_off"] {
                let ada = desk.hears(&format!("16505550{at}{:02}", script.len()), QUESTION).await;
                let died = AtomicBool::new(false);
                let mortal = desk.model(script);
                let mortal = mortal.answering_until(move |now| now == point && !died.swap(true, Ordering::SeqCst));
                desk.waits_end().await;
                desk.run(&mortal).await;
                desk.finish(&mortal.restarted()).await;
                let (states, sent) = (desk.states(ada).await, desk.sent(ada).await);
                let expected = match (script, mode) {
                    ("hand_off", _) => HandedOver,
                    (_, AiMode::Auto) => Sent,
                    _ => Drafted,
                };
                assert_eq!(states, [expected], "{point:?} {script} {mode:?}");
                assert_eq!(sent.len(), usize::from(mode == AiMode::Auto), "{point:?} {script} {mode:?}: {sent:?}");
                assert_eq!(desk.notes(ada).await.len(), usize::from(script == "hand_off"), "{point:?} {mode:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_messages_of_a_moment_are_answered_together() {
    let desk = Desk::new(AiMode::Auto).await;
    let worker = desk.model("answer");
    for text in ["Hi", "I have a question", QUESTION] {
        desk.hears("16505550101", text).await;
        desk.run(&worker).await;
        assert!(desk.sim.llm_journal().is_empty(), "the customer may be writing on");
    }
    let ada = desk.hears("16505550101", "Thanks").await;
    desk.finish(&worker).await;
    assert_eq!((desk.states(ada).await, desk.sent(ada).await.len()), (vec![Sent], 1));
    let asked = desk.sim.llm_journal();
    assert_eq!(asked.len(), 1);
    let turns = asked[0]["request"]["messages"].as_array().unwrap().clone();
    let last = turns.last().unwrap()["content"].as_str().unwrap();
    assert!(last.ends_with(&format!("Hi\nI have a question\n{QUESTION}\nThanks")), "{last}");
}

#[tokio::test]
async fn the_first_answer_says_that_no_person_answers_and_the_next_ones_do_not() {
    let desk = Desk::new(AiMode::Auto).await;
    let worker = desk.harness.worker.clone();
    for expected in [1, 2] {
        let ada = desk.hears("16505550101", QUESTION).await;
        desk.finish(&worker).await;
        let sent = desk.sent(ada).await;
        assert_eq!(sent.len(), expected);
        assert_eq!(sent.iter().filter(|text| text.contains("automated assistant")).count(), 1, "{sent:?}");
        assert!(sent.iter().all(|text| text.contains(KNOWN)), "{sent:?}");
    }
}

#[tokio::test]
async fn two_programs_do_not_talk_for_ever() {
    let desk = Desk::new(AiMode::Auto).await;
    let worker = desk.harness.worker.clone();
    let bot = desk.hears("16505550101", QUESTION).await;
    for _ in 0..15 {
        desk.waits_end().await;
        desk.run(&worker).await;
        desk.hears("16505550101", QUESTION).await;
    }
    assert_eq!(desk.sent(bot).await.len(), 11, "ten answers and the line that people take over");
    assert_eq!(desk.line(bot).await.owner, Owner::WaitingHuman);
    let last = &desk.answers(bot).await[0];
    assert_eq!((last.line.state, last.line.reason.as_str()), (HandedOver, HandOver::TooManyReplies.key()));
    let away = desk.hears("16505550102", QUESTION).await;
    desk.finish(&worker).await;
    desk.hears("16505550102", "Automatic reply: I am out of office until Monday.").await;
    desk.finish(&worker).await;
    assert_eq!((desk.states(away).await, desk.sent(away).await.len()), (vec![Dropped, Sent], 1));
}

#[tokio::test]
async fn without_a_model_knowledge_answers_and_what_nobody_knows_is_left_to_people() {
    let desk = Desk::new(AiMode::Auto).await;
    let worker = desk.harness.worker.clone();
    let table = [
        (QUESTION, Sent, ""),
        ("Hello!", Sent, ""),
        ("Do you repair old bicycles?", HandedOver, HandOver::NoKnowledge.key()),
        ("Can I talk to a person?", HandedOver, HandOver::AskedForPerson.key()),
        ("This is unacceptable!", HandedOver, HandOver::Angry.key()),
        ("", HandedOver, HandOver::NoKnowledge.key()),
    ];
    for (at, (text, state, reason)) in (0..).zip(table) {
        let ada = desk.hears(&format!("165055501{at:02}"), text).await;
        desk.finish(&worker).await;
        let answers = desk.answers(ada).await;
        let [answer] = answers.as_slice() else { panic!("{text}: {answers:?}") };
        assert_eq!((answer.line.state, answer.line.reason.as_str()), (state, reason), "{text}");
        assert_eq!(desk.sent(ada).await.len(), 1, "{text}");
        assert_eq!((answer.provider.as_str(), answer.prompt_tokens), (if at < 3 { "local" } else { "" }, 0), "{text}");
    }
}

#[tokio::test]
async fn whoever_says_stop_hears_it_once_and_then_nothing_more() {
    let desk = Desk::new(AiMode::Auto).await;
    let worker = desk.harness.worker.clone();
    let ada = desk.hears("16505550101", "STOP").await;
    desk.finish(&worker).await;
    let contact = desk.line(ada).await.contact;
    assert!(contacts::get(&mut desk.tx().await, contact).await.unwrap().opted_out_at.is_some());
    for text in ["STOP", QUESTION] {
        desk.hears("16505550101", text).await;
        desk.finish(&worker).await;
    }
    assert_eq!((desk.sent(ada).await.len(), desk.states(ada).await), (1, vec![Sent]));
    assert_eq!(desk.notes(ada).await.len(), 1);
}

#[tokio::test]
async fn outside_of_its_hours_it_drafts_and_after_the_window_people_take_over() {
    let desk = Desk::new(AiMode::Auto).await;
    let worker = desk.harness.worker.clone();
    let other = (Utc::now() + TimeDelta::days(3)).weekday();
    let day = DAYS.iter().find(|(day, ..)| *day == other).unwrap().1;
    let hours: Hours = serde_json::from_value(json!({ day: [{ "from": "09:00", "to": "17:00" }] })).unwrap();
    let mut tx = desk.tx().await;
    store::assistant::set_channel_hours(&mut tx, desk.channel, &hours).await.unwrap();
    tx.commit().await.unwrap();
    let ada = desk.hears("16505550101", QUESTION).await;
    desk.finish(&worker).await;
    assert_eq!((desk.states(ada).await, desk.sent(ada).await.len()), (vec![Drafted], 0));
    desk.harness.db.execute("update channels set ai_hours = '{}'").await;
    let ben = desk.hears("16505550102", QUESTION).await;
    desk.harness.db.execute("update conversations set window_closes_at = now() - interval '1 minute'").await;
    desk.finish(&worker).await;
    let answers = desk.answers(ben).await;
    let found = (answers[0].line.state, answers[0].line.reason.as_str(), desk.sent(ben).await.len());
    assert_eq!(found, (HandedOver, HandOver::OutsideWindow.key(), 0));
}

#[tokio::test]
async fn a_business_that_set_nothing_up_is_left_alone_unless_it_wants_answers() {
    let table: [(AiMode, &[AnswerState]); 2] = [(AiMode::Draft, &[]), (AiMode::Auto, &[HandedOver])];
    for (mode, states) in table {
        let desk = Desk::new(mode).await;
        desk.harness.db.execute("delete from knowledge").await;
        let ada = desk.hears("16505550101", QUESTION).await;
        desk.finish(&desk.harness.worker).await;
        assert_eq!(desk.states(ada).await, states, "{mode:?}");
        assert_eq!(desk.notes(ada).await.len(), states.len(), "{mode:?}");
    }
}

#[tokio::test]
async fn whoever_says_start_hears_it_and_is_answered_again() {
    let desk = Desk::new(AiMode::Auto).await;
    let worker = desk.harness.worker.clone();
    for text in ["STOP", "START", QUESTION] {
        desk.hears("16505550101", text).await;
        desk.finish(&worker).await;
    }
    let ada = desk.hears("16505550101", "Thanks").await;
    let sent = desk.sent(ada).await;
    assert_eq!(sent.len(), 3, "{sent:?}");
    assert!(sent[1].contains("write STOP") && sent[2].contains(KNOWN), "{sent:?}");
    assert_eq!(desk.notes(ada).await.len(), 2, "what was refused, and that it was taken back");
}
