//! Every route that answers a read, asked by everybody in a world full of planted text: what it answers is declared as what it
//! is, a file is saved and not shown, and nothing of the text is markup.

use axum::body::Body;
use axum::http::{Request, header};
use domain::permission::{EndpointKind, Needs, POLICY, Rule, TOKEN_SCOPES};

use crate::authorisation::address;
use crate::helpers::{Answer, Tenant};
use crate::markup::markup;
use crate::stored_markup::World;

/// What a browser shows as text, or does not show.
const TEXTS: [&str; 4] = ["application/json", "application/problem+json", "text/plain", "text/event-stream"];
/// What a browser saves.
const FILES: [&str; 2] = ["text/csv", "application/octet-stream"];

/// The address of a route for this tenant. `None` if it names an object that this world has no id of.
fn address_of(rule: &Rule, tenant: &Tenant) -> Option<String> {
    let id = if rule.path.contains("/businesses/") { tenant.business.to_string() } else { tenant.job.to_string() };
    let path = address(rule, tenant).replace("{id}", &id).replace("{tenant}", &tenant.business.to_string());
    (!path.contains('{')).then_some(path)
}

fn judged(answer: &Answer, what: &str) {
    let said = |name: header::HeaderName| {
        answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    // Health says what is wrong by its status.
    let is_health = what.ends_with("/health");
    assert!(answer.status.as_u16() < 500 || is_health, "{what}: {} {}", answer.status, answer.body);
    assert_eq!(said(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{what}");
    let kind = said(header::CONTENT_TYPE);
    let is = |kinds: &[&str]| kinds.iter().any(|one| kind.starts_with(one));
    if kind.starts_with("text/html") {
        let found = markup(&answer.body);
        assert!(found.is_empty(), "{what}: {found:#?}");
    } else if is(&FILES) {
        assert!(said(header::CONTENT_DISPOSITION).starts_with("attachment"), "{what}: {kind} is shown");
    } else {
        assert!(kind.is_empty() || is(&TEXTS), "{what}: {kind}");
    }
}

/// Asks every route.
pub async fn check(world: &World) {
    let (app, tenant) = (&world.app, &world.tenant);
    let token = app.token(tenant, &TOKEN_SCOPES).await;
    let routes = POLICY.iter().filter(|rule| rule.kind == EndpointKind::Route);
    let asked: Vec<_> = routes.filter_map(|rule| Some((rule, address_of(rule, tenant)?))).collect();
    assert!(asked.len() > 50, "{}", asked.len());
    for (rule, path) in asked {
        for (who, cookie) in &world.people {
            judged(&app.browse(&path, cookie.as_deref()).await, &format!("{who} at {path}"));
        }
        if matches!(rule.needs, Needs::Token(_)) {
            let request = Request::get(&path)
                .header(header::AUTHORIZATION, format!("Bearer {token}"))
                // Even for a client that prefers a page.
                .header(header::ACCEPT, "text/html");
            judged(&app.send(request.body(Body::empty()).unwrap()).await, &format!("a program at {path}"));
        }
    }
}
