//! Builds both sides of the product with cargo-leptos. The server is then copied into the checkout, because the
//! shared build folder may hold another clone's server a minute later.

use crate::checks::cargo::{SERVER_SIDE, TEST_FEATURES};
use crate::{Result, place, run, say, tools};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The kind of build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// For development.
    Debug,
    /// For tests: a server as for development, with the switches that tests need, and browser code as in a
    /// release, because the tests must show that the shipped code becomes interactive.
    Testing,
    /// For release.
    Release,
}

/// A finished build.
#[derive(Debug)]
pub struct Site {
    /// The server program.
    pub program: PathBuf,
    /// Scripts, styles and public files.
    pub folder: PathBuf,
}

/// Returns the folder of a build's scripts and styles. Each profile has its own, because a build empties its
/// folder while another build may be served.
pub fn folder(profile: Profile) -> PathBuf {
    place::root().join("target").join(match profile {
        Profile::Debug => "site",
        Profile::Testing => "site-testing",
        Profile::Release => "site-release",
    })
}

/// Installs the tools that are missing and builds.
pub fn build(profile: Profile) -> Result<Site> {
    let release = profile == Profile::Release;
    tools::for_a_site(profile != Profile::Debug)?;
    say::step(match profile {
        Profile::Release => "building the product for release (the first time about 9 minutes on two cores)…",
        _ => "building the product (the first time about 5 minutes on two cores)…",
    });
    let folder = folder(profile);
    // Another clone may build into the same folder; cargo-leptos fails if the server that it just built is
    // replaced.
    let lock_path = place::target_folder().join("slipway.lock");
    let lock = File::create(&lock_path).map_err(|e| format!("{} cannot be made: {e}", lock_path.display()))?;
    lock.lock()?;
    // Lazy islands are chunks of their own; without `--split` a page with one of them could not load its code.
    let mut command = run::cargo(&["leptos", "build", "--split"]);
    command.env("LEPTOS_SITE_ROOT", &folder).env("RUST_BACKTRACE", "0").env("NO_COLOR", "1");
    match profile {
        Profile::Release => command.args(["--release", "--precompress"]),
        Profile::Testing => command.args(["--release", "--precompress", "--frontend-only"]),
        Profile::Debug => &mut command,
    };
    run::quietly("building", &mut command)?;
    if profile == Profile::Testing {
        programs_and_tests()?;
    }
    let built = place::target().join(if release { "release" } else { "debug" }).join("slipway");
    let program = keep(&built, profile)?;
    Ok(Site { program, folder })
}

/// Compiles every test and every program of the server side with one command. With separate commands, libraries
/// that have features only for tests would be compiled twice, with everything that uses them.
pub fn programs_and_tests() -> Result<()> {
    let mut command = run::cargo(&["build", "--bins", "--tests"]);
    run::quietly("building programs and tests", command.args(SERVER_SIDE).args(TEST_FEATURES))?;
    Ok(())
}

/// Copies the built server into the checkout, under the profile's name. A server that is already running continues
/// to run.
pub fn keep(built: &Path, profile: Profile) -> Result<PathBuf> {
    let kept = place::output_folder("bin").join(match profile {
        Profile::Debug => "slipway",
        Profile::Testing => "slipway-testing",
        Profile::Release => "slipway-release",
    });
    let beside = kept.with_extension("new");
    fs::copy(built, &beside).map_err(|e| format!("{} was not built: {e}", built.display()))?;
    fs::rename(&beside, &kept)?;
    Ok(kept)
}
