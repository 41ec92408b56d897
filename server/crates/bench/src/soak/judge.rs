//! Was it flat? Memory of the second half, checks of `/health`, ends of jobs, and tables whose rows have an age at which they go.

use std::time::Duration;

use super::sample::Sample;
use crate::report::Report;

/// Bytes by which a process may be larger at the end of the second half than at its beginning, whatever its size.
const GRACE: f64 = 16_000_000.0;
/// The share by which it may be larger.
const SHARE: f64 = 0.15;
/// Tables whose rows go at an age, in days.
const RETAINED: [(&str, f64); 5] = [
    ("idempotency_keys", 1.0),
    ("outbox_events", 7.0),
    ("auth_throttles", 7.0),
    ("one_time_tokens", 7.0),
    ("sessions", 7.0),
];
/// Tables that hold what is to be done, and are empty when it is done.
const WORKING: [&str; 3] = ["work_ready", "work_leases", "people_leases"];
/// Rows that such a table may hold when no job is under way: what is done again and again has one each.
const STANDING: u64 = 200;

/// What happened.
pub struct Run<'a> {
    /// Orders placed.
    pub ordered: u64,
    /// Orders that were not taken.
    pub refused: u64,
    /// How the jobs ended.
    pub ended: Vec<(String, u64)>,
    /// By how much the clock ran faster.
    pub scale: f64,
    /// How long orders were placed.
    pub length: Duration,
    /// Every look.
    pub samples: &'a [Sample],
}

/// Puts figures and verdicts into the report.
pub fn judge(report: &mut Report, run: &Run<'_>) {
    let done = run.ended.iter().filter(|(status, _)| status == "COMPLETED").map(|(_, count)| count).sum::<u64>();
    report.figure("orders", run.ordered);
    report.figure("days that passed", run.length.as_secs_f64() * run.scale / 86_400.0);
    report.at_most("orders that were not taken", run.refused as f64, 0.0, 0.0);
    report.at_most("jobs that did not end well", run.ordered.saturating_sub(run.refused + done) as f64, 0.0, 0.0);
    let unwell = run.samples.iter().filter(|sample| !sample.unwell.is_empty()).count();
    report.at_most("looks at which /health was not well", unwell as f64, 0.0, 0.0);
    let lag = run.samples.iter().map(|sample| sample.lag).fold(0.0, f64::max);
    report.figure("longest wait of due work seen, seconds", lag);
    let half = &run.samples[run.samples.len() / 2..];
    if let (Some(first), true) = (half.first(), half.len() >= 3) {
        for name in first.memory.keys() {
            let points: Vec<(f64, f64)> = half
                .iter()
                .filter_map(|sample| Some((sample.at.as_secs_f64(), *sample.memory.get(name)? as f64)))
                .collect();
            let (growth, mean) = growth(&points);
            report.figure(format!("{name}: memory of its own, MB"), mean / 1e6);
            report.at_most(
                format!("{name}: growth in the second half, MB"),
                growth / 1e6,
                0.0,
                GRACE.max(mean * SHARE) / 1e6,
            );
        }
    } else {
        report.note("too short to judge memory: there have to be six looks");
    }
    tables(report, run);
}

fn tables(report: &mut Report, run: &Run<'_>) {
    let rows = |sample: &Sample, table: &str| sample.tables.get(table).map_or(0, |(rows, _)| *rows);
    let Some(last) = run.samples.last() else { return };
    let mut largest: Vec<(&String, &(u64, u64))> = last.tables.iter().collect();
    largest.sort_by_key(|(_, (_, bytes))| std::cmp::Reverse(*bytes));
    for (name, (rows, bytes)) in largest.into_iter().take(12) {
        report.figure(format!("{name}: rows; MB"), format!("{rows}; {:.1}", *bytes as f64 / 1e6));
    }
    for table in WORKING.iter().filter(|table| last.tables.contains_key(**table)) {
        report.at_most(format!("{table}: rows when all is done"), rows(last, table) as f64, 0.0, STANDING as f64);
    }
    let length = run.length.as_secs_f64() * run.scale / 86_400.0;
    for (table, days) in RETAINED {
        if length < days * 2.0 {
            report.note(format!("{table} keeps rows for {days} days: the run is too short to see it steady"));
            continue;
        }
        // Behind its age a table holds as much at the end as in the middle, give or take a wave of orders and a round of removal.
        let middle = run.samples.iter().find(|sample| sample.at >= run.length.mul_f64(0.6));
        let before = middle.map_or(0, |sample| rows(sample, table)).max(STANDING);
        report.at_most(
            format!("{table}: rows at the end ÷ at three fifths"),
            rows(last, table) as f64 / before as f64,
            1.0,
            1.25,
        );
    }
}

/// By how much the line through these points rises from the first to the last, and their mean.
fn growth(points: &[(f64, f64)]) -> (f64, f64) {
    let count = points.len().max(1) as f64;
    let mean = |part: fn(&(f64, f64)) -> f64| points.iter().map(part).sum::<f64>() / count;
    let (at, bytes) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|point| (point.0 - at).powi(2)).sum();
    let together: f64 = points.iter().map(|point| (point.0 - at) * (point.1 - bytes)).sum();
    let length = points.last().map_or(0.0, |last| last.0) - points.first().map_or(0.0, |first| first.0);
    (if spread > 0.0 { together / spread * length } else { 0.0 }, bytes)
}

#[cfg(test)]
mod tests {
    use super::growth;

    #[test]
    fn a_line_that_rises_is_told_from_one_that_swings() {
        let rising: Vec<(f64, f64)> = (0..20).map(|at| (f64::from(at), 100.0 + f64::from(at))).collect();
        assert!((growth(&rising).0 - 19.0).abs() < 1e-6);
        let swinging: Vec<(f64, f64)> =
            (0..20).map(|at| (f64::from(at), if at % 2 == 0 { 90.0 } else { 110.0 })).collect();
        assert!(growth(&swinging).0.abs() < 6.0);
        assert!(growth(&[]).0.abs() < f64::EPSILON);
    }
}
