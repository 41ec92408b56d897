//! Everything that a feature declares exists, and everything that exists is declared. Each finding names what is missing
//! and the file to open. Nothing here needs a database, and the search itself is tested with incomplete lists.

use std::collections::BTreeSet;
use std::path::Path;

use domain::feature::{self, FEATURES, Feature, OperationRule};
use domain::permission::{EndpointKind, Needs, POLICY, Right, Rule};
use regex::Regex;

/// Where features declare what they have.
const DECLARED_IN: &str = "app/crates/domain/src/feature";

/// A source file, without its tests.
struct Source {
    /// Its path from the root of the repository.
    file: String,
    text: String,
}

/// The sources in these folders and their subfolders.
fn sources(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    let mut folders: Vec<_> = folders.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap().to_owned();
            if path.is_dir() && !["tests", "target", "fixtures"].contains(&name.as_str()) {
                folders.push(path);
            } else if (name.ends_with(".rs") && !name.ends_with("tests.rs")) || name.ends_with(".sql") {
                let text = std::fs::read_to_string(&path).unwrap();
                let tests = ["#[cfg(test)]", "#[cfg(all(test"].into_iter().filter_map(|mark| text.find(mark)).min();
                let text = text[..tests.unwrap_or(text.len())].to_owned();
                let file = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                found.push(Source { file, text });
            }
        }
    }
    found
}

/// Every text that the first group of a pattern matches.
fn named(sources: &[Source], pattern: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).unwrap();
    let found = sources.iter().flat_map(|source| pattern.captures_iter(&source.text));
    found.map(|found| found[1].to_owned()).collect()
}

