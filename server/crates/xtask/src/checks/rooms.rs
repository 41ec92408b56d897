//! Does every feature of the app stand alone? In a crate of pages no feature imports another one, and in the other crates
//! no modules import one another in a circle. What two features share lies below them: in `kit`, `web` or `domain`.

use super::{Findings, rust_files};
use std::collections::{BTreeMap, BTreeSet};

/// Crates of pages, whose top-level modules are features.
const AREAS: &[&str] = &["app/crates/admin", "app/crates/agency", "app/crates/business"];
/// The module of a crate of pages that holds the texts of all its features. It is no feature.
const CATALOGUE: &str = "messages";
/// Crates in which top-level modules may import one another, but not in a circle.
const LAYERED: &[&str] = &[
    "app/crates/account",
    "app/crates/ghl",
    "app/crates/islands",
    "app/crates/kit",
    "app/crates/mail",
    "app/crates/operations",
    "app/crates/store",
    "app/crates/web",
    "server",
    "server/crates/simulator",
    "server/crates/tools",
    "server/crates/worker",
];
/// Imports that close a circle and stand: crate, importing module, imported module. No line is added here; a line goes when
/// its import goes.
const STANDING: &[(&str, &str, &str)] = &[
    // A company that is connected is written down at its agency, whose list shows the integrations.
    ("app/crates/store", "integrations", "agencies"),
    // A transaction over the whole platform is noted in the audit log, which is written in transactions.
    ("app/crates/store", "tenant", "audit"),
    // Whoever loses a membership or gets a password loses the links that led to it.
    ("app/crates/store", "identity", "invites"),
    ("app/crates/store", "memberships", "invites"),
    // The router mounts what the API and the consent answer, and all three use the layers' answers.
    ("server", "http", "api"),
    ("server", "http", "boot"),
    ("server", "http", "oauth"),
    ("server", "boot", "cli"),
    // The simulator's state holds what its parts remember, and the parts answer from it.
    ("server/crates/simulator", "page", "ghl"),
    ("server/crates/simulator", "simulator", "hooks"),
    ("server/crates/simulator", "world", "faults"),
    // How often a removal is tried says when it is given up.
    ("server/crates/worker", "integrations", "background_jobs"),
    // A job's step and background work use the same tokens.
    ("server/crates/worker", "integrations", "provisioning"),
    ("server/crates/worker", "kill_points", "provisioning"),
    ("server/crates/worker", "provisioning", "queue"),
];
/// Modules for tests alone, which may import everything.
const FOR_TESTS: &[&str] = &["fixtures", "testing"];

/// Top-level modules of a crate, each with those it imports.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// Siblings and circles.
pub fn all() -> Findings {
    let files = rust_files();
    let mut findings = Findings::new();
    for name in AREAS {
        for (module, used) in graph(&files, name) {
            findings.extend(used.iter().filter(|other| *other != CATALOGUE).map(|other| {
                format!("{name}: feature {module} imports feature {other}: move what both need to kit, web or domain.")
            }));
        }
    }
    for name in LAYERED {
        let (graph, gone) = without_standing(graph(&files, name), name, STANDING);
        findings.extend(gone);
        for circle in circles(&graph) {
            let circle = circle.join(", ");
            findings.push(format!(
                "{name}: {circle} import one another in a circle: move what they share to a separate module."
            ));
        }
    }
    findings
}

/// The graph without the imports that stand, and a finding for each of them that is gone.
fn without_standing(mut graph: Graph, name: &str, standing: &[(&str, &str, &str)]) -> (Graph, Findings) {
    let mut gone = Findings::new();
    for (_, from, to) in standing.iter().filter(|(of, ..)| *of == name) {
        if !graph.get_mut(*from).is_some_and(|used| used.remove(*to)) {
            gone.push(format!(
                "{name}: {from} no longer imports {to}: remove the line from STANDING in server/crates/xtask/src/checks/rooms.rs."
            ));
        }
    }
    (graph, gone)
}

/// The text of a file before its tests.
fn without_tests(text: &str) -> &str {
    let tests = ["#[cfg(test)]", "#[cfg(all(test"].iter().filter_map(|mark| text.find(mark)).min();
    &text[..tests.unwrap_or(text.len())]
}

fn graph(files: &[(String, String)], folder: &str) -> Graph {
    let root = format!("{folder}/src/");
    let module = |path: &str| path.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
    let is_test = |path: &str| {
        path.contains("/tests/") || path.ends_with("tests.rs") || FOR_TESTS.contains(&module(path).as_str())
    };
    let inside: Vec<(&str, &str)> = files
        .iter()
        .filter_map(|(path, text)| Some((path.strip_prefix(&root)?, without_tests(text))))
        .filter(|(path, _)| !is_test(path))
        .collect();
    let roots = ["lib.rs", "main.rs"];
    let modules: BTreeSet<String> =
        inside.iter().filter(|(path, _)| !roots.contains(path)).map(|(path, _)| module(path)).collect();
    let exports = inside.iter().find(|(path, _)| *path == "lib.rs").map(|(_, text)| exports(text)).unwrap_or_default();
    let mut graph = Graph::new();
    for (path, text) in inside.iter().filter(|(path, _)| !roots.contains(path)) {
        let own = module(path);
        // In a file at the root of the crate `super` is the root.
        let roots: &[&str] = if path.contains('/') { &["crate::"] } else { &["crate::", "super::"] };
        let used = imports(text, roots).into_iter().map(|item| exports.get(&item).cloned().unwrap_or(item));
        graph.entry(own.clone()).or_default().extend(used.filter(|used| *used != own && modules.contains(used)));
    }
    graph
}

