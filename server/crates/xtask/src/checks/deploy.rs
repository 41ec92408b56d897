//! Checks what installs the product elsewhere: the scripts are ones that a shell can read, the chart's templates, values and
//! image fit one another, and Helm can install the chart, where Helm is there to say so.

use super::{Findings, files_of_the_repository};
use crate::image::dockerfile;
use crate::{place, run, say};
use std::collections::BTreeSet;
use std::fs;
use std::iter;

/// The folder of the chart.
const CHART: &str = "server/deploy/helm/slipway";
/// Where settings are listed, each name between quotes.
const SETTINGS: &str = "server/src/boot/config/settings.rs";
/// Where the endpoint for probes is.
const HEALTH: &str = "server/src/http/health.rs";
/// A variable of the database's own container, which the chart empties.
const OF_THE_DATABASE: &str = "POSTGRES_PASSWORD";

/// What reads the scripts, where it is there.
const READERS: [(&str, &[&str]); 2] = [("bash", &["-n"]), ("shellcheck", &[])];

/// Checks the scripts and the chart under `server/deploy`.
pub fn all() -> Findings {
    let mut findings = scripts();
    findings.extend(fit());
    findings.extend(chart());
    findings
}

fn scripts() -> Findings {
    let files = files_of_the_repository().into_iter().map(|(name, _)| name);
    let scripts: Vec<String> =
        files.filter(|name| name.starts_with("server/deploy/") && name.ends_with(".sh")).collect();
    let mut findings = Findings::new();
    for (program, words) in READERS.into_iter().filter(|(program, _)| place::program(program).is_some()) {
        let refused =
            scripts.iter().filter(|name| run::output(run::command(program).args(words).arg(name.as_str())).is_none());
        let command = iter::once(&program).chain(words).copied().collect::<Vec<_>>().join(" ");
        findings.extend(refused.map(|name| format!("{name} does not pass: run `{command} {name}`.")));
    }
    findings
}

fn chart() -> Findings {
    if place::program("helm").is_none() {
        say::warn("Helm is missing: the chart is checked without it.");
        return Findings::new();
    }
    let checks: [(&str, &[&str]); 2] =
        [("lint", &["lint", "--strict", CHART]), ("template", &["template", "slipway", CHART])];
    let refused = checks.into_iter().filter(|(_, words)| run::output(run::command("helm").args(*words)).is_none());
    refused.map(|(what, _)| format!("{CHART} does not pass: run `helm {what} {CHART}`.")).collect()
}

/// Whether templates, values, the product's settings and its image fit one another.
fn fit() -> Findings {
    let read = |name: &str| fs::read_to_string(place::root().join(name)).unwrap_or_default();
    let folder = format!("{CHART}/templates/");
    let files = files_of_the_repository().into_iter().filter(|(name, _)| name.starts_with(&folder));
    let templates: String = files.map(|(_, path)| fs::read_to_string(path).unwrap_or_default()).collect();
    let mut findings = values(&templates, &read(&format!("{CHART}/values.yaml")));
    findings.extend(variables(&templates, &read(SETTINGS)));
    findings.extend(probes(&templates, &read(HEALTH)));
    findings.extend(image(&templates, &read("server/compose.yaml")));
    findings
}

/// Each value that a template reads is one of `values.yaml`, and each of those is read.
fn values(templates: &str, values: &str) -> Findings {
    let read: BTreeSet<String> = templates.split(".Values.").skip(1).map(name_at_start).collect();
    let given = paths(values);
    let within = |one: &str, other: &str| one == other || one.strip_prefix(other).is_some_and(|r| r.starts_with('.'));
    let unknown = read.iter().filter(|name| !given.iter().any(|known| within(known, name)));
    let mut findings: Findings =
        unknown.map(|name| format!("The chart reads .Values.{name}, which values.yaml lacks: add it.")).collect();
    let unread = given.iter().filter(|known| !read.iter().any(|name| within(known, name) || within(name, known)));
    findings.extend(unread.map(|name| format!("No template of the chart reads the value {name}: remove it.")));
    findings
}

/// The letters, digits and dots at the start of a text.
fn name_at_start(text: &str) -> String {
    let name: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
    name.trim_end_matches('.').to_owned()
}

