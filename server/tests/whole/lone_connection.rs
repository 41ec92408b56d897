//! No request waits for a second database connection while it holds one; many such requests at once would wait for
//! each other forever. Therefore everything is requested from a server that has a single connection.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;
use domain::permission::{EndpointKind, POLICY};
use domain::work::Mail;
use slipway::boot::mails::MailComposer;
use worker::Mailer as _;

use crate::authorisation::{address, opened};
use crate::conversations::fill;
use crate::forms::form;
use crate::happy_paths::{FAILED, World};
use crate::helpers::{Answer, Tenant, TestApp};

/// Asserts that the request did not wait for a connection that it holds itself; such a request finally answers
/// that the database is unavailable. Calls to HighLevel, which nobody answers here, fail in another way.
fn got_through(what: &str, answer: &Answer) {
    let away = web::Error::Unavailable.to_string();
    assert_ne!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{what}: {}", answer.body);
    // A page has already begun its answer when this error occurs. An example of an answer is no answer.
    let said = answer.body.split("<pre").map(|part| part.rsplit("</pre>").next().unwrap_or_default());
    assert!(said.into_iter().all(|part| !part.contains(&away)), "{what}: {}", answer.body);
}

/// Every server function.
fn operations() -> impl Iterator<Item = &'static str> {
    POLICY.iter().filter(|rule| rule.kind == EndpointKind::ServerFunction).map(|rule| rule.path)
}

#[tokio::test]
async fn every_form_that_goes_well_needs_one_connection() {
    let world = World::on(TestApp::with_one_connection().await).await;
    let mut sent = BTreeSet::new();
    for operation in operations() {
        let Some(case) = world.case(operation).await else { continue };
        let answer = world.app.submit(operation, &case.form, case.cookie.as_deref()).await;
        assert!(
            answer.status.is_success() || answer.status.is_redirection(),
            "{operation}: {} {}",
            answer.status,
            answer.body
        );
        sent.insert(operation);
    }
    assert!(sent.len() > 35, "{sent:?}");
    // Nor do the mails that these forms queued.
    world.app.send_mails().await;
    assert_eq!((world.app.mail_queue().await, world.app.dead_mails().await), (Vec::new(), Vec::new()));
    assert!(!world.app.mailed().is_empty());
}

#[tokio::test]
async fn every_form_that_is_refused_needs_one_connection() {
    let app = TestApp::with_one_connection().await;
    let tenant = app.tenant().await;
    let roles = [Role::AgencyOwner, Role::SuperAdmin];
    for used_up in [false, true] {
        for operation in operations() {
            for role in roles.map(Some).into_iter().chain([None]) {
                let cookie = match role {
                    Some(role) => Some(app.sign_in(app.person(role, &tenant).await).await),
                    None => None,
                };
                if used_up {
                    // All attempts and all daily mails are used up.
                    app.base
                        .execute(
                            "update auth_throttles set failures = 1000, blocked_until = now() + interval '10 minutes'",
                        )
                        .await;
                }
                let answer = app.submit(operation, &form(operation, &tenant), cookie.as_deref()).await;
                got_through(&format!("{operation} of {role:?}, used up: {used_up}"), &answer);
            }
        }
    }
}

#[tokio::test]
async fn every_page_and_every_route_needs_one_connection() {
    let mut world = World::on(TestApp::with_one_connection().await).await;
    for role in [Role::AgencyOwner, Role::AgencyStaff, Role::SuperAdmin, Role::BusinessOwner] {
        let user = world.app.person(role, &world.tenant).await;
        fill(&world.app, &mut world.tenant, user).await;
        let cookie = world.app.sign_in(user).await;
        for rule in opened() {
            got_through(rule.path, &world.app.get(&address(rule, &world.tenant), Some(&cookie)).await);
        }
    }
    let (app, tenant) = (&world.app, &world.tenant);
    for rule in opened() {
        got_through(rule.path, &app.get(&address(rule, tenant), None).await);
    }
    programs(&world).await;
}

/// Sends every request that API clients send.
async fn programs(world: &World) {
    let (app, tenant) = (&world.app, &world.tenant);
    let secret = app.token(tenant, &["provisioning", "snapshots", "businesses"]).await;
    let jobs = "/api/v1/provisioning/jobs";
    let one = format!("{jobs}/{}", tenant.job);
    let call = async |request: Builder, body: &str| {
        let request = request
            .header(header::AUTHORIZATION, format!("Bearer {secret}"))
            .header(header::CONTENT_TYPE, "application/json");
        app.send(request.body(Body::from(body.to_owned())).unwrap()).await
    };
    for path in [jobs, &one, &format!("{one}/events"), "/api/v1/snapshots", "/api/v1/businesses"] {
        let answer = call(Request::get(path), "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    }
    for what in ["retry", "resume", "cancel", "undo"] {
        world.job_is(FAILED).await;
        got_through(what, &call(Request::post(format!("{one}/{what}")), "{}").await);
    }
    let order = r#"{"client":{"name":"One","email":"a@b.example","country":"US","timezone":"America/New_York"}}"#;
    let started = call(Request::post(jobs), order).await;
    assert_eq!(started.status, StatusCode::ACCEPTED, "{}", started.body);
}

#[tokio::test]
async fn every_mail_of_background_work_needs_one_connection() {
    let app = TestApp::with_one_connection().await;
    let Tenant { agency, business, .. } = app.tenant().await;
    app.base.execute("update sub_accounts set email = 'owner@client.example'").await;
    let mailer = mail::Mailer::folder(app.mails.clone(), "Slipway <a@b.test>").unwrap();
    let letters = MailComposer::new(app.db.clone(), mailer, "http://127.0.0.1:3000".into());
    letters.send(Some(agency), Some(business), Mail::InviteOwner).await.unwrap();
    app.base.execute("update one_time_tokens set expires_at = now(); update auth_throttles set failures = 1000").await;
    letters.send(Some(agency), Some(business), Mail::InviteOwner).await.unwrap_err();
}
