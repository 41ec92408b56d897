//! Builds both sides of the product with cargo-leptos. The server is then copied into the checkout, because the
//! shared build folder may hold another clone's server a minute later.

use crate::checks::cargo::{SERVER_SIDE, TEST_FEATURES};
use crate::{Result, place, run, say, tools};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::thread;

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
#[derive(Clone, Debug)]
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
    if profile == Profile::Testing {
        let (programs, site) = for_tests();
        programs?;
        return site;
    }
    let _lock = lock()?;
    cargo_leptos(profile)?;
    site(profile)
}

/// Builds the programs and tests of the server side and, at the same time, what a browser loads in tests, which is
/// mostly linked and made smaller by one core alone. The tests can run if the first result is good, the journeys if both
/// are.
pub fn for_tests() -> (Result<()>, Result<Site>) {
    let _lock = match lock() {
        Ok(lock) => lock,
        Err(cause) => return (programs_and_tests(), Err(cause)),
    };
    thread::scope(|scope| {
        // An error cannot leave its thread, its sentence can.
        let pages = scope.spawn(|| cargo_leptos(Profile::Testing).map_err(|cause| cause.to_string()));
        let programs = programs_and_tests();
        let pages = pages.join().unwrap_or_else(|_| Err("building what a browser loads ended unexpectedly".to_owned()));
        let site = pages.map_err(Into::into).and_then(|()| site(Profile::Testing));
        (programs, site)
    })
}

/// Waits for its turn to build. Another clone may build into the same folder; cargo-leptos fails if the server that it
/// just built is replaced.
fn lock() -> Result<File> {
    let path = place::target_folder().join("slipway.lock");
    let lock = File::create(&path).map_err(|e| format!("{} cannot be made: {e}", path.display()))?;
    lock.lock()?;
    Ok(lock)
}

/// Builds scripts and styles, and for other builds than tests the server.
fn cargo_leptos(profile: Profile) -> Result<()> {
    tools::for_a_site(profile != Profile::Debug)?;
    say::step(match profile {
        Profile::Release => "building the product for release (the first time about 9 minutes on two cores)…",
        Profile::Testing => "building what a browser loads…",
        Profile::Debug => "building the product (the first time about 5 minutes on two cores)…",
    });
    // Lazy islands are chunks of their own; without `--split` a page with one of them could not load its code.
    let mut command = run::cargo(&["leptos", "build", "--split"]);
    command.env("LEPTOS_SITE_ROOT", folder(profile)).env("RUST_BACKTRACE", "0").env("NO_COLOR", "1");
    match profile {
        Profile::Release => command.args(["--release", "--precompress"]),
        Profile::Testing => command.args(["--release", "--precompress", "--frontend-only"]),
        Profile::Debug => &mut command,
    };
    run::quietly("building", &mut command)?;
    Ok(())
}

/// The site of a build that is done, with a copy of its server.
fn site(profile: Profile) -> Result<Site> {
    let built = place::target().join(if profile == Profile::Release { "release" } else { "debug" }).join("slipway");
    Ok(Site { program: keep(&built, profile)?, folder: folder(profile) })
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
