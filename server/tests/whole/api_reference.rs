//! Does the API reference of an agency show what the OpenAPI description says of every call: its answer with an example, and
//! its errors?

use std::collections::BTreeSet;

use axum::http::StatusCode;
use domain::identity::Role;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;

use crate::helpers::TestApp;

/// The most bytes of a page before it is compressed.
const LARGEST: usize = 400_000;

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}

/// The text of each element that a selector finds in this one.
fn texts(element: ElementRef<'_>, of: &str) -> Vec<String> {
    element.select(&selector(of)).map(|one| one.text().collect()).collect()
}

/// The id of a call on its page.
fn id_of(method: &str, path: &str) -> String {
    let call = format!("{method} {path}").to_lowercase();
    let words = call.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// The pages of the groups, which the first page links to.
async fn pages(app: &TestApp, reference: &str, cookie: &str) -> Vec<String> {
    let first = app.browse(reference, Some(cookie)).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let document = Html::parse_document(&first.body);
    let link = selector("a[href*='?group=']");
    let links = document.select(&link).filter_map(|link| link.attr("href"));
    let groups: BTreeSet<String> = links.map(|link| link.split('#').next().unwrap_or_default().to_owned()).collect();
    let mut pages = Vec::new();
    for group in groups {
        let page = app.browse(&group, Some(cookie)).await;
        assert_eq!(page.status, StatusCode::OK, "{group}: {}", page.body);
        assert!(page.body.len() < LARGEST, "{group} has {} bytes", page.body.len());
        pages.push(page.body);
    }
    pages
}

#[tokio::test]
async fn every_call_is_shown_with_what_it_answers() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let reference = format!("/a/{}/tokens/reference", tenant.agency);
    let pages = pages(&app, &reference, &admin).await;
    let described: Value = serde_json::from_str(&app.get("/api/openapi.json", None).await.body).unwrap();
    let pages: Vec<Html> = pages.iter().map(|page| Html::parse_document(page)).collect();
    let mut calls = 0;
    for (path, methods) in described["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with("/api/"))
    {
        for (method, call) in methods.as_object().unwrap() {
            let section = selector(&format!("section#{}", id_of(method, path)));
            let found = pages.iter().find_map(|page| page.select(&section).next());
            let section = found.unwrap_or_else(|| panic!("{method} {path} is on no page of the reference"));
            let (codes, rows) = (texts(section, "pre"), texts(section, "th[scope=row]"));
            let cells = texts(section, "td code");
            for (status, response) in call["responses"].as_object().unwrap() {
                let body = &response["content"]["application/json"];
                if status.starts_with('2') {
                    let heading = format!("Response {status}");
                    assert!(texts(section, "h3").contains(&heading), "{method} {path}: {heading}");
                } else {
                    let shown = if status == "default" { "Other" } else { status.as_str() };
                    assert!(rows.iter().any(|row| row == shown), "{method} {path}: {status} is no row");
                    for code in response["x-codes"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                        let is_shown = cells.iter().any(|cell| cell.split(", ").any(|word| word == code));
                        assert!(is_shown, "{method} {path} {status}: {code} stands nowhere");
                    }
                }
                if let Some(example) = body.get("example") {
                    let example = serde_json::to_string_pretty(example).unwrap();
                    assert!(codes.contains(&example), "{method} {path} {status}: {example} is not in {codes:?}");
                    assert!(
                        rows.len() > call["responses"].as_object().unwrap().len() - 1,
                        "{method} {path}: no members"
                    );
                }
            }
            calls += 1;
        }
    }
    assert!(calls > 20, "{calls}");
}

#[tokio::test]
async fn every_error_is_shown_with_its_code_and_an_example() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let page = app.browse(&format!("/a/{}/tokens/reference", tenant.agency), Some(&admin)).await;
    let page = Html::parse_document(&page.body);
    let (codes, examples) = (texts(page.root_element(), "td code"), texts(page.root_element(), "pre"));
    let described: Value = serde_json::from_str(&app.get("/api/openapi.json", None).await.body).unwrap();
    let problems = described["components"]["examples"].as_object().unwrap();
    for (code, problem) in problems {
        assert!(codes.contains(code), "{code}");
        let body = serde_json::to_string_pretty(&problem["value"]).unwrap();
        let example = examples.iter().find(|example| example.ends_with(&body));
        let example = example.unwrap_or_else(|| panic!("{code}: {body} is not in {examples:?}"));
        assert_eq!(example.starts_with("Retry-After: "), problem["x-retry-after"].is_u64(), "{example}");
    }
    let refused: Value = serde_json::from_str(&app.get("/api/v1/snapshots", None).await.body).unwrap();
    assert_eq!(refused["code"], "unauthorized", "what the server says is what the reference shows: {refused}");
    assert!(problems.contains_key("unauthorized"));
}

#[tokio::test]
async fn a_group_that_there_is_not_is_not_found() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let page = app.browse(&format!("/a/{}/tokens/reference?group=nothing", tenant.agency), Some(&admin)).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND, "{}", page.body);
}
