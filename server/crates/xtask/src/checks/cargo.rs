//! Runs cargo's own checks: format, lints for both sides, docs. Warnings count as errors here and only here, so
//! that unfinished work still compiles during development.

use super::Findings;
use crate::run;

/// All packages of the server side: everything except the browser's entry, whose features differ.
pub const SERVER_SIDE: &[&str] = &["--workspace", "--exclude", "frontend"];
/// Features that the tests and their tools need.
pub const TEST_FEATURES: &[&str] = &["--features", "server/testing,store/testing"];

/// `cargo fmt --check`.
pub fn format() -> Findings {
    match run::logged("format", &mut run::cargo(&["fmt", "--all", "--check"])) {
        Ok((status, _)) if status.success() => Findings::new(),
        Ok((_, text)) => {
            let mut files: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("Diff in ")).collect();
            files.truncate(10);
            vec![format!("The code is not formatted: run `cargo fmt --all`. {}", files.join(" "))]
        }
        Err(cause) => vec![cause.to_string()],
    }
}

/// Clippy over the server side with its tests.
pub fn lints_of_the_server() -> Findings {
    let mut command = run::cargo(&["clippy", "--all-targets"]);
    command.args(SERVER_SIDE).args(TEST_FEATURES).args(["--", "-D", "warnings"]);
    shown("lints of the server side", &mut command)
}

/// Clippy over the code that runs in the browser.
pub fn lints_of_the_browser() -> Findings {
    if let Err(cause) = crate::tools::wasm_target() {
        return vec![cause.to_string()];
    }
    let mut command = run::cargo(&["clippy"]);
    command.args(["frontend", "app", "islands", "kit", "web"].iter().flat_map(|name| ["--package", name]));
    command.args(["--features", "app/hydrate", "--target", "wasm32-unknown-unknown", "--", "-D", "warnings"]);
    shown("lints of the browser side", &mut command)
}

/// Rustdoc: broken links and missing documentation.
pub fn docs() -> Findings {
    let mut command = run::cargo(&["doc", "--no-deps", "--document-private-items"]);
    command.args(SERVER_SIDE).env("RUSTDOCFLAGS", "-D warnings");
    shown("docs", &mut command)
}

fn shown(what: &str, command: &mut std::process::Command) -> Findings {
    run::quietly(what, command).err().map(|cause| cause.to_string()).into_iter().collect()
}
