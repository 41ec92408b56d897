//! The reference of the API for people: every call with what it takes and answers, an example of each, and code to copy. It
//! is made of what the features declare and of the OpenAPI description. Each group is a page of its own, so all stay small.

mod call;
mod described;
mod members;
mod plural;
mod problems;

use domain::feature::{self, ApiDoc, Call, FEATURES, Takes};
use domain::permission::Needs;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Address, ButtonLink, Card, PageHeader, Tab, Tabs};
use leptos::prelude::*;
use web::error::Error;
use web::guard::{ServerContext, server_context};
use web::page::load_page;
use web::page_frame::frame;

use self::call::OneCall;
use self::described::described;
use self::problems::problems_table;
use super::examples::{ExampleCall, TOKEN};

/// An id in examples.
const ID: &str = "01985f2a-7c4e-7d3b-9a51-5f0c2e8b6d17";

/// One method of one route, as the page shows it.
#[derive(Clone, Copy)]
struct Entry {
    path: &'static str,
    scope: &'static str,
    method: &'static str,
    doc: &'static ApiDoc,
}

/// The groups in the order in which programs need them, with the features whose calls each one holds.
const GROUPS: &[(&str, &[&str])] = &[
    ("Provisioning jobs", &["provisioning"]),
    ("Clients", &["business", "clients"]),
    ("Sub-account imports", &["imports"]),
    ("Snapshots", &["snapshots"]),
    ("HighLevel tokens", &["integrations"]),
    ("To-dos", &["todos"]),
    ("Phone routes", &["phone_routes"]),
    ("Webhooks", &["webhooks"]),
    ("Notifications", &["notifications"]),
];

/// The calls of each group.
fn entries() -> Vec<(&'static str, Vec<Entry>)> {
    let group = |(heading, keys): &(&'static str, &[&str])| {
        let features = keys.iter().filter_map(|key| FEATURES.iter().find(|feature| feature.key == *key));
        let routes = features.flat_map(|feature| feature.routes);
        let calls = routes.filter_map(|route| match route.needs {
            Needs::Token(scope) => Some((route.path, scope, route.calls)),
            _ => None,
        });
        let entries =
            calls.flat_map(|(path, scope, calls)| calls.iter().filter_map(move |call| entry(path, scope, call)));
        (*heading, entries.collect::<Vec<_>>())
    };
    GROUPS.iter().map(group).collect()
}

fn entry(path: &'static str, scope: &'static str, call: &'static Call) -> Option<Entry> {
    Some(Entry { path, scope, method: call.method.key(), doc: call.doc.as_ref()? })
}

/// A text as the part of an address that leads to it: "Phone routes" is `phone-routes`.
fn anchor(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
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
}

