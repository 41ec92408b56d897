//! Laws of the registry that need nothing but the declarations: no two features say the same, and what one names is
//! declared.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::permission::POLICY;

/// The names that occur more than once.
fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    names.filter(|name| !seen.insert(*name)).collect()
}

#[test]
fn a_feature_has_the_name_of_its_file() {
    for feature in FEATURES {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/feature/{}.rs", feature.key));
        assert!(file.exists(), "feature {}: there is no {}", feature.key, file.display());
    }
}

#[test]
fn nothing_is_declared_twice() {
    let audit = FEATURES.iter().flat_map(|feature| feature.audit).map(|one| one.action);
    let topics = FEATURES.iter().flat_map(|feature| feature.topics).copied();
    let none: [&str; 0] = [];
    assert_eq!(twice(FEATURES.iter().map(|feature| feature.key)), none);
    assert_eq!(twice(audit), none);
    assert_eq!(twice(topics), none);
    assert_eq!(twice(scopes().map(|scope| scope.name)), none);
    assert_eq!(twice(bodies().map(|body| body.name)), none);
}

#[test]
fn what_is_named_is_declared() {
    for rule in POLICY.iter() {
        if let Some(right) = rule.needs.right() {
            assert!(Right::ALL.contains(&right), "{} needs {right:?}, which no feature lists in `rights`", rule.path);
        }
        if let Needs::Token(scope) = rule.needs {
            assert!(
                scopes().any(|one| one.name == scope),
                "{} needs the scope {scope}, which no feature has",
                rule.path
            );
        }
    }
    for operation in operations() {
        if let Audited::As(action) = operation.audited {
            let name = operation.name;
            assert!(audit_name(action).is_some(), "{name} writes {action}, which no feature lists in `audit`");
        }
    }
}

#[test]
fn samples_name_no_tenant_twice_and_use_known_placeholders() {
    for operation in operations() {
        let tenant = match operation.needs {
            Needs::Agency(_) => "agency",
            Needs::Business(_) => "business",
            _ => "",
        };
        for (name, value) in operation.sample {
            assert!(*name != tenant, "{}: the form gets {name} by itself", operation.name);
            let known = !value.starts_with('{') || ["{agency}", "{business}", "{job}", "{id}"].contains(value);
            assert!(known, "{}: nothing stands for {value}", operation.name);
        }
    }
}

#[test]
fn a_sidebar_is_in_one_order() {
    for root in ["/me", "/admin", "/a/{agency}", "/b/{business}"] {
        let inside = |path: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let mut entries: Vec<NavEntry> = pages().filter(|page| inside(page.path)).filter_map(|page| page.nav).collect();
        entries.sort_by_key(|entry| entry.order);
        for pair in entries.windows(2) {
            assert_ne!(pair[0].order, pair[1].order, "{} and {}", pair[0].label, pair[1].label);
        }
        let mut groups: Vec<&str> = entries.iter().map(|entry| entry.group).collect();
        groups.dedup();
        let none: [&str; 0] = [];
        assert_eq!(twice(groups.into_iter()), none, "{root}: the entries of a group follow each other");
        assert_eq!(twice(entries.iter().filter_map(|entry| entry.letter)), none, "{root}: one letter opens two pages");
    }
}

#[test]
fn a_described_call_says_what_its_path_and_refusals_mean() {
    for route in routes() {
        assert!(!route.calls.is_empty(), "{} answers no method", route.path);
        assert_eq!(twice(route.calls.iter().map(|call| call.method.key())), [""; 0], "{}", route.path);
        // The tools describe themselves, each on its own.
        let is_api = matches!(route.needs, Needs::Token(_)) && route.path.starts_with("/api/");
        for call in route.calls {
            if let Some(body) = call.doc.as_ref().and_then(|doc| doc.takes.body()) {
                assert!(bodies().any(|one| one.name == body), "{}: no feature has a sample of {body}", route.path);
            }
            assert_eq!(call.doc.is_some(), is_api, "{}: calls of the API are described, others are not", route.path);
            let named = call.doc.as_ref().is_none_or(|doc| !doc.object.is_empty());
            assert!(named || !route.path.contains('{'), "{}: say what its path names (`object`)", route.path);
        }
    }
}
