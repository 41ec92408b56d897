//! Tests of the card of a job that asks: a plan that is too low, an id that was wrong, and a connection that ended.

use domain::field::FieldError;
use domain::provisioning::{JobStatus, Question, QuestionKind, Step};
use serde_json::json;
use store::imports::Offered;

use super::by_hand::ByHand;
use super::tests::{drawn, job, page, posts, question};

/// The card of a job whose agency's plan is too low, after an answer with this id was refused.
fn by_hand(wrong: Option<&str>, offered: Vec<Offered>) -> String {
    let mut job = job(JobStatus::AwaitingInput, false);
    let fields = wrong.map(|id| FieldError::new("/answer/value", format!("There's no {id}.")));
    for step in job.steps.iter_mut().filter(|step| step.step == Step::CreateLocation) {
        step.input = json!({ "answer": { "choice": "adopt", "value": wrong }, "asked": { "what": "Internal" } });
    }
    let asked = question(QuestionKind::DoByHand);
    job.question = Some(Question { fields: fields.into_iter().collect(), ..asked });
    let mut page = page(job, true, "");
    let highlevel = "https://app.gohighlevel.com".to_owned();
    page.by_hand = Some(ByHand { highlevel, offered, may_read: true });
    drawn(&page)
}

#[test]
fn a_plan_that_is_too_low_is_answered_from_a_list_or_with_an_id() {
    let one = Offered { location: "L7".to_owned(), name: "Bay <b>Dental".to_owned(), city: Some("Miami".to_owned()) };
    let html = by_hand(None, vec![one]);
    for text in ["/settings/billing", "/accounts", "<option value=\"L7\"", "Bay &lt;b", "not in the list"] {
        assert!(html.contains(text), "{text} is missing in {html}");
    }
    assert!(posts(&html).contains(&"read_locations") && !html.contains("<details open"), "{html}");
    assert!(!by_hand(None, Vec::new()).contains("<select"), "without a list the id is typed");
}

#[test]
fn a_wrong_id_stays_in_its_field_with_the_error_under_it() {
    let one = Offered { location: "L7".to_owned(), name: "Bay Dental".to_owned(), city: None };
    let html = by_hand(Some("nonsense"), vec![one]);
    assert!(html.contains("What happened") && html.contains("id=\"error-/answer/value\""), "{html}");
    assert!(html.contains("value=\"nonsense\"") && html.contains("no nonsense."), "{html}");
    assert!(!html.contains("Internal"), "the question that was asked before is not shown as input");
}

#[test]
fn reconnecting_is_one_press_for_those_who_may() {
    let mut job = job(JobStatus::AwaitingInput, false);
    job.question = Some(question(QuestionKind::Reconnect));
    let mut page = page(job, true, "");
    assert!(drawn(&page).contains("Open Connections"));
    page.connect = Some("/api/integrations/ghl/connect?agency=x".to_owned());
    let html = drawn(&page);
    assert!(html.contains("Reconnect HighLevel") && html.contains("/api/integrations/ghl/connect?agency=x"), "{html}");
}
