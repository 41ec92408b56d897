//! The reference of the API for people: every call with what it needs, a body that works, and code to copy. It is made
//! of what the features declare, as the OpenAPI description is.

use domain::feature::{self, Answers, ApiDoc, Call, FEATURES, Takes};
use domain::permission::Needs;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{ButtonLink, Card, Chip, PageHeader};
use leptos::prelude::*;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;

use super::examples::{ExampleCall, Examples, TOKEN};

/// An id in examples.
const ID: &str = "01985f2a-7c4e-7d3b-9a51-5f0c2e8b6d17";

/// One method of one route, as the page shows it.
struct Entry {
    path: &'static str,
    scope: &'static str,
    method: &'static str,
    doc: &'static ApiDoc,
}

/// The calls of each feature that has any.
fn entries() -> Vec<(String, Vec<Entry>)> {
    let of_feature = FEATURES.iter().map(|feature| {
        let calls = feature.routes.iter().filter_map(|route| match route.needs {
            Needs::Token(scope) => Some((route.path, scope, route.calls)),
            _ => None,
        });
        let entries =
            calls.flat_map(|(path, scope, calls)| calls.iter().filter_map(move |call| entry(path, scope, call)));
        (heading(feature.key), entries.collect::<Vec<_>>())
    });
    of_feature.filter(|(_, entries)| !entries.is_empty()).collect()
}

fn entry(path: &'static str, scope: &'static str, call: &'static Call) -> Option<Entry> {
    Some(Entry { path, scope, method: call.method.key(), doc: call.doc.as_ref()? })
}

/// The name of a feature as a heading: `phone_routes` is "Phone routes".
fn heading(key: &str) -> String {
    let words = match key {
        "todos" => "to-dos".to_owned(),
        key => key.replace('_', " "),
    };
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

impl Entry {
    /// A call with example values.
    fn example(&self, base: &str) -> ExampleCall {
        let path = self.path.split('/').map(|part| if part.starts_with('{') { ID } else { part });
        let path: Vec<&str> = path.collect();
        let query = if self.doc.takes == Takes::ListQuery { "?q=dental" } else { "" };
        ExampleCall {
            method: self.method,
            url: format!("{base}{}{query}", path.join("/")),
            token: TOKEN.to_owned(),
            body: self.doc.takes.body().map(body),
            once: matches!(self.doc.takes, Takes::BodyOnce(_)),
        }
    }

    /// What a success answers.
    fn answer(&self) -> String {
        match self.doc.answers {
            Answers::Json(status, name) => format!("Answers {status} with {name}."),
            Answers::Nothing => "Answers 204 without a body.".to_owned(),
            Answers::Events => "Answers with a stream of events (text/event-stream).".to_owned(),
        }
    }
}

/// A valid body of this type, over several lines.
fn body(name: &str) -> String {
    let sample = feature::bodies().find(|one| one.name == name).map(|one| one.sample).unwrap_or_default();
    let value: serde_json::Value = serde_json::from_str(&sample.replace("{business}", ID)).unwrap_or_default();
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

/// The reference page.
#[component]
pub fn ApiReference() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let tenant = context.page().await?;
        let tokens = format!("/a/{}/tokens", tenant.access.slug);
        tenant.commit().await?;
        let base = context.state.settings.public_url.clone();
        let frame = frame(&context, vec![Crumb::link("API tokens", tokens.clone()), Crumb::current("API reference")]);
        let groups = entries().into_iter().map(|(heading, entries)| {
            let lines = entries.into_iter().map(|entry| view! { <OneCall entry base=base.clone()/> }).collect_view();
            view! { <Card title=heading flush=true><ul>{lines}</ul></Card> }
        });
        let groups = groups.collect_view();
        Ok(view! {
            <PageTitle text="API reference"/>
            <Shell frame=frame>
                <PageHeader title="API reference">
                    <ButtonLink href=tokens>"API tokens"</ButtonLink>
                    <ButtonLink href="/api/openapi.json">"OpenAPI (JSON)"</ButtonLink>
                </PageHeader>
                <div class="flex max-w-4xl flex-col gap-4"><Basics base/>{groups}</div>
            </Shell>
        })
    })
}

/// What holds for every call.
#[component]
fn Basics(base: String) -> impl IntoView {
    view! {
        <Card title="Basics">
            <div class="flex flex-col gap-2 text-sm">
                <p>"Base address: "<code class="font-mono text-xs">{base}"/api/v1"</code></p>
                <p>"Send a token as "<code class="font-mono text-xs">"authorization: Bearer slw_…"</code>". The examples read it from the environment: "<code class="font-mono text-xs">"export SLIPWAY_TOKEN=slw_…"</code></p>
                <p>"Lists take "<code class="font-mono text-xs">"q"</code>" (search by name), "<code class="font-mono text-xs">"size"</code>" and "<code class="font-mono text-xs">"cursor"</code>"; each answer names the next cursor."</p>
                <p>"Errors are application/problem+json: "<code class="font-mono text-xs">"detail"</code>" is a sentence for people, "<code class="font-mono text-xs">"code"</code>" one for programs, and fields are named by pointers."</p>
                <p>"Where an idempotency key is sent, repeating a call with the same key and body does it once."</p>
                <p>"Requests per minute are limited; "<code class="font-mono text-xs">"RateLimit-Remaining"</code>" says how many are left, "<code class="font-mono text-xs">"Retry-After"</code>" when to go on after a 429."</p>
            </div>
        </Card>
    }
}

/// One call, folded.
#[component]
fn OneCall(entry: Entry, base: String) -> impl IntoView {
    let (call, answer) = (entry.example(&base), entry.answer());
    let conflict = (!entry.doc.conflict.is_empty()).then(|| format!("409: {}.", entry.doc.conflict));
    let (method, path, summary, scope) = (entry.method, entry.path, entry.doc.summary, entry.scope);
    view! {
        <li class="border-t border-line px-4 first:border-0">
            <details>
                <summary class="fold flex flex-wrap items-center gap-x-3 gap-y-1 py-3">
                    <span class="w-14 font-mono text-xs font-semibold">{method}</span>
                    <code class="min-w-0 break-all font-mono text-xs">{path}</code>
                    <span class="text-sm text-fg-2">{summary}</span>
                </summary>
                <div class="flex flex-col gap-2 pb-4">
                    <p class="flex flex-wrap items-center gap-2 text-sm text-fg-2">"Scope "<Chip>{scope}</Chip>{answer}" "{conflict}</p>
                    <Examples call/>
                </div>
            </details>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_of_the_api_is_in_the_reference_with_a_body_where_it_takes_one() {
        let all: Vec<Entry> = entries().into_iter().flat_map(|(_, entries)| entries).collect();
        let described = feature::routes().filter(|route| matches!(route.needs, Needs::Token(_)));
        let calls = described.flat_map(|route| route.calls).filter(|call| call.doc.is_some()).count();
        assert!(calls > 10 && all.len() == calls);
        for entry in &all {
            let example = entry.example("https://slipway.example");
            assert!(!example.url.contains('{'), "{}", example.url);
            if let Some(body) = example.body {
                assert!(body.starts_with('{') && body.len() > 2, "{}: {body}", entry.path);
            }
        }
    }

    #[test]
    fn a_feature_has_a_heading() {
        assert_eq!(heading("phone_routes"), "Phone routes");
        assert_eq!(heading("todos"), "To-dos");
        assert_eq!(heading(""), "");
    }
}
