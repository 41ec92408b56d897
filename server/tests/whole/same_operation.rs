//! A page and the API run the same operation: the same order, job and state give the same result, the same refusal and
//! the same state afterwards.

use axum::http::{Method, StatusCode};
use domain::identity::Role;
use domain::provisioning::JobStatus;
use serde_json::{Value, json};

use crate::forms::{body, fields};
use crate::happy_paths::World;
use crate::helpers::Answer;

/// A statement that puts every job into a state and removes what belonged to its former state.
macro_rules! state {
    ($set:literal) => {
        concat!(
            "update provisioning_jobs set cancel_requested_at = null, lease_owner = null, lease_until = null, status = ",
            $set
        )
    };
}

/// Every state of a job; a failed one also where it has made something that must be undone.
const STATES: [(&str, &str); 8] = [
    ("pending", state!("'PENDING', finished_at = null, question_json = null, location_id = null")),
    ("in progress", state!("'IN_PROGRESS', finished_at = null, question_json = null, location_id = null")),
    ("retrying", state!("'RETRYING', finished_at = null, question_json = null, location_id = null")),
    ("asking", state!("'AWAITING_INPUT', finished_at = null, question_json = '{}', location_id = null")),
    ("failed", state!("'FAILED', finished_at = now(), question_json = null, location_id = null")),
    ("failed with a location", state!("'FAILED', finished_at = now(), question_json = null, location_id = 'loc-1'")),
    ("completed", state!("'COMPLETED', finished_at = now(), question_json = null, location_id = null")),
    ("cancelled", state!("'CANCELLED', finished_at = now(), question_json = null, location_id = null")),
];

const JOBS: &str = "/api/v1/provisioning/jobs";

async fn by_api(world: &World, secret: &str, path: &str, body: &Value) -> Answer {
    world.app.call(secret, Method::POST, path, body.to_string()).await
}

async fn status(world: &World) -> JobStatus {
    store::provisioning::get(&mut world.agency().await, world.tenant.job).await.unwrap().row.status
}

async fn jobs(world: &World) -> i64 {
    store::provisioning::counts(&mut world.agency().await).await.unwrap().all
}

#[tokio::test]
async fn every_request_to_a_job_ends_alike_from_page_and_api_in_every_state() {
    let world = World::new().await;
    let secret = world.app.token(&world.tenant, &["provisioning"]).await;
    let cookie = world.app.sign_in(world.app.person(Role::AgencyOwner, &world.tenant).await).await;
    for (state, set) in STATES {
        for request in ["retry", "cancel", "undo", "resume"] {
            world.job_is(set).await;
            let (path, operation) = (format!("{JOBS}/{}/{request}", world.tenant.job), format!("{request}_job"));
            let api = by_api(&world, &secret, &path, &json!({})).await;
            let after_api = status(&world).await;
            world.job_is(set).await;
            // The form of a resume has no changes, like the body of the request.
            let form = match request {
                "resume" => format!("agency={}&id={}", world.tenant.agency, world.tenant.job),
                _ => body(&fields(&operation, &world.tenant)),
            };
            let page = world.app.submit(&operation, &form, Some(&cookie)).await;
            let what = format!("{request} of a job that is {state}: {} {}", api.body, page.body);
            assert_eq!(after_api, status(&world).await, "{what}");
            let done = page.status.is_success() || page.status.is_redirection();
            assert_eq!(api.status == StatusCode::ACCEPTED, done, "{what}");
            if !done {
                let problem: Value = serde_json::from_str(&api.body).unwrap();
                assert_eq!((api.status, problem["code"].as_str()), (StatusCode::CONFLICT, Some("state")), "{what}");
                assert!(page.body.contains(problem["detail"].as_str().unwrap()), "{what}");
            }
        }
    }
}

#[tokio::test]
async fn an_order_that_resembles_a_client_is_asked_about_by_page_and_api() {
    let world = World::new().await;
    let secret = world.app.token(&world.tenant, &["provisioning"]).await;
    let cookie = world.app.sign_in(world.app.person(Role::AgencyOwner, &world.tenant).await).await;
    let twin = json!({ "name": "BRIGHT dental", "email": "new@bright.test", "country": "US", "timezone": "UTC" });
    let api = by_api(&world, &secret, JOBS, &json!({ "client": twin })).await;
    let problem: Value = serde_json::from_str(&api.body).unwrap();
    assert_eq!((api.status, &problem["code"]), (StatusCode::CONFLICT, &json!("duplicate")), "{}", api.body);
    assert_eq!(problem["duplicates"][0]["job"], json!(world.tenant.job), "{}", api.body);
    assert_eq!(problem["duplicates"][0]["same"], json!(["name"]));
    let mut form = fields("start_job", &world.tenant);
    form.insert("/client/name".to_owned(), "BRIGHT dental".to_owned());
    let page = world.app.submit("start_job", &body(&form), Some(&cookie)).await;
    assert!(page.body.contains("create_anyway") && page.body.contains("Bright Dental"), "{}", page.body);
    assert_eq!(jobs(&world).await, 1, "nothing was started");

    let anyway = by_api(&world, &secret, JOBS, &json!({ "client": twin, "create_anyway": true })).await;
    assert_eq!(anyway.status, StatusCode::ACCEPTED, "{}", anyway.body);
    form.insert("create_anyway".to_owned(), "on".to_owned());
    world.app.submit("start_job", &body(&form), Some(&cookie)).await;
    assert_eq!(jobs(&world).await, 3);
}

#[tokio::test]
async fn every_refusal_of_the_api_says_its_code() {
    let world = World::new().await;
    let secret = world.app.token(&world.tenant, &["provisioning"]).await;
    let client = |name: &str| json!({ "name": name, "email": "a@b.test", "country": "US", "timezone": "UTC" });
    let unknown = format!("{JOBS}/{}", uuid::Uuid::nil());
    for (path, body, status, code) in [
        (JOBS.to_owned(), json!({ "client": client("") }), StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        (JOBS.to_owned(), json!({ "client": 7 }), StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        (JOBS.to_owned(), json!([]), StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        (JOBS.to_owned(), json!({ "client": client("Bright Dental") }), StatusCode::CONFLICT, "duplicate"),
        (format!("{unknown}/retry"), json!({}), StatusCode::NOT_FOUND, "not_found"),
        (format!("{unknown}/resume"), json!({}), StatusCode::NOT_FOUND, "not_found"),
        (format!("{JOBS}/none/undo"), json!({}), StatusCode::NOT_FOUND, "not_found"),
    ] {
        let answer = by_api(&world, &secret, &path, &body).await;
        let problem: Value = serde_json::from_str(&answer.body).unwrap();
        let seen = (answer.status, problem["code"].as_str());
        assert_eq!(seen, (status, Some(code)), "{path} {body}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_job_whose_order_cannot_be_read_is_an_error_and_not_an_empty_order() {
    let world = World::new().await;
    world.job_is("update provisioning_jobs set client_data_json = '{\"name\": 7}'").await;
    let read = store::provisioning::get(&mut world.agency().await, world.tenant.job).await.unwrap_err();
    assert!(matches!(read, store::Error::Unreadable(_)), "{read}");
    world.job_is("update provisioning_jobs set client_data_json = '{\"name\": \"A\", \"later\": {\"x\": 1}}'").await;
    let read = store::provisioning::get(&mut world.agency().await, world.tenant.job).await.unwrap();
    assert_eq!(read.order.client.name, "A", "a member that a newer version stored is ignored");
}
