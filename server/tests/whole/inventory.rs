//! The policy lists every endpoint. The pages, server functions and routes that exist are compared with its lines,
//! and the comparison itself is tested with incomplete lists.

use std::collections::BTreeSet;
use std::path::Path;

use domain::permission::{EndpointKind, POLICY, Rule};

/// Endpoints of one kind that have no line in the policy, and lines that have no endpoint.
fn gaps(kind: EndpointKind, existing: &[String], policy: &[Rule]) -> Vec<String> {
    let lines: BTreeSet<&str> = policy.iter().filter(|rule| rule.kind == kind).map(|rule| rule.path).collect();
    let existing: BTreeSet<&str> = existing.iter().map(String::as_str).collect();
    let unlisted = existing.difference(&lines).map(|path| format!("{path} has no line"));
    let empty = lines.difference(&existing).map(|path| format!("the line of {path} leads nowhere"));
    unlisted.chain(empty).collect()
}

/// Every endpoint of one kind that the running program has.
fn existing(kind: EndpointKind) -> Vec<String> {
    match kind {
        EndpointKind::Page => slipway::http::pages::pages().iter().map(|page| page.path().to_owned()).collect(),
        EndpointKind::ServerFunction => leptos::server_fn::axum::server_fn_paths()
            .map(|(path, _)| path.trim_start_matches("/do/").to_owned())
            .collect(),
        EndpointKind::Route => slipway::http::routes::ROUTES.iter().map(|path| (*path).to_owned()).collect(),
    }
}

const ENDPOINT_KINDS: [EndpointKind; 3] = [EndpointKind::Page, EndpointKind::ServerFunction, EndpointKind::Route];

#[test]
fn every_endpoint_has_a_policy_line_and_every_line_an_endpoint() {
    for kind in ENDPOINT_KINDS {
        assert_eq!(gaps(kind, &existing(kind), POLICY), Vec::<String>::new(), "{kind:?}");
    }
}

#[test]
fn a_missing_line_and_an_unlisted_endpoint_are_found() {
    for (at, rule) in POLICY.iter().enumerate() {
        let without: Vec<Rule> = POLICY.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, rule)| *rule).collect();
        let found = gaps(rule.kind, &existing(rule.kind), &without);
        assert_eq!(found, [format!("{} has no line", rule.path)]);
    }
    for kind in ENDPOINT_KINDS {
        let mut more = existing(kind);
        more.push("/surprise".to_owned());
        assert_eq!(gaps(kind, &more, POLICY), ["/surprise has no line"]);
        assert_eq!(gaps(kind, &existing(kind)[1..], POLICY).len(), 1, "a line that leads nowhere is found");
    }
}

/// The text of every source file in a folder and its subfolders.
fn sources(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![std::fs::read_to_string(&path).unwrap()],
        })
        .collect()
}

/// The list of routes is written by hand; it must contain every route that the server mounts, in whichever file.
#[test]
fn the_list_of_routes_is_whole() {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let mounted: Vec<&str> = sources.iter().flat_map(|text| text.split(".route(").skip(1)).collect();
    let named = |rest: &str| rest.trim_start().trim_start_matches('"').split('"').next().map(str::to_owned);
    let mounted: BTreeSet<String> = mounted.into_iter().filter_map(named).collect();
    let listed: BTreeSet<String> = slipway::http::routes::ROUTES.iter().map(|path| (*path).to_owned()).collect();
    assert_eq!(mounted, listed);
}

#[test]
fn server_functions_change_things_by_post_only() {
    let by_other = leptos::server_fn::axum::server_fn_paths().filter(|(_, method)| method != "POST");
    assert_eq!(by_other.map(|(path, _)| path).collect::<Vec<_>>(), Vec::<&str>::new());
}