/// A valid body of this type, over several lines.
fn body(name: &str) -> String {
    let sample = feature::bodies().find(|one| one.name == name).map(|one| one.sample).unwrap_or_default();
    let value: serde_json::Value = serde_json::from_str(&sample.replace("{business}", ID)).unwrap_or_default();
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

/// The reference: what holds for every call and where each one is, or the calls of the group that the address names.
#[component]
pub fn ApiReference() -> impl IntoView {
    let context = server_context();
    let group = Address::current().get(GROUP).to_owned();
    load_page(async move {
        let context = context?;
        let tenant = context.page().await?;
        let tokens = format!("/a/{}/tokens", tenant.access.slug);
        tenant.commit().await?;
        if group.is_empty() {
            return Ok(overview(&context, tokens));
        }
        let found = entries().into_iter().find(|(heading, _)| anchor(heading) == group);
        let (heading, entries) = found.ok_or(Error::NotFound)?;
        Ok(calls(&context, tokens, heading, entries))
    })
}

/// The first page of the reference.
fn overview(context: &ServerContext, tokens: String) -> AnyView {
    let reference = format!("{tokens}/reference");
    let base = context.state.settings.public_url.clone();
    let frame = frame(context, vec![Crumb::link("API tokens", tokens.clone()), Crumb::current("API reference")]);
    let groups = entries().into_iter().map(|(heading, entries)| {
        let page = group_page(&reference, heading);
        let lines = lines(&page, &entries);
        view! { <div id=anchor(heading) class="scroll-mt-16"><Card title=heading flush=true>{lines}</Card></div> }
    });
    let groups = groups.collect_view();
    let errors = problems_table((context.state.api_description)());
    view! {
        <PageTitle text="API reference"/>
        <Shell frame=frame>
            <PageHeader title="API reference">
                <ButtonLink href=tokens>"API tokens"</ButtonLink>
                <ButtonLink href="/api/openapi.json">"OpenAPI (JSON)"</ButtonLink>
            </PageHeader>
            <div class="flex max-w-7xl flex-col gap-4"><Groups reference current=""/><Basics base/><Card title="Errors">{errors}</Card>{groups}</div>
        </Shell>
    }
    .into_any()
}

/// The page of one group: each call with everything that is known of it.
fn calls(context: &ServerContext, tokens: String, heading: &'static str, entries: Vec<Entry>) -> AnyView {
    let reference = format!("{tokens}/reference");
    let base = context.state.settings.public_url.clone();
    let document = (context.state.api_description)();
    let crumbs = vec![
        Crumb::link("API tokens", tokens),
        Crumb::link("API reference", reference.clone()),
        Crumb::current(heading),
    ];
    let frame = frame(context, crumbs);
    let page = group_page(&reference, heading);
    let index = (entries.len() > 1).then(|| {
        let lines = lines(&page, &entries);
        view! { <nav class="card" aria-label="Calls on this page">{lines}</nav> }
    });
    let calls = entries.into_iter().map(|entry| {
        let described = described(document, entry.path, entry.method);
        view! { <OneCall entry described base=base.clone()/> }
    });
    let calls = calls.collect_view();
    view! {
        <PageTitle text=format!("{heading} API")/>
        <Shell frame=frame>
            <PageHeader title=heading>
                <ButtonLink href="/api/openapi.json">"OpenAPI (JSON)"</ButtonLink>
            </PageHeader>
            <div class="flex max-w-7xl flex-col gap-4"><Groups reference current=heading/>{index}{calls}</div>
        </Shell>
    }
    .into_any()
}

/// The parameter of the address that names a group.
const GROUP: &str = "group";

/// The address of a group's page.
fn group_page(reference: &str, heading: &str) -> String {
    format!("{reference}?{GROUP}={}", anchor(heading))
}

/// The pages of the reference.
#[component]
fn Groups(reference: String, current: &'static str) -> impl IntoView {
    let groups =
        GROUPS.iter().map(|(heading, _)| Tab::new(*heading, group_page(&reference, heading), *heading == current));
    let first = Tab::new("Overview", reference.clone(), current.is_empty());
    let tabs: Vec<Tab> = std::iter::once(first).chain(groups).collect();
    view! { <Tabs label="API reference" tabs/> }
}

/// The calls of a group as lines that lead to them on its page.
fn lines(page: &str, entries: &[Entry]) -> AnyView {
    let lines = entries.iter().map(|&entry| view! { <Line entry page=page.to_owned()/> });
    view! { <ul>{lines.collect_view()}</ul> }.into_any()
}

/// One call as a line that leads to it.
#[component]
fn Line(entry: Entry, page: String) -> impl IntoView {
    let (method, path, summary) = (entry.method, entry.path, entry.doc.summary);
    let href = format!("{page}#{}", anchor(&format!("{method} {path}")));
    view! {
        <li class="grid items-baseline gap-x-4 gap-y-1 border-t border-line px-4 py-2.5 first:border-0 sm:grid-cols-2">
            <a class="link justify-self-start text-sm font-medium" href=href>{summary}</a>
            <p class="flex min-w-0 font-mono text-xs text-fg-2">
                <span class="w-14 flex-none font-semibold">{method}</span>
                <code class="min-w-0 break-all">{path}</code>
            </p>
        </li>
    }
}

/// What holds for every call.
#[component]
fn Basics(base: String) -> impl IntoView {
    view! {
        <Card title="Basics">
            <div class="flex max-w-3xl flex-col gap-2 text-sm">
                <p>"Base URL: "<code class="font-mono text-xs">{base}"/api/v1"</code></p>
                <p>"Authenticate with a token in the header "<code class="font-mono text-xs">"Authorization: Bearer slw_…"</code>". The examples read it from an environment variable: "<code class="font-mono text-xs">"export SLIPWAY_TOKEN=slw_…"</code></p>
                <p>"Lists take "<code class="font-mono text-xs">"q"</code>" (search by name), "<code class="font-mono text-xs">"limit"</code>" (1 to 100, 50 by default) and "<code class="font-mono text-xs">"cursor"</code>". Each response includes the cursor of the next page."</p>
                <p>"Errors are returned as application/problem+json. "<code class="font-mono text-xs">"detail"</code>" explains the error in a sentence, "<code class="font-mono text-xs">"code"</code>" is for your code to check, and invalid fields are listed by JSON pointer."</p>
                <p>"Send an "<code class="font-mono text-xs">"Idempotency-Key"</code>" header where the example has one, and it is safe to retry a request: it runs only once."</p>
                <p>"Requests are rate limited by the minute. "<code class="font-mono text-xs">"RateLimit-Remaining"</code>" shows how many you have left, and "<code class="font-mono text-xs">"Retry-After"</code>" when to try again after a 429."</p>
            </div>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
    fn every_group_and_call_has_an_address_of_its_own() {
        assert_eq!(anchor("Phone routes"), "phone-routes");
        assert_eq!(anchor("GET /api/v1/todos/{id}"), "get-api-v1-todos-id");
        let mut found = BTreeSet::new();
        for (heading, entries) in entries() {
            assert!(found.insert(anchor(heading)) && !entries.is_empty(), "{heading}");
            for entry in entries {
                assert!(found.insert(anchor(&format!("{} {}", entry.method, entry.path))), "{}", entry.path);
            }
        }
    }
}
