//! Reports the results and judges them. Figures go to the terminal and to a JSON file. A figure that misses its
//! floor fails the benchmark, unless the machine was too busy to tell.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::{SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Value, json};

/// If other programs use more than this share of the processors, a missed floor proves nothing.
const FOREIGN: f64 = 0.10;
/// If a peer's rounds spread more than this (deviation over mean), a missed floor proves nothing.
const SPREAD: f64 = 0.15;

/// One figure and what it is compared with.
#[derive(Debug, Serialize)]
struct Judged {
    what: String,
    value: f64,
    goal: f64,
    floor: f64,
    /// True for bytes and milliseconds, which should be small.
    less_is_better: bool,
    verdict: &'static str,
}

/// The figures of one benchmark.
pub struct Report {
    name: &'static str,
    quick: bool,
    notes: Vec<String>,
    figures: BTreeMap<String, Value>,
    rounds: Vec<Value>,
    judged: Vec<Judged>,
    /// Share of the processors that other programs used before each round; then the spread of each series.
    other_loads: Vec<f64>,
    spreads: Vec<f64>,
    failures: Vec<String>,
}

impl Report {
    /// An empty report.
    pub fn begin(name: &'static str, quick: bool) -> Self {
        Self {
            name,
            quick,
            notes: Vec::new(),
            figures: BTreeMap::new(),
            rounds: Vec::new(),
            judged: Vec::new(),
            other_loads: Vec::new(),
            spreads: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// True if everything runs once with small amounts.
    pub const fn quick(&self) -> bool {
        self.quick
    }

    /// Adds a sentence for the reader.
    pub fn note(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        eprintln!("  {sentence}");
        self.notes.push(sentence);
    }

    /// Adds a figure.
    pub fn figure(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        eprintln!("  {name:<58} {}", shown(&value));
        self.figures.insert(name, value);
    }

    /// Adds one round of one competitor, so that the median can be checked.
    pub fn round(&mut self, round: Value) {
        self.rounds.push(round);
    }

    /// Records the share of the processors that other programs used before a round.
    pub fn other_load(&mut self, share: f64) {
        self.other_loads.push(share);
    }

    /// Records the spread of a series of rounds.
    pub fn spread(&mut self, values: &[f64]) {
        self.spreads.push(spread(values));
    }

    /// Reports that the result itself is wrong, for example that jobs were lost.
    pub fn fail(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        eprintln!("  WRONG: {sentence}");
        self.failures.push(sentence);
    }

    /// Reports that the measurement failed.
    pub fn failed(&mut self, error: &anyhow::Error) {
        self.fail(format!("{error:#}"));
    }

    /// Judges a ratio that should be large.
    pub fn at_least(&mut self, what: impl Into<String>, value: f64, goal: f64, floor: f64) {
        self.judge(what.into(), value, goal, floor, false);
    }

    /// Judges a number of bytes or milliseconds that should be small.
    pub fn at_most(&mut self, what: impl Into<String>, value: f64, goal: f64, floor: f64) {
        self.judge(what.into(), value, goal, floor, true);
    }

    /// Judges a number that should be large by goal and floor; a quick run only shows it.
    pub fn reaches(&mut self, what: &str, value: f64, (goal, floor): (f64, f64)) {
        if self.quick { self.figure(what, value) } else { self.at_least(what, value, goal, floor) }
    }

    /// Judges a number that should be small by goal and floor; a quick run only shows it.
    pub fn stays_within(&mut self, what: &str, value: f64, (goal, floor): (f64, f64)) {
        if self.quick { self.figure(what, value) } else { self.at_most(what, value, goal, floor) }
    }

    fn judge(&mut self, what: String, value: f64, goal: f64, floor: f64, less_is_better: bool) {
        let reaches = |bound: f64| if less_is_better { value <= bound } else { value >= bound };
        let verdict = match (reaches(goal), reaches(floor)) {
            (true, _) => "goal",
            (false, true) => "floor",
            (false, false) => "below floor",
        };
        let sign = if less_is_better { "≤" } else { "≥" };
        eprintln!("  {what:<58} {value:.2}  (goal {sign} {goal}, floor {sign} {floor}): {verdict}");
        self.judged.push(Judged { what, value, goal, floor, less_is_better, verdict });
    }

    fn quiet(&self) -> bool {
        median(&self.other_loads) <= FOREIGN && self.spreads.iter().all(|spread| *spread <= SPREAD)
    }

    /// Writes the JSON file. Returns true if the verdict is good.
    pub fn finish(self, out: &Path) -> anyhow::Result<bool> {
        let missed = self.judged.iter().any(|judged| judged.verdict == "below floor");
        let quiet = self.quiet();
        let verdict = match (self.failures.is_empty(), missed && !self.quick, quiet) {
            (false, ..) => "failed",
            (true, true, true) => "below floor",
            (true, true, false) => "inconclusive",
            (true, false, _) => "good",
        };
        if verdict == "inconclusive" {
            eprintln!("  inconclusive: a floor was missed while the machine was busy; run it again when it is quiet.");
        }
        let cpus = std::thread::available_parallelism().map_or(0, usize::from);
        let json = json!({
            "name": self.name, "at": Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true), "verdict": verdict, "quick": self.quick,
            "machine": { "processors": cpus, "quiet": quiet, "foreign_share": median(&self.other_loads), "spreads": self.spreads },
            "judged": self.judged, "figures": self.figures, "notes": self.notes, "wrong": self.failures, "rounds": self.rounds,
        });
        fs::create_dir_all(out)?;
        let path = out.join(format!("{}{}.json", self.name.replace(' ', "-"), if self.quick { ".quick" } else { "" }));
        fs::write(&path, serde_json::to_string_pretty(&json)?)?;
        Ok(verdict == "good")
    }
}

fn shown(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if number.fract() != 0.0 && number.abs() < 100.0 => format!("{number:.2}"),
        Some(number) => format!("{number:.0}"),
        None => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    }
}

/// The median; 0 for an empty list.
pub fn median(values: &[f64]) -> f64 {
    percentile(values, 0.5)
}

/// The value that this share of the values does not exceed; 0 for an empty list.
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    let at = (last as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or_default()
}

/// Deviation over mean.
fn spread(values: &[f64]) -> f64 {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    if mean > 0.0 { variance.sqrt() / mean } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_found() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((percentile(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.99) - 5.0).abs() < f64::EPSILON);
        assert!(median(&[]).abs() < f64::EPSILON);
    }

    #[test]
    fn a_missed_floor_fails_and_a_reached_one_does_not() {
        let folder = std::env::temp_dir().join(format!("slipway-report-{}", std::process::id()));
        let mut good = Report::begin("good", false);
        good.at_least("ratio", 3.0, 4.0, 2.0);
        assert!(good.finish(&folder).expect("written"));
        let mut bad = Report::begin("bad", false);
        bad.at_most("bytes", 300.0, 150.0, 250.0);
        assert!(!bad.finish(&folder).expect("written"));
        let _ = fs::remove_dir_all(folder);
    }
}