/// The path of each value in a file of nested names, such as `web.replicas`.
fn paths(text: &str) -> Vec<String> {
    let (mut above, mut found): (Vec<(usize, String)>, Vec<String>) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let depth = name.len() - name.trim_start().len();
        above.retain(|(other, _)| *other < depth);
        above.push((depth, name.trim().to_owned()));
        if !value.trim().is_empty() {
            found.push(above.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("."));
        }
    }
    found
}

/// Each variable that the chart sets is a setting of the product.
fn variables(templates: &str, settings: &str) -> Findings {
    let names = templates.lines().filter_map(|line| line.trim().strip_prefix("- name: "));
    let set = names.filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
    let unknown = set.filter(|name| *name != OF_THE_DATABASE && !settings.contains(&format!("\"{name}\"")));
    unknown.map(|name| format!("The chart sets {name}, which is no setting of the product.")).collect()
}

/// Each path that a probe asks is one that the product answers.
fn probes(templates: &str, health: &str) -> Findings {
    let asked: Vec<&str> =
        templates.split("httpGet: { path: ").skip(1).filter_map(|rest| rest.split([',', ' ']).next()).collect();
    let unknown = asked.iter().filter(|path| !health.contains(&format!(".route(\"{path}\"")));
    let mut findings: Findings =
        unknown.map(|path| format!("A probe of the chart asks {path}, which {HEALTH} does not answer.")).collect();
    if asked.is_empty() {
        findings.push("The chart has no probe that server/crates/xtask/src/checks/deploy.rs understands.".to_owned());
    }
    findings
}

/// The chart names the user, the port and the folder of the image, and both the chart and the file of Compose bring the process
/// that reaps the children of tool servers.
fn image(templates: &str, compose: &str) -> Findings {
    let stage = match dockerfile::last_stage() {
        Ok(stage) => stage,
        Err(why) => return vec![why.to_string()],
    };
    let (user, port) = (stage.user.to_string(), stage.port.to_string());
    let mut findings = Findings::new();
    for (before, value) in
        [("runAsUser: ", &user), ("containerPort: ", &port), ("mountPath: /srv", &stage.data), ("0.0.0.0:", &port)]
    {
        let start = value.strip_prefix("/srv").unwrap_or(value);
        let said: Vec<&str> = templates.split(before).skip(1).collect();
        if said.is_empty() || !said.iter().all(|rest| rest.starts_with(start)) {
            findings.push(format!("The chart does not say everywhere what the image has: {before}{start}."));
        }
    }
    if !templates.contains("shareProcessNamespace: true") || !compose.contains("init: true") {
        findings.push("Nothing reaps children: the chart shares process namespaces, Compose has an init.".to_owned());
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chart_fits() {
        assert_eq!(fit(), Findings::new());
    }

    #[test]
    fn nested_values_have_paths() {
        let text = "# a: b\nimage:\n  tag: \"\"\nweb:\n  # one\n  resources:\n    limits: { memory: 1Gi }\npublicUrl: https://a.test\n";
        assert_eq!(paths(text), ["image.tag", "web.resources.limits", "publicUrl"]);
    }

    #[test]
    fn a_value_that_only_one_side_knows_is_found() {
        let values = |templates: &str| values(templates, "image:\n  tag: x\nweb:\n  resources:\n    limits: 1\n");
        let all = "{{ .Values.image.tag }} {{- toYaml .Values.web.resources | nindent 2 }}";
        assert_eq!(values(all), Findings::new());
        assert_eq!(values(&format!("{all} {{{{ .Values.image.name }}}}")).len(), 1);
        assert_eq!(
            values("{{ .Values.image.tag }}"),
            ["No template of the chart reads the value web.resources.limits: remove it."]
        );
    }

    #[test]
    fn variables_are_settings_and_probes_ask_what_is_answered() {
        let set = |name: &str| variables(&format!("- name: {name}\n- name: web\n"), "open(\"PUBLIC_URL\", …)").len();
        assert_eq!((set("PUBLIC_URL"), set(OF_THE_DATABASE), set("PUBLIC_URI")), (0, 0, 1));
        let asks =
            |path: &str| probes(&format!("httpGet: {{ path: {path}, port: http }}"), ".route(\"/health\", x)").len();
        assert_eq!((asks("/health"), asks("/healthz")), (0, 1));
        assert_eq!(probes("", "").len(), 1);
    }
}