/// What `pub use module::Item` in the root of a crate exports, with its module.
fn exports(text: &str) -> BTreeMap<String, String> {
    let lines = text.split(';').filter_map(|line| line.trim().rsplit_once("pub use ")).map(|(_, path)| path);
    let split = lines.filter_map(|path| path.split_once("::"));
    split.flat_map(|(module, items)| words(items).map(move |item| (item, module.to_owned()))).collect()
}

/// The first name behind each of these roots, outside comments.
fn imports(text: &str, roots: &[&str]) -> BTreeSet<String> {
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for root in roots {
        for (at, _) in code
            .match_indices(root)
            .filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
        {
            let rest = &code[at + root.len()..];
            match rest.strip_prefix('{') {
                Some(list) => found.extend(words(list.split('}').next().unwrap_or_default())),
                None => found.extend(words(rest).next()),
            }
        }
    }
    found
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let names = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>().into_iter()
}

/// Groups of modules that reach one another.
fn circles(graph: &Graph) -> Vec<Vec<String>> {
    let reaches = |from: &String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(used) = next.pop().and_then(|module| graph.get(module)) {
            next.extend(used.iter().filter(|module| seen.insert((*module).clone())));
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> = graph.keys().map(|module| (module, reaches(module))).collect();
    let mut found: Vec<Vec<String>> = Vec::new();
    for (module, others) in &reached {
        if others.contains(*module) && !found.iter().any(|circle| circle.contains(*module)) {
            let back = others.iter().filter(|other| reached.get(*other).is_some_and(|theirs| theirs.contains(*module)));
            found.push(back.cloned().collect());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(path, text)| (format!("app/crates/{path}"), (*text).to_owned())).collect()
    }

    #[test]
    fn a_feature_that_imports_another_is_found() {
        let files = files(&[
            ("agency/src/lib.rs", "pub mod clients;\npub mod team;\npub use team::Team;"),
            ("agency/src/clients/page.rs", "use crate::team::touchable;\nuse super::people::People;"),
            ("agency/src/team.rs", "use web::guard;"),
        ]);
        let graph = graph(&files, "app/crates/agency");
        assert_eq!(graph["clients"], BTreeSet::from(["team".to_owned()]));
        assert!(graph["team"].is_empty());
    }

    #[test]
    fn an_item_of_the_root_belongs_to_its_module() {
        let files = files(&[
            ("kit/src/lib.rs", "pub use chip::{Chip, Tone};"),
            ("kit/src/chip.rs", "// use crate::card::Card;"),
            ("kit/src/card.rs", "use crate::{Tone, chip};"),
        ]);
        assert_eq!(graph(&files, "app/crates/kit")["card"], BTreeSet::from(["chip".to_owned()]));
        assert!(graph(&files, "app/crates/kit")["chip"].is_empty());
    }

    #[test]
    fn a_circle_is_found_with_all_its_files() {
        let files = files(&[
            ("web/src/lib.rs", ""),
            ("web/src/a.rs", "use crate::b::B;"),
            ("web/src/b.rs", "use super::c;"),
            ("web/src/c.rs", "use crate::a::A;"),
            ("web/src/d.rs", "use crate::a::A;"),
        ]);
        assert_eq!(circles(&graph(&files, "app/crates/web")), [["a", "b", "c"]]);
    }

    #[test]
    fn an_import_that_stands_closes_no_circle_and_leaves_when_it_is_gone() {
        let files = files(&[
            ("web/src/a.rs", "use crate::b::B;"),
            ("web/src/b.rs", "use crate::a::A;\n#[cfg(test)]\nmod tests { use crate::c::C; }"),
            ("web/src/c.rs", "use crate::b::B;"),
            ("web/src/testing/mod.rs", "use crate::a::A;"),
        ]);
        let name = "app/crates/web";
        let (rest, gone) = without_standing(graph(&files, name), name, &[(name, "b", "a"), ("another", "x", "y")]);
        assert!(circles(&rest).is_empty() && gone.is_empty(), "tests close no circle: {rest:?}");
        let (rest, gone) = without_standing(graph(&files, name), name, &[(name, "c", "a")]);
        assert_eq!((circles(&rest), gone.len()), (vec![vec!["a".to_owned(), "b".to_owned()]], 1));
    }
}
