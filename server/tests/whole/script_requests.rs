//! A script of our own page can change nothing. Markup from others cannot run scripts, but it can name an address
//! that our scripts call. Therefore the server accepts only forms that are sent in a window of their own, and from
//! scripts only the previews. Tests every server function × every combination of what browsers say about a
//! request.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::permission::{EndpointKind, POLICY};
use kit::preview::PREVIEWS;

use crate::helpers::{Answer, TestApp};

const MODES: [Option<&str>; 6] =
    [None, Some("navigate"), Some("cors"), Some("same-origin"), Some("no-cors"), Some("websocket")];
const DESTINATIONS: [Option<&str>; 8] = [
    None,
    Some("document"),
    Some("empty"),
    Some("iframe"),
    Some("image"),
    Some("script"),
    Some("object"),
    Some("worker"),
];

/// Sends a request to a server function from one of our pages, with these headers about itself.
async fn send(app: &TestApp, operation: &str, said: &[(&str, &str)]) -> Answer {
    let mut request = Request::post(format!("/do/{operation}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json");
    for (name, value) in said {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

fn refused(answer: &Answer) -> bool {
    answer.status == StatusCode::FORBIDDEN && answer.body.contains("Not sent by a form")
}

#[tokio::test]
async fn scripts_call_previews_alone_and_forms_everything() {
    let app = TestApp::new().await;
    for rule in POLICY.iter().filter(|rule| rule.kind == EndpointKind::ServerFunction) {
        let is_preview = PREVIEWS.contains(&format!("/do/{}", rule.path).as_str());
        for mode in MODES {
            for destination in DESTINATIONS {
                let form = matches!(mode, None | Some("navigate")) && matches!(destination, None | Some("document"));
                let script =
                    matches!(mode, None | Some("cors" | "same-origin")) && matches!(destination, None | Some("empty"));
                let mut said = vec![("sec-fetch-site", "same-origin")];
                said.extend(mode.map(|mode| ("sec-fetch-mode", mode)));
                said.extend(destination.map(|destination| ("sec-fetch-dest", destination)));
                let answer = send(&app, rule.path, &said).await;
                let may = form || (is_preview && script);
                assert_eq!(refused(&answer), !may, "{} {said:?}: {} {}", rule.path, answer.status, answer.body);
            }
        }
        // Browsers that send none of these headers send the page's origin.
        let old = send(&app, rule.path, &[("origin", "http://127.0.0.1:3000")]).await;
        assert!(old.status != StatusCode::FORBIDDEN, "{}: {}", rule.path, old.body);
        for elsewhere in ["http://192.0.2.7:3000", "null"] {
            let answer = send(&app, rule.path, &[("origin", elsewhere)]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", rule.path);
            assert!(answer.body.contains("runs at http://127.0.0.1:3000"), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn every_preview_is_a_server_function_that_only_shows() {
    for preview in PREVIEWS {
        let name = preview.strip_prefix("/do/").unwrap();
        let rule = POLICY.iter().find(|rule| rule.kind == EndpointKind::ServerFunction && rule.path == name);
        assert!(rule.is_some(), "{preview} is no server function");
    }
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(domain::identity::Role::AgencyOwner, &tenant).await).await;
    let before = app.written().await;
    for preview in PREVIEWS {
        let name = preview.trim_start_matches("/do/");
        app.submit(name, &crate::forms::form(name, &tenant), Some(&owner)).await;
    }
    // A form that names a draft is also saved as one: `drafts.rs`.
    assert_eq!(app.written().await, before, "a preview writes nothing");
}
