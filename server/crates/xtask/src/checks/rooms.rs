//! Does every feature of the app stand alone? In a crate of pages no feature imports another one, and no files of the kernel
//! or the kit import one another in a circle. What two features share lies below them: in `kit`, `web` or `domain`.

use super::{Findings, rust_files};
use std::collections::{BTreeMap, BTreeSet};

/// Crates of pages, whose top-level modules are features.
const AREAS: &[&str] = &["admin", "agency", "business"];
/// Crates in which top-level modules may import one another, but not in a circle.
const LAYERED: &[&str] = &["kit", "web", "account"];

/// Top-level modules of a crate, each with those it imports.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// Siblings and circles.
pub fn all() -> Findings {
    let files = rust_files();
    let mut findings = Findings::new();
    for name in AREAS {
        for (module, used) in graph(&files, name) {
            findings.extend(used.iter().map(|other| {
                format!("{name}: feature {module} imports feature {other}: move what both need to kit, web or domain.")
            }));
        }
    }
    for name in LAYERED {
        for circle in circles(&graph(&files, name)) {
            let circle = circle.join(", ");
            findings.push(format!(
                "{name}: {circle} import one another in a circle: move what they share to a separate module."
            ));
        }
    }
    findings
}

fn graph(files: &[(String, String)], name: &str) -> Graph {
    let root = format!("app/crates/{name}/src/");
    let inside: Vec<(&str, &str)> =
        files.iter().filter_map(|(path, text)| Some((path.strip_prefix(&root)?, text.as_str()))).collect();
    let module = |path: &str| path.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
    let modules: BTreeSet<String> = inside.iter().map(|(path, _)| module(path)).filter(|name| name != "lib").collect();
    let exports = inside.iter().find(|(path, _)| *path == "lib.rs").map(|(_, text)| exports(text)).unwrap_or_default();
    let mut graph = Graph::new();
    for (path, text) in inside.iter().filter(|(path, _)| *path != "lib.rs") {
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
        let graph = graph(&files, "agency");
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
        assert_eq!(graph(&files, "kit")["card"], BTreeSet::from(["chip".to_owned()]));
        assert!(graph(&files, "kit")["chip"].is_empty());
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
        assert_eq!(circles(&graph(&files, "web")), [["a", "b", "c"]]);
    }
}
