//! Checks what installs the product elsewhere: the script is one that a shell can read, and the chart is one that Helm can
//! install, where Helm is there to say so.

use super::{Findings, files_of_the_repository};
use crate::{place, run, say};

/// The folder of the chart.
const CHART: &str = "server/deploy/helm/slipway";

/// Checks the scripts and the chart under `server/deploy`.
pub fn all() -> Findings {
    let files = files_of_the_repository().into_iter().map(|(name, _)| name);
    let scripts = files.filter(|name| name.starts_with("server/deploy/") && name.ends_with(".sh"));
    let unreadable = scripts.filter(|name| run::output(run::command("bash").args(["-n", name.as_str()])).is_none());
    let mut findings: Findings =
        unreadable.map(|name| format!("{name} is no script that bash can read: run `bash -n {name}`.")).collect();
    findings.extend(chart());
    findings
}

fn chart() -> Findings {
    if place::program("helm").is_none() {
        say::warn("Helm is missing: the chart is not checked.");
        return Findings::new();
    }
    let checks: [(&str, &[&str]); 2] =
        [("lint", &["lint", "--strict", CHART]), ("template", &["template", "slipway", CHART])];
    let refused = checks.into_iter().filter(|(_, words)| run::output(run::command("helm").args(*words)).is_none());
    refused.map(|(what, _)| format!("{CHART} does not pass: run `helm {what} {CHART}`.")).collect()
}
