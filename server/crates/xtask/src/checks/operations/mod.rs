//! Does everything that writes go through an operation? Only `operations` and the worker call functions of `store` that
//! write; pages, server functions, the API and commands call operations. Whether a function writes is read from its
//! source (`store.rs`). Methods of the store's types are not judged.

mod source;
mod store;

use self::source::Path;
use self::store::Store;
use super::{Findings, rust_files};

/// Where operations are to be called.
const JUDGED: &[&str] = &["app/", "server/src/"];

/// What may write: operations, the store itself, and the composition of the program with its first admin and demo data.
const WRITERS: &[&str] = &["app/crates/operations/", "app/crates/store/", "server/src/boot/"];

/// Writes that are no acts of a person or program but the server's own bookkeeping: a function or module of `store`,
/// and the files or folders that may call it.
const EXCEPTIONS: &[(&str, &[&str])] = &[
    // Tries are counted before anything is checked, and stay counted when the act is refused.
    ("throttle", &["server/src/oauth/unsolicited.rs"]),
    // Refusals and visits are noted where they are decided, in a transaction of their own.
    ("audit::sampled", &["app/crates/web/src/guard.rs", "server/src/http/refusals.rs", "server/src/api/token.rs"]),
    // Sessions are rows that the session layer loads, saves and touches with each request.
    ("sessions", &["server/src/http/session.rs", "server/src/http/authentication.rs"]),
    // The lookup of a token stamps when it was last used.
    ("api_tokens::find", &["server/src/api/token.rs"]),
    // Requests are counted against the quota before they are served.
    ("request_counts::count", &["server/src/api/quota.rs"]),
    ("bearers::admit", &["server/src/api/quota.rs"]),
    // What a platform sends is stored before it is answered; no person or program of ours asks for it.
    ("inbound::add", &["server/src/http/meta_webhook/"]),
    // Whether the disk has room is found out by writing.
    ("disk::has_room", &["server/src/http/health.rs"]),
    // Whoever runs the server seals secrets anew; what they say stays the same.
    ("credentials::rotate::rotate_agency", &["server/src/cli/commands.rs"]),
];

/// Every call of a writing function that no operation makes.
pub fn all() -> Findings {
    of(&rust_files())
}

fn of(files: &[(String, String)]) -> Findings {
    let store = Store::read(files);
    if store.is_empty() {
        return vec!["No function of store was seen to write: the check operations misreads it, mend it.".to_owned()];
    }
    let judged = files.iter().filter(|(name, _)| is_judged(name));
    judged.flat_map(|(name, text)| in_file(&store, name, text)).collect()
}

fn is_judged(name: &str) -> bool {
    let begins = |folders: &[&str]| folders.iter().any(|folder| name.starts_with(folder));
    let is_test = name.contains("/tests/") || name.ends_with("/tests.rs");
    begins(JUDGED) && !begins(WRITERS) && !is_test
}

fn in_file(store: &Store, name: &str, text: &str) -> Findings {
    let source = source::read(text);
    let mut findings = Findings::new();
    for (path, line) in source.named() {
        let path: Path = match source.imports.get(&path[0]) {
            Some(imported) => imported.iter().chain(&path[1..]).cloned().collect(),
            None => path,
        };
        let Some(function) = path.strip_prefix(&["store".to_owned()]).and_then(|inside| store.writing(inside)) else {
            continue;
        };
        let function = function.join("::");
        if !is_excepted(&function, name) {
            findings.push(format!(
                "{name}:{line} calls store::{function}, which writes: call an operation of app/crates/operations."
            ));
        }
    }
    findings
}

fn is_excepted(function: &str, file: &str) -> bool {
    EXCEPTIONS.iter().any(|(what, files)| {
        let rest = function.strip_prefix(what);
        let is_meant = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
        is_meant && files.iter().any(|one| file.starts_with(one))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: &str = "pub async fn add(tx: &mut TenantTx) { sqlx::query!(\"insert into roles (id) values ($1)\") }
pub async fn list(tx: &mut TenantTx) { sqlx::query!(\"select id from roles\") }";

    /// The findings in one file beside a store with roles, throttles and their writes.
    fn findings(name: &str, text: &str) -> Vec<String> {
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let throttle = "pub async fn take() { sqlx::query!(\"update auth_throttles set failures = 1\") }";
        let store = "app/crates/store/src";
        of(&[
            file(&format!("{store}/roles.rs"), ROLES),
            file(&format!("{store}/throttle.rs"), throttle),
            file(name, text),
        ])
    }

    #[test]
    fn a_write_of_a_page_is_found_however_the_function_is_named() {
        let found = [
            ("store::roles::add(&mut tx).await?;", 1),
            ("use store::roles;\nfn make() { roles::add(&mut tx) }", 2),
            ("use store::roles::{self as rows, add};\nfn make() {\n  rows::list(tx);\n  add(tx)\n}", 4),
            ("use store::roles;\nfn make() { done.and_then(roles::add) }", 2),
        ];
        for (text, line) in found {
            let findings = findings("app/crates/agency/src/roles.rs", text);
            assert_eq!(findings.len(), 1, "{text}: {findings:?}");
            let wanted = format!("app/crates/agency/src/roles.rs:{line} calls store::roles::add,");
            assert!(findings[0].starts_with(&wanted), "{findings:?}");
        }
        assert_eq!(findings("server/src/api/roles.rs", found[0].0).len(), 1);
    }

    #[test]
    fn reads_tests_operations_and_bookkeeping_are_not_found() {
        let write = "fn make() { store::roles::add(tx) }";
        for (name, text) in [
            ("app/crates/agency/src/roles.rs", "use store::roles;\nfn page() { roles::list(tx); list.add(tx) }"),
            ("app/crates/agency/src/roles.rs", "#[cfg(test)]\nmod tests { fn t() { store::roles::add(tx) } }"),
            ("app/crates/agency/src/job/tests.rs", write),
            ("server/tests/whole/helpers.rs", write),
            ("app/crates/operations/src/roles.rs", write),
            ("server/crates/worker/src/roles.rs", write),
            ("server/src/boot/demo/mod.rs", write),
            ("server/src/oauth/unsolicited.rs", "fn take() { store::throttle::take() }"),
        ] {
            assert_eq!(findings(name, text), Findings::new(), "{name}");
        }
        assert_eq!(findings("app/crates/agency/src/team.rs", "fn ask() { store::throttle::take() }").len(), 1);
    }

    #[test]
    fn a_store_that_is_not_understood_is_a_finding() {
        assert_eq!(of(&[("app/crates/agency/src/roles.rs".to_owned(), String::new())]).len(), 1);
    }
}