/// The arguments that follow an opening parenthesis, up to the closing one.
fn arguments(text: &str) -> &str {
    let mut depth = 1_usize;
    let end = text.char_indices().find(|(_, letter)| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// The routes that the server mounts, in whichever file: the address, and what answers there.
fn mounted() -> Vec<(String, String)> {
    let sources = sources(&["server/src"]);
    let routes = sources.iter().flat_map(|source| source.text.split(".route(").skip(1)).map(arguments);
    let parts = routes.filter_map(|route| route.trim_start().strip_prefix('"')?.split_once('"'));
    parts.map(|(path, handlers)| (path.to_owned(), handlers.to_owned())).collect()
}

/// Every endpoint of one kind that the running program has.
fn existing(kind: EndpointKind) -> BTreeSet<String> {
    match kind {
        EndpointKind::Page => slipway::http::pages::pages().iter().map(|page| page.path().to_owned()).collect(),
        EndpointKind::ServerFunction => leptos::server_fn::axum::server_fn_paths()
            .map(|(path, _)| path.trim_start_matches("/do/").to_owned())
            .collect(),
        EndpointKind::Route => mounted().into_iter().map(|(path, _)| path).collect(),
    }
}

/// Endpoints of one kind that exist and are not declared, or are declared and do not exist.
fn gaps(kind: EndpointKind, existing: &BTreeSet<String>, policy: &[Rule]) -> Vec<String> {
    let declared = policy.iter().filter(|rule| rule.kind == kind).map(|rule| rule.path.to_owned()).collect();
    let (what, where_it_belongs) = match kind {
        EndpointKind::Page => ("page", "has no route in app/src/root.rs"),
        EndpointKind::ServerFunction => {
            ("operation", "has no #[server(prefix = \"/do\", endpoint = …)] in its feature's crate under app/crates")
        }
        EndpointKind::Route => ("route", "is not mounted in server/src/http/routes.rs"),
    };
    let undeclared = existing.difference(&declared);
    let undeclared = undeclared.map(|path| format!("{what} {path} is declared by no feature in {DECLARED_IN}"));
    let missing = declared.difference(existing).map(|path| format!("{what} {path} {where_it_belongs}"));
    undeclared.chain(missing).collect()
}

const ENDPOINT_KINDS: [EndpointKind; 3] = [EndpointKind::Page, EndpointKind::ServerFunction, EndpointKind::Route];

/// Asserts that nothing was found.
fn nothing(found: &[String]) {
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn every_endpoint_is_declared_and_every_declared_one_exists() {
    let found: Vec<String> = ENDPOINT_KINDS.into_iter().flat_map(|kind| gaps(kind, &existing(kind), &POLICY)).collect();
    nothing(&found);
}

#[test]
fn a_missing_declaration_and_an_undeclared_endpoint_are_found() {
    for kind in ENDPOINT_KINDS {
        let all = existing(kind);
        for (at, rule) in POLICY.iter().enumerate().filter(|(_, rule)| rule.kind == kind) {
            let without: Vec<Rule> =
                POLICY.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, rule)| *rule).collect();
            let found = gaps(kind, &all, &without);
            assert!(found.len() == 1 && found[0].contains(&format!(" {} is declared by no", rule.path)), "{found:?}");
        }
        let more: BTreeSet<String> = all.iter().cloned().chain(["/surprise".to_owned()]).collect();
        assert!(gaps(kind, &more, &POLICY)[0].contains("/surprise is declared by no feature"));
        let fewer: BTreeSet<String> = all.iter().skip(1).cloned().collect();
        assert_eq!(gaps(kind, &fewer, &POLICY).len(), 1, "one that leads nowhere is found");
    }
}

/// Methods that a route answers and its feature does not declare, or the other way round.
fn other_methods(mounted: &[(String, String)]) -> Vec<String> {
    let mut found = Vec::new();
    for (feature, route) in FEATURES.iter().flat_map(|feature| feature.routes.iter().map(move |one| (feature, one))) {
        let handlers = mounted.iter().filter(|(path, _)| path == route.path).map(|(_, handlers)| handlers.as_str());
        let handlers = handlers.collect::<String>();
        let answered = ["GET", "POST", "PUT", "PATCH", "DELETE"];
        let answered = answered.into_iter().filter(|name| handlers.contains(&format!("{}(", name.to_lowercase())));
        let declared: BTreeSet<&str> = route.calls.iter().map(|call| call.method.key()).collect();
        let answered: BTreeSet<&str> = answered.collect();
        if answered != declared {
            let (path, key) = (route.path, feature.key);
            found.push(format!(
                "route {path} answers {answered:?} in server/src/http/routes.rs, {declared:?} in {DECLARED_IN}/{key}.rs"
            ));
        }
    }
    found
}

#[test]
fn a_route_answers_the_methods_that_are_declared() {
    let mounted = mounted();
    nothing(&other_methods(&mounted));
    let mut more = mounted;
    more.push(("/health".to_owned(), ", post(surprise)".to_owned()));
    let found = other_methods(&more);
    assert!(found.len() == 1 && found[0].contains("server.rs"), "{found:?}");
}

#[test]
fn server_functions_change_things_by_post_only() {
    let by_other = leptos::server_fn::axum::server_fn_paths().filter(|(_, method)| method != "POST");
    assert_eq!(by_other.map(|(path, _)| path).collect::<Vec<_>>(), Vec::<&str>::new());
}

/// Rights that no migration adds. Whether the roles there have them compares `app/crates/store/tests/all/rls/mod.rs`.
fn rights_without_row(migrations: &[Source], rights: &[Right]) -> Vec<String> {
    let missing = rights.iter().filter(|right| {
        let row = format!("('{}', '{}',", right.key(), right.rule().level.key());
        !migrations.iter().any(|migration| migration.text.contains(&row))
    });
    let line = |right: &Right| {
        let (key, level) = (right.key(), right.rule().level.key());
        format!("right {key} has no row in the migrations: insert into permissions values ('{key}', '{level}', '…')")
    };
    missing.map(line).collect()
}

#[test]
fn every_right_has_a_row_in_the_migrations() {
    let migrations = sources(&["migrations"]);
    nothing(&rights_without_row(&migrations, &Right::ALL));
    assert_eq!(rights_without_row(&[], &[Right::TeamRead]).len(), 1);
}

/// The parameters that a server function cannot do without, by its source: those without a default.
fn required(function: &str, source: &Source) -> Option<Vec<String>> {
    let start = source.text.find(&format!("endpoint = \"{function}\""))?;
    let open = source.text[start..].find("pub async fn ").map(|at| start + at)?;
    let open = source.text[open..].find('(').map(|at| open + at + 1)?;
    // `Vec<A, B>` has a comma of its own: only those outside of brackets separate parameters.
    let mut depth = 0_i32;
    let parameters = arguments(&source.text[open..]).split(|letter| {
        depth += i32::from("<([".contains(letter)) - i32::from(">)]".contains(letter));
        letter == ',' && depth == 0
    });
    let needed = parameters.filter(|one| !one.contains("#[server(") && !one.contains(": Option<"));
    Some(needed.filter_map(|one| one.split_once(':')).map(|(name, _)| name.trim().to_owned()).collect())
}

/// Required fields that the sample of a server function lacks.
fn short_samples(feature: &Feature, operation: &OperationRule, pages: &[Source]) -> Vec<String> {
    let own = match operation.needs {
        Needs::Agency(_) => "agency",
        Needs::Business(_) => "business",
        _ => "",
    };
    let needed = pages.iter().find_map(|source| Some((source, required(operation.name, source)?)));
    let Some((source, needed)) = needed else { return Vec::new() };
    let has = |field: &str| {
        let named = |name: &str| name == field || name.strip_prefix(field).is_some_and(|rest| rest.starts_with('['));
        field == own || operation.sample.iter().any(|(name, _)| named(name))
    };
    let line = |field: String| {
        let (name, file, key) = (operation.name, &source.file, feature.key);
        format!("operation {name}: its sample in {DECLARED_IN}/{key}.rs lacks `{field}`, which {file} requires")
    };
    needed.into_iter().filter(|field| !has(field)).map(line).collect()
}

#[test]
fn every_sample_has_the_fields_that_its_server_function_requires() {
    let pages = sources(&["app/crates"]);
    let samples = FEATURES.iter().flat_map(|feature| feature.operations.iter().map(move |one| (feature, one)));
    let found: Vec<String> = samples.flat_map(|(feature, one)| short_samples(feature, one, &pages)).collect();
    nothing(&found);
    let text = "#[server(prefix = \"/do\", endpoint = \"make_role\")]\npub async fn make_role(a: Map<B, C>, \
                #[server(default)] b: String, c: Option<D>, name: String) -> Result<()> {";
    let source = Source { file: "x.rs".to_owned(), text: text.to_owned() };
    assert_eq!(required("make_role", &source), Some(vec!["a".to_owned(), "name".to_owned()]));
    let operation = feature::operations().find(|one| one.name == "make_role").unwrap();
    assert_eq!(short_samples(FEATURES[0], operation, &[source]).len(), 1);
}

/// Actions that are written to the audit log and that no feature declares.
fn unnamed_actions(written: &BTreeSet<String>) -> Vec<String> {
    let unnamed = written.iter().filter(|action| feature::audit_name(action).is_none());
    unnamed
        .map(|action| format!("action {action} is written to the audit log and has no words in {DECLARED_IN}"))
        .collect()
}

#[test]
fn every_action_in_the_audit_log_has_words() {
    let sources = sources(&["app/crates", "server/src", "server/crates/worker/src"]);
    let action = r#""([a-z_]+\.[a-z_]+)""#;
    let written: BTreeSet<String> = [
        r"\bAct::new\(\s*ACTION",
        r"\brecord\(\s*(?:&mut )?tx,\s*ACTION",
        r"\b(?:record|done)\(\s*(?:&mut )?tx,\s*(?:[a-z_.]+,\s*)+ACTION",
        r"\bRefused\(ACTION",
        r"\brefused\(\s*[&a-z._]+,\s*ACTION",
        r"\blet action = if [a-z_]+ \{ ACTION",
        r"\blet action = if [a-z_]+ \{ [^}]+ \} else \{ ACTION",
    ]
    .into_iter()
    .flat_map(|pattern| named(&sources, &pattern.replace("ACTION", action)))
    .collect();
    assert!(
        written.len() > 60 && written.contains("agency.restored") && written.contains("token.refused"),
        "{written:?}"
    );
    nothing(&unnamed_actions(&written));
    assert_eq!(unnamed_actions(&BTreeSet::from(["moon.landed".to_owned()])).len(), 1);
}

#[test]
fn topics_are_written_shown_and_declared_by_one_name() {
    let declared: BTreeSet<String> = FEATURES.iter().flat_map(|one| one.topics).map(|one| (*one).to_owned()).collect();
    let written = named(
        &sources(&["app/crates", "server/crates/worker/src"]),
        r#"\boutbox::(?:add(?:_platform)?|written)\(\s*(?:&mut )?tx,\s*"([a-z_.]+)""#,
    );
    let shown: BTreeSet<String> = named(&sources(&["app/crates"]), r#"\btopics\s*=\s*"([^"]*)""#)
        .iter()
        .flat_map(|topics| topics.split_ascii_whitespace())
        .filter(|topic| *topic != "*")
        .map(|topic| topic.split(':').next().unwrap_or_default().to_owned())
        .collect();
    assert!(written.len() > 4 && shown.len() > 3, "{written:?} {shown:?}");
    let undeclared = written.union(&shown).filter(|topic| !declared.contains(*topic));
    let undeclared = undeclared.map(|topic| format!("topic {topic} is declared by no feature in {DECLARED_IN}"));
    let silent = declared.difference(&written).map(|topic| format!("topic {topic} is written nowhere (outbox::add)"));
    nothing(&undeclared.chain(silent).collect::<Vec<_>>());
}
