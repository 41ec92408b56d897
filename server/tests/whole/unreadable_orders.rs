//! A job whose stored order cannot be read: its page shows what is known, and cancelling it there ends it.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;
use domain::provisioning::JobStatus;
use domain::work::Kind;
use serde_json::json;
use store::queue::{self, Work};

use crate::happy_paths::World;

/// A statement that puts every job into a state, with an order that cannot be read and a location.
macro_rules! state {
    ($set:literal) => {
        concat!(
            "update provisioning_jobs set client_data_json = '{\"name\": 7}', location_id = 'loc-1', lease_owner = null, lease_until = null,
             next_attempt_at = null, cancel_requested_at = null, error_message = null, status = ",
            $set
        )
    };
}

/// Every state in which a job can be cancelled or undone.
const STATES: [(&str, &str); 5] = [
    ("pending", state!("'PENDING', finished_at = null, question_json = null")),
    ("in progress", state!("'IN_PROGRESS', finished_at = null, question_json = null")),
    ("retrying", state!("'RETRYING', finished_at = null, question_json = null")),
    ("asking", state!("'AWAITING_INPUT', finished_at = null, question_json = '{}'")),
    ("failed", state!("'FAILED', finished_at = now(), question_json = null")),
];

#[tokio::test]
async fn a_job_whose_order_cannot_be_read_has_a_page_and_an_end_in_every_state() {
    let world = World::new().await;
    let (app, tenant) = (&world.app, &world.tenant);
    let owner = app.sign_in(app.person(Role::AgencyOwner, tenant).await).await;
    let address = format!("/a/{}/provisioning/{}", tenant.agency, tenant.job);
    let form = format!("agency={}&id%5B%5D={}", tenant.agency, tenant.job);
    for (turn, (state, set)) in STATES.into_iter().enumerate() {
        world.job_is(set).await;
        let page = app.browse(&address, Some(&owner)).await;
        assert_eq!(page.status, StatusCode::OK, "{state}: {}", page.body);
        for shown in ["stored order of this job can", "loc-1", "/do/cancel_job"] {
            assert!(page.body.contains(shown), "{state}: {shown} is missing in {}", page.body);
        }
        let cancelled = app.submit("cancel_job", &form, Some(&owner)).await;
        let done = cancelled.status.is_success() || cancelled.status.is_redirection();
        assert!(done, "{state}: {} {}", cancelled.status, cancelled.body);
        // Work of a job that runs waits for the end of its lease; here it is added at once.
        let mut tx = world.agency().await;
        queue::add(&mut tx, &Work::new(Kind::RunJob).subject(tenant.job)).await.unwrap();
        tx.commit().await.unwrap();
        worker::testing::run_due(&app.worker).await;
        let row = store::provisioning::row(&mut world.agency().await, tenant.job).await.unwrap();
        assert_eq!(row.status, JobStatus::Cancelled, "{state}");
        let audited = app.audited_object(&tenant.job.to_string(), "provisioning.not_undone").await;
        assert_eq!(audited, turn + 1, "{state}");
        let page = app.browse(&address, Some(&owner)).await;
        assert_eq!(page.status, StatusCode::OK, "{state}: {}", page.body);
        assert!(page.body.contains("nothing was undone") && !page.body.contains("/do/cancel_job"), "{}", page.body);
    }
}

#[tokio::test]
async fn the_form_of_a_new_client_does_not_depend_on_the_order_of_the_last_job() {
    let world = World::new().await;
    let (app, tenant) = (&world.app, &world.tenant);
    let owner = app.sign_in(app.person(Role::AgencyOwner, tenant).await).await;
    world.job_is(STATES[4].1).await;
    for query in [String::new(), format!("?from={}", tenant.job)] {
        let page = app.browse(&format!("/a/{}/provisioning/new{query}", tenant.agency), Some(&owner)).await;
        assert_eq!(page.status, StatusCode::OK, "{query}: {}", page.body);
    }
    let form = format!("agency={}&id={}", tenant.agency, tenant.job);
    let refused = app.submit("resume_job", &form, Some(&owner)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    assert!(refused.body.contains("Cancel it and start a new job."), "{}", refused.body);
}

#[tokio::test]
async fn a_program_is_told_what_is_known_of_a_job_whose_order_cannot_be_read() {
    let world = World::new().await;
    let (app, tenant) = (&world.app, &world.tenant);
    let token = app.token(tenant, &["provisioning"]).await;
    world.job_is(STATES[4].1).await;
    for path in ["", "/events"] {
        let path = format!("/api/v1/provisioning/jobs/{}{path}", tenant.job);
        let request = Request::get(&path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        let answer = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{path}: {}", answer.body);
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["code"], "order_unreadable", "{path}");
        let known = &problem["job"];
        assert_eq!((&known["id"], &known["location_id"]), (&json!(tenant.job), &json!("loc-1")), "{path}");
        assert_eq!(known["status"], "FAILED", "{path}");
    }
}
