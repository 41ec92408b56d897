//! A job asks a person when it must, and the answer makes it continue.

use domain::field::FieldError;
use domain::provisioning::{JobStatus, Question, QuestionKind, Resume, Step, StepStatus};
use domain::todos::TodoKind;
use serde_json::json;
use simulator::demo;
use worker::testing;

use crate::harness::{Harness, fault, full_order, small_order};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_is_too_low_asks_for_a_location_made_by_hand_and_takes_it() {
    let harness = Harness::of(demo::TIDEWATER).await;
    let job = harness.start(&small_order("Handmade Dental")).await;
    harness.run().await;
    let question = harness.job(job).await.question.expect("a question");
    assert_eq!((question.step, question.kind), (Step::CreateLocation, QuestionKind::DoByHand));
    assert!(question.what.contains("plan") && question.effect.contains("$497"), "{question:?}");
    for wrong in ["NoSuchLocation000001", "NoSuchLocation000002"] {
        harness.resume(job, json!({"answer": {"choice": "adopt", "value": wrong}})).await;
        harness.run().await;
        let again = harness.job(job).await.question.expect("the same question");
        let said = format!("There's no sub-account with the ID \u{201c}{wrong}\u{201d} in your HighLevel account.");
        assert_eq!(again.fields, [FieldError::new("/answer/value", said)]);
        assert_eq!(Question { fields: Vec::new(), ..again }, question, "a wrong id changes nothing else");
    }
    harness.resume(job, json!({"answer": {"choice": "adopt", "value": demo::TIDEWATER_ONE}})).await;
    harness.run().await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Completed, "{:?}", view.row.error);
    assert_eq!(view.row.location_id.as_deref(), Some(demo::TIDEWATER_ONE));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn input_that_was_refused_is_changed_and_the_job_goes_on() {
    let harness = Harness::new().await;
    let body = r#"{"statusCode":422,"message":["phone must be a valid phone number"],"error":"Unprocessable Entity"}"#;
    harness.sim.faults(fault("POST", "/locations/", &json!({"fault": "status", "status": 422, "body": body}))).unwrap();
    let job = harness.start(&small_order("Refused Dental")).await;
    harness.run().await;
    let question = harness.job(job).await.question.expect("a question");
    assert_eq!(question.kind, QuestionKind::FixInput);
    assert_eq!(question.fields[0].pointer, "/input/phone");
    let bad: Resume = serde_json::from_value(json!({"input": {"phone": "12"}})).unwrap();
    let refused = store::provisioning::resume(&mut harness.tx().await, job, &bad).await.unwrap().unwrap_err();
    assert_eq!(refused[0].pointer, "/input/phone");
    harness.resume(job, json!({"input": {"phone": "+13055550111"}})).await;
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Completed);
    assert_eq!(harness.locations("Refused Dental")[0]["phone"], "+13055550111");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_locations_with_the_marker_are_both_named_and_never_a_third_made() {
    let harness = Harness::new().await;
    harness.sim.faults(fault("POST", "/locations/", &json!({"fault": "status", "status": 502}))).unwrap();
    let job = harness.start(&small_order("Double Dental")).await;
    testing::run_due(&harness.worker).await;
    let marker = harness.job(job).await.effects[0].marker.clone();
    for _ in 0..2 {
        harness.create_behind_our_back(&format!("Double Dental ·{marker}")).await;
    }
    harness.run().await;
    let question = harness.job(job).await.question.expect("a question");
    assert_eq!((question.kind, question.choices.len()), (QuestionKind::ChooseLocation, 2));
    let chosen = question.choices[1].value.clone().unwrap();
    harness.resume(job, json!({"answer": {"choice": "adopt", "value": chosen}})).await;
    harness.run().await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Completed, "{:?}", view.row.error);
    assert_eq!(view.row.location_id, Some(chosen));
    assert_eq!(harness.locations("Double Dental").len(), 2, "none was added");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_of_which_nothing_loads_is_loaded_again_once_and_then_left_out_on_request() {
    let harness = Harness::new().await;
    let body = r#"{"data":{"status":"failed","completed":[],"pending":["workflows"]}}"#;
    let mut rules = fault(
        "GET",
        "/snapshots/snapshot-status/*/location/*",
        &json!({"fault": "status", "status": 200, "body": body}),
    );
    rules[0]["times"] = json!(1000);
    harness.sim.faults(rules).unwrap();
    let job = harness.start(&full_order(&harness, "Unloaded Dental")).await;
    harness.run().await;
    let view = harness.job(job).await;
    let question = view.question.expect("a question");
    assert_eq!(question.step, Step::WaitSnapshot);
    assert_eq!(view.effects.iter().filter(|effect| effect.kind == "load_snapshot").count(), 1);
    harness.resume(job, json!({"skip": true})).await;
    harness.run().await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Completed, "{:?}", view.row.error);
    assert_eq!(view.steps[Step::WaitSnapshot as usize].status, Some(StepStatus::Skipped));
    let kinds: Vec<TodoKind> = view.summary.unwrap().todo.iter().map(|todo| todo.kind).collect();
    assert!(kinds.contains(&TodoKind::LoadSnapshot), "{kinds:?}");
    assert!(!kinds.contains(&TodoKind::PublishWorkflows), "there are no workflows to publish: {kinds:?}");
    assert!(view.row.open_todos > Some(0), "the job is not plainly done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_that_failed_and_completes_after_all_asks_nobody() {
    let harness = Harness::new().await;
    let body = r#"{"data":{"status":"failed","completed":["tags"],"pending":["workflows"]}}"#;
    let mut rules = fault(
        "GET",
        "/snapshots/snapshot-status/*/location/*",
        &json!({"fault": "status", "status": 200, "body": body}),
    );
    rules[0]["times"] = json!(3);
    harness.sim.faults(rules).unwrap();
    let job = harness.start(&full_order(&harness, "Patient Dental")).await;
    harness.run().await;
    let view = harness.job(job).await;
    assert_eq!(view.row.status, JobStatus::Completed, "{:?} {:?}", view.row.error, view.question);
    assert_eq!(view.effects.iter().filter(|effect| effect.kind == "load_snapshot").count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_loaded_in_part_is_loaded_again_only_when_a_person_says_so() {
    let harness = Harness::new().await;
    harness.sim.knobs(&json!({"snapshot_mode": "failed"})).unwrap();
    let job = harness.start(&full_order(&harness, "Stubborn Dental")).await;
    harness.run().await;
    for loads in 0..3 {
        let view = harness.job(job).await;
        let question = view.question.expect("a question");
        assert_eq!(question.step, Step::WaitSnapshot);
        assert!(question.effect.contains("Loaded: ") && question.effect.contains("Missing: "), "{}", question.effect);
        assert_eq!(view.effects.iter().filter(|effect| effect.kind == "load_snapshot").count(), loads);
        harness.resume(job, json!({"answer": "again"})).await;
        harness.run().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_has_ended_asks_to_connect_again_and_goes_on_afterwards() {
    let harness = Harness::new().await;
    harness.sim.expire(&json!({"what": "access"})).unwrap();
    harness.sim.expire(&json!({"what": "refresh"})).unwrap();
    let job = harness.start(&small_order("Ended Dental")).await;
    harness.run().await;
    let question = harness.job(job).await.question.expect("a question");
    assert_eq!((question.step, question.kind), (Step::CheckPlan, QuestionKind::Reconnect));
    harness.connect_again().await;
    // The call that reconnecting makes in its own transaction, so that nobody has to answer each job one by one.
    let company = store::integrations::company(&mut harness.tx().await).await.unwrap().unwrap();
    let reconnected = async |before| {
        let mut tx = harness.tx().await;
        let jobs = store::provisioning::reconnected(&mut tx, company.id, before).await.unwrap();
        tx.commit().await.map(|()| jobs).unwrap()
    };
    assert_eq!(reconnected(Some("another company")).await, 0, "what began elsewhere is left to a person");
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::AwaitingInput);
    assert_eq!(reconnected(Some(company.platform_id.as_str())).await, 1);
    harness.run().await;
    assert_eq!(harness.status(job).await, JobStatus::Completed);
    assert_eq!(reconnected(None).await, 0, "each goes on once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_in_doubt_is_not_looked_for_in_another_company() {
    let harness = Harness::new().await;
    harness.sim.faults(fault("POST", "/locations/", &json!({"fault": "reset_after"}))).unwrap();
    harness.sim.knobs(&json!({"search_lag_ms": 40_000})).unwrap();
    let job = harness.start(&small_order("Moved Dental")).await;
    testing::run_due(&harness.worker).await;
    assert_eq!(harness.status(job).await, JobStatus::Retrying);
    let disconnect = async |integration| {
        let mut tx = harness.tx().await;
        store::integrations::disconnect(&mut tx, integration, "moving").await.unwrap();
        tx.commit().await.unwrap();
    };
    disconnect(harness.integration).await;
    let other = harness.connect_to(demo::CANARY).await;
    harness.run().await;
    let question = harness.job(job).await.question.expect("a question");
    assert_eq!((question.step, question.kind), (Step::CreateLocation, QuestionKind::Reconnect));
    harness.resume(job, json!({"answer": "again"})).await;
    harness.run().await;
    assert_eq!(
        (harness.status(job).await, harness.created("Moved Dental")),
        (JobStatus::AwaitingInput, 1),
        "nor when pressed"
    );
    disconnect(other).await;
    harness.connect_again().await;
    harness.resume(job, json!({"answer": "again"})).await;
    harness.run().await;
    assert_eq!((harness.status(job).await, harness.created("Moved Dental")), (JobStatus::Completed, 1));
}

/// Templates find a value by its key, so the location may already hold the ordered value under another spelling.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_values_of_one_key_are_asked_about_and_set_under_the_name_that_is_there() {
    for answer in ["use_existing", "skip"] {
        let harness = Harness::new().await;
        let mut order = full_order(&harness, "Keyed Dental");
        order.snapshot_id = None;
        let job = harness.start(&order).await;
        harness.run().await;
        let location = harness.job(job).await.row.location_id.unwrap();
        // The step runs again in a location that holds "Booking link". The order contains another spelling of it
        // with another value.
        harness
            .db
            .execute(
                "update provisioning_jobs set client_data_json = jsonb_set(client_data_json, '{custom_values}', '{\"BOOKING-Link!\": \"https://new.example\"}')",
            )
            .await;
        // VERIFY runs again, too: what a person chose is as ordered.
        for step in [Step::FillValues, Step::Verify] {
            store::provisioning::testing::forget_step(&harness.db, job, step, false).await;
        }
        harness.run().await;
        let question = harness.job(job).await.question.expect("a question");
        assert_eq!((question.step, question.kind), (Step::FillValues, QuestionKind::Decide));
        assert!(question.what.contains("“BOOKING-Link!”") && question.what.contains("“Booking link”"), "{question:?}");
        let keys: Vec<&str> = question.choices.iter().map(|choice| choice.key.as_str()).collect();
        assert_eq!(keys, ["use_existing", "again", "skip"]);
        harness.resume(job, json!({"answer": answer})).await;
        harness.run().await;
        let view = harness.job(job).await;
        assert_eq!(view.row.status, JobStatus::Completed, "{:?} {:?}", view.row.error, view.question);
        let values = harness.in_location("customValues", &location);
        let held: Vec<_> = values.iter().map(|value| (value["name"].as_str(), value["value"].as_str())).collect();
        let wanted = if answer == "skip" { "https://book.example" } else { "https://new.example" };
        assert_eq!(held, [(Some("Booking link"), Some(wanted))], "nothing was added: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_no_choice_is_refused() {
    let harness = Harness::of(demo::TIDEWATER).await;
    let job = harness.start(&small_order("Wrong Dental")).await;
    harness.run().await;
    for (body, pointer) in [
        (json!({"answer": "delete everything"}), "/answer"),
        (json!({"answer": {"choice": "adopt"}}), "/answer/value"),
        (json!({"skip": true}), "/skip"),
    ] {
        let with: Resume = serde_json::from_value(body).unwrap();
        let refused = store::provisioning::resume(&mut harness.tx().await, job, &with).await.unwrap().unwrap_err();
        assert_eq!(refused[0].pointer, pointer);
    }
}
