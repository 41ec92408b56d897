//! `cargo x bench [name]`: the program of that name is built for release and given the release build of the product to
//! measure. What it measures, and against whom, is its own affair: `server/crates/bench`.

use crate::site::{self, Profile};
use crate::{Result, place, run, say};

/// What measures the product itself; the rest needs only its crates.
const OF_THE_PRODUCT: [&str; 4] = ["weight", "idle", "ssr", "provision"];

/// Builds what is needed and hands over.
pub fn bench(words: &[String]) -> Result<()> {
    let quick = words.iter().any(|word| word == "--quick");
    let named: Vec<&String> = words.iter().filter(|word| !word.starts_with("--")).collect();
    let whole = named.is_empty() || named.iter().any(|name| OF_THE_PRODUCT.contains(&name.as_str()));
    if whole && !quick {
        site::build(Profile::Release)?;
    }
    say::step("building the bench (the first time about 4 minutes on two cores)…");
    run::quietly("building the bench", &mut run::cargo(&["build", "--release", "--package", "bench"]))?;
    let program = place::target().join("release/bench");
    let mut command = run::command(&program.to_string_lossy());
    command.args(words).arg("--out").arg(place::left("bench")).arg("--cache").arg(place::cache());
    // What a quick run finds built it measures; the rest it leaves out and says so.
    let built = place::left("bin").join("slipway-release");
    if built.is_file() {
        command.arg("--program").arg(built).arg("--site").arg(site::folder(Profile::Release));
    }
    let status = command.status().map_err(|e| format!("{} cannot be started: {e}", program.display()))?;
    say::step(format!("figures are in {}", place::left("bench").display()));
    if status.success() {
        Ok(())
    } else {
        Err("A figure is below its floor or could not be measured; see above.".into())
    }
}
