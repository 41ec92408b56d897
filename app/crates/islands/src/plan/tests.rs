//! The panel shows what the plan says, and what somebody typed stays text.

use domain::provisioning::{Duplicate, TodoItem, Typical};
use domain::todos::TodoKind;
use leptos::prelude::*;

use super::{Plan, PlanPanel, PlanState, PlannedStep};
use crate::json::{read, written};

fn drawn(name: &str) -> String {
    let step = |label: &str, calls, left_out: Option<&str>| PlannedStep {
        label: label.to_owned(),
        does: format!("Creates a location for {name}, exactly once."),
        calls,
        left_out: left_out.map(str::to_owned),
    };
    let plan = Plan {
        steps: vec![step("Create location", 1, None), step("Create users", 0, Some("no users given"))],
        people: Vec::new(),
        typical: Typical { p50: Some(60.0), p90: None },
        duplicates: vec![Duplicate { job: None, business: None, name: name.to_owned(), same: vec!["name".to_owned()] }],
        errors: vec![domain::field::FieldError::new("/client/email", format!("{name} has no email")); 6],
        zone: Some(format!("Time zone of {name}")),
    };
    let state = PlanState { base: "/a/harbor".to_owned(), plan, anyway: true };
    let state: PlanState = read(&written(&state)).unwrap();
    // Without the marks that stand between two pieces of text.
    Owner::new().with(|| view! { <PlanPanel state/> }.to_html()).replace("<!>", "")
}

#[test]
fn the_panel_shows_steps_calls_twins_and_what_is_needed() {
    let html = drawn("Bright Dental");
    for text in [
        "1 call",
        "Create users: skipped \u{2013} no users given.",
        "Usually takes",
        "You already have a client called Bright Dental",
        "same name",
        "#field-/client/email",
        "Time zone of Bright Dental",
        "checked",
    ] {
        assert!(html.contains(text), "{text} is missing in {html}");
    }
}

#[test]
fn what_is_needed_stands_before_the_steps_and_is_short() {
    let html = drawn("Bright Dental");
    let at = |text: &str| html.find(text).expect(text);
    assert!(at("You already have") < at("Still needed") && at("Still needed") < at("What will happen"));
    assert_eq!(html.matches("#field-/client/email").count(), 4);
    assert!(html.contains("And 2 more."), "{html}");
}

#[test]
fn what_somebody_typed_stays_text() {
    let html = drawn("<img src=x onerror=alert(1)>");
    assert!(html.contains("&lt;img") && !html.contains("<img"), "{html}");
}

#[test]
fn a_plan_arrives_as_it_was_sent() {
    let people = TodoKind::ALL.map(|kind| TodoItem {
        kind,
        about: (kind == TodoKind::AddUser).then(|| "Ana".to_owned()),
        what: "Set a password".to_owned(),
        why: "in HighLevel".to_owned(),
    });
    let plan = Plan { people: people.to_vec(), typical: Typical { p50: Some(41.25), p90: None }, ..Plan::default() };
    let sent = PlanState { base: "/a/harbor".to_owned(), plan, anyway: false };
    assert_eq!(read::<PlanState>(&written(&sent)), Some(sent));
    assert_eq!(read::<PlanState>("{\"base\":\"/a/harbor\",\"anyway\":false}"), None, "of another version");
}
