//! Installs the tools that a build needs. Each tool is looked for first and installed into the cache only if it is
//! missing. Versions are pinned: `wasm-bindgen` must equal the library in Cargo.lock to the last digit.

use crate::{Result, place, run, say};
use std::fs;

/// Version of the tool that builds both sides of the product.
const CARGO_LEPTOS: &str = "0.3.10";

/// Oldest version of the tool that shrinks the browser's code. Older ones were seen to break it, so an installed
/// one is used only if it is at least this version.
const BINARYEN: u32 = 132;

/// Installs what any build of the site needs, and what a release build needs besides.
pub fn for_a_site(release: bool) -> Result<()> {
    wasm_target()?;
    cargo_leptos()?;
    wasm_bindgen()?;
    crate::npm::install("style", "the CSS tools")?;
    if release {
        wasm_opt()?;
    }
    Ok(())
}

/// Installs Rust's standard library for the browser.
pub fn wasm_target() -> Result<()> {
    let sysroot = run::output(run::command("rustc").args(["--print", "sysroot"])).unwrap_or_default();
    let library = std::path::Path::new(sysroot.trim()).join("lib/rustlib/wasm32-unknown-unknown/lib");
    if library.is_dir() {
        return Ok(());
    }
    if place::program("rustup").is_none() {
        return Err("Rust's standard library for the browser is missing: install Rust by rustup, or the wasm32-unknown-unknown \
                    library of your system's Rust."
            .into());
    }
    say::step("adding the browser target to Rust (once, seconds)…");
    run::quietly("rustup", run::command("rustup").args(["target", "add", "wasm32-unknown-unknown"]))?;
    Ok(())
}

fn cargo_leptos() -> Result<()> {
    if version("cargo-leptos", &["leptos", "--version"]).as_deref() == Some(CARGO_LEPTOS) {
        return Ok(());
    }
    // A prebuilt program takes seconds. If there is none, that is not a failure.
    if place::program("cargo-binstall").is_some() {
        say::step("fetching cargo-leptos…");
        let mut fetch = run::cargo(&["binstall", "--no-confirm", "--root"]);
        fetch.arg(place::tools()).arg(format!("cargo-leptos@{CARGO_LEPTOS}"));
        if run::logged("cargo binstall", &mut fetch).is_ok_and(|(status, _)| status.success()) {
            return Ok(());
        }
    }
    say::step("building cargo-leptos (once, about 7 minutes on two cores)…");
    // A debug build, because a release build takes four times as long and the tool itself does little work.
    let mut build = install(&["--locked", "--debug", "--no-default-features", "--features", "no_downloads"]);
    build.env("CARGO_PROFILE_DEV_DEBUG", "0").arg("cargo-leptos").args(["--version", CARGO_LEPTOS]);
    run::quietly("building cargo-leptos", &mut build).map(clean_up)
}

fn wasm_bindgen() -> Result<()> {
    let wanted = locked("wasm-bindgen").ok_or("Cargo.lock names no wasm-bindgen: restore it from git.")?;
    if version("wasm-bindgen", &["--version"]).as_deref() == Some(wanted.as_str()) {
        return Ok(());
    }
    say::step("building wasm-bindgen (once, about 1 minute)…");
    // Without `--locked`, because its own lock file names a package that is no longer available.
    let mut build = install(&["--debug"]);
    build.env("CARGO_PROFILE_DEV_DEBUG", "0").arg("wasm-bindgen-cli").args(["--version", &wanted, "--force"]);
    run::quietly("building wasm-bindgen", &mut build).map(clean_up)
}

fn install(words: &[&str]) -> std::process::Command {
    let mut command = run::cargo(&["install", "--root"]);
    command.arg(place::tools()).args(words);
    // Our flags and build folder are for the product. The tools have a build folder of their own.
    command
        .env("CARGO_TARGET_DIR", place::cache().join("tools-build"))
        .env("RUSTFLAGS", "")
        .current_dir(place::tools_folder());
    command
}

/// Removes the intermediate files: they take a gigabyte and are not needed again.
fn clean_up(_: String) {
    let _ = fs::remove_dir_all(place::cache().join("tools-build"));
}

/// Installs the tool that shrinks the browser's code in release builds. Never use version 108 of the distribution:
/// it mixes up the tables of a module that has two, and a page with such code never becomes interactive.
fn wasm_opt() -> Result<()> {
    let newest = version("wasm-opt", &["--version"]).and_then(|number| number.parse::<u32>().ok());
    if newest.is_some_and(|number| number >= BINARYEN) {
        return Ok(());
    }
    say::step("fetching wasm-opt from the npm registry (once)…");
    let mut npm = run::command("npm");
    npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"])
        .arg(place::tools_folder())
        .arg(format!("binaryen@{BINARYEN}"));
    run::quietly("npm install binaryen", &mut npm)?;
    Ok(())
}

/// Returns the version that a program prints.
fn version(program: &str, words: &[&str]) -> Option<String> {
    let said = run::output(run::command(place::program(program)?.to_str()?).args(words))?;
    said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned)
}

/// Returns the version of a library in Cargo.lock.
fn locked(name: &str) -> Option<String> {
    let lock = fs::read_to_string(place::root().join("Cargo.lock")).ok()?;
    let after = lock.split(&format!("name = \"{name}\"\nversion = \"")).nth(1)?;
    Some(after.split('"').next()?.to_owned())
}
