//! Judges whether the run was steady: memory in the second half, `/health`, how jobs ended, and the size of tables
//! that delete old rows.

use std::time::Duration;

use super::sample::Sample;
use crate::report::Report;

/// Bytes by which any process may grow in the second half.
const GRACE: f64 = 16_000_000.0;
/// Share of its memory by which a process may grow in the second half, if that is more.
const SHARE: f64 = 0.15;
/// Tables whose rows are deleted at an age, in days. Links live for 7 days and are kept for 30 more.
const RETAINED: [(&str, f64); 5] = [
    ("idempotency_keys", 1.0),
    ("outbox_events", 7.0),
    ("auth_throttles", 7.0),
    ("one_time_tokens", 37.0),
    ("sessions", 7.0),
];
/// Tables that hold outstanding work, and are empty when it is done.
const WORKING: [&str; 3] = ["work_ready", "work_leases", "people_leases"];
/// Rows that such a table may hold when no job is running: each periodic job has one.
const STANDING: u64 = 200;

/// The result of the run.
pub struct Run<'a> {
    /// Orders placed.
    pub ordered: u64,
    /// Orders that were refused.
    pub refused: u64,
    /// How the jobs ended.
    pub ended: Vec<(String, u64)>,
    /// How many times faster the clock ran.
    pub scale: f64,
    /// How long orders were placed.
    pub length: Duration,
    /// All samples.
    pub samples: &'a [Sample],
}

/// Adds figures and verdicts to the report.
pub fn judge(report: &mut Report, run: &Run<'_>) {
    let done = run.ended.iter().filter(|(status, _)| status == "COMPLETED").map(|(_, count)| count).sum::<u64>();
    report.figure("orders", run.ordered);
    report.figure("days that passed", run.length.as_secs_f64() * run.scale / 86_400.0);
    report.at_most("orders that were not taken", run.refused as f64, 0.0, 0.0);
    report.at_most("jobs that did not end well", run.ordered.saturating_sub(run.refused + done) as f64, 0.0, 0.0);
    let unhealthy = run.samples.iter().filter(|sample| !sample.health_problems.is_empty()).count();
    report.at_most("looks at which /health was not well", unhealthy as f64, 0.0, 0.0);
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
        // Once rows have reached that age, a table should hold as many rows at the end as at three fifths of the
        // run, give or take a wave of orders and a round of deletion.
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

/// The growth of the line fitted through these points, from the first point to the last, and their mean.
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
