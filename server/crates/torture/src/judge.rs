//! Finds what was lost, created twice, or cannot be explained.
//!
//! The simulator's journal records every call that it executed, including calls whose answer it withheld. Our
//! tables record what the workers believe. The two must agree.

use std::collections::BTreeMap;
use std::process::ExitCode;

use domain::JobId;
use domain::provisioning::{JobRow, JobStatus, Step};
use serde_json::Value;
use store::provisioning::testing;
use store::provisioning::writes::{self, Late};

use crate::harness::Harness;

/// What was found.
#[derive(Default)]
pub struct Verdict {
    /// Jobs that never ended, that no longer exist, or that were stopped because their processes ended; messages that
    /// never arrived, and customers whom everybody forgot.
    pub lost: Vec<String>,
    /// Businesses with more than one location, or whose job completed without one; messages that were sent twice.
    pub duplicated: Vec<String>,
    /// Writes without an effect in our tables, effects without a write, and writes that are still in doubt; messages of
    /// which only we or only the platform know, or not the same.
    pub unexplained: Vec<String>,
    /// What a cancelled job created and left behind: an integration, a secret, a business, a write in doubt.
    pub alive: Vec<String>,
    /// Why the run proves nothing, whatever was found: a program that was to take part did no work.
    pub refused: Option<&'static str>,
    outcomes: BTreeMap<&'static str, usize>,
}

impl Verdict {
    /// True if nothing was found, in a run that can prove it.
    pub const fn is_clean(&self) -> bool {
        let nothing_lost = self.lost.is_empty() && self.duplicated.is_empty();
        nothing_lost && self.unexplained.is_empty() && self.alive.is_empty() && self.refused.is_none()
    }

    /// The counts of a run in one line, which `cargo x test` reads.
    pub fn last_line(&self, kills: u32, of: &str) -> String {
        let (lost, duplicated) = (self.lost.len(), self.duplicated.len());
        let (unexplained, alive) = (self.unexplained.len(), self.alive.len());
        format!(
            "kills {kills} · {of} · lost {lost} · duplicated {duplicated} · unexplained {unexplained} · left alive {alive}"
        )
    }

    /// Success if nothing was found, in a run that can prove it.
    pub fn exit_code(&self) -> ExitCode {
        if self.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// Prints what was found and how to repeat the run of this world.
    pub fn explain(&self, seed: u64, world: &str) {
        if !self.outcomes.is_empty() {
            println!("torture: {:?}", self.outcomes);
        }
        for (what, lines) in [
            ("lost", &self.lost),
            ("duplicated", &self.duplicated),
            ("unexplained", &self.unexplained),
            ("left alive", &self.alive),
        ] {
            for line in lines {
                println!("{what}: {line}");
            }
        }
        if let Some(why) = self.refused {
            println!("refused: {why}");
        }
        if !self.is_clean() {
            println!("torture: repeat with --world {world} --seed {seed}");
        }
    }
}

/// Compares the simulator's journal and world with our tables.
pub async fn judge(harness: &Harness, rows: Vec<JobRow>) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::default();
    let world = harness.sim.world();
    let names: Vec<&str> = list(&world["ghl"]["locations"]).filter_map(|location| location["name"].as_str()).collect();
    for (job, client) in harness.orders() {
        let Some(row) = rows.iter().find(|row| row.id == *job) else {
            verdict.lost.push(format!("{client}: job {job} is gone"));
            continue;
        };
        *verdict.outcomes.entry(row.status.key()).or_default() += 1;
        if !matches!(row.status, JobStatus::Completed | JobStatus::Cancelled) {
            verdict.lost.push(format!(
                "{client}: job {job} is {} at {:?}: {:?}",
                row.status.key(),
                row.current_step,
                row.error
            ));
        }
        let there = names.iter().filter(|name| is_of(name, client)).count();
        let wanted = row.status == JobStatus::Completed;
        if there > 1 || (wanted && there == 0) {
            verdict.duplicated.push(format!("{client}: {there} locations, job {job} is {}", row.status.key()));
            verdict.duplicated.extend(history(harness, *job, client).await);
        }
    }
    explain_writes(harness, &mut verdict).await;
    verdict.alive = testing::leftovers_of_cancelled(&harness.db, None).await;
    println!("torture: at most {} tries of one step were lost in a row", testing::lost_in_a_row(&harness.db).await);
    let stopped = testing::asked(&harness.db, "Slipway stopped trying").await;
    verdict.lost.extend(stopped.into_iter().map(|job| format!("job {job} was stopped because its processes ended")));
    Ok(verdict)
}

/// Lists, for one business, our records of the location's creation and then the simulator's, each in order of time.
async fn history(harness: &Harness, job: JobId, client: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if let Ok(view) = harness.view(job).await {
        let ours = view.effects.iter().filter(|effect| effect.kind == "create_location");
        lines.extend(ours.map(|effect| {
            let (sent, decided) =
                (effect.sent_at.map(|at| at.to_rfc3339()), effect.decided_at.map(|at| at.to_rfc3339()));
            format!("  {sent:?} {} {} → {decided:?} {:?}", effect.marker, effect.state.key(), effect.provider_ref)
        }));
        let tries = view.steps.iter().find(|step| step.step == Step::CreateLocation).map(|step| &step.attempts);
        lines.extend(tries.into_iter().flatten().map(|tried| {
            format!(
                "  {} try {} {:?} {:?}",
                tried.started_at.to_rfc3339(),
                tried.attempt,
                tried.outcome,
                tried.error_detail
            )
        }));
    }
    let named = |call: &Value| {
        let name = call["body"]["name"].as_str().unwrap_or_default();
        call["path"] == "/locations/" && call["method"] == "POST" && is_of(name, client)
    };
    lines.extend(harness.sim.journal().into_iter().filter(named).map(|call| {
        format!("  {} {} {} {} {}", call["at"], call["body"]["name"], call["outcome"], call["status"], call["fault"])
    }));
    lines
}

/// True if the name is the business's name, alone, with a marker after it, or parked.
fn is_of(name: &str, client: &str) -> bool {
    let name = name.strip_prefix("[parked] ").unwrap_or(name);
    name == client || name.strip_prefix(client).is_some_and(|rest| rest.starts_with(" ·"))
}

/// Compares the writes in the journal with our effects. Workers are frozen in this test, so a late change is
/// allowed.
async fn explain_writes(harness: &Harness, verdict: &mut Verdict) {
    let (journal, effects) = (harness.sim.journal(), testing::effects(&harness.db).await);
    verdict.unexplained.extend(writes::differences(&journal, &effects, Late::Changes));
    let calls = journal.iter().filter(|call| writes::is_write(call)).count();
    let believed = effects.iter().filter(|(_, state, _)| state == "CONFIRMED").count();
    println!("torture: {calls} writes carried out, {believed} confirmed, {} on record", effects.len());
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::Verdict;

    #[test]
    fn a_run_in_which_a_program_did_no_work_proves_nothing() {
        let mut verdict = Verdict::default();
        assert!(verdict.is_clean());
        verdict.refused = Some("the former program did no work");
        assert!(!verdict.is_clean());
    }

    #[test]
    fn whatever_was_found_counts_in_the_last_line() {
        let found = || vec!["job 1".to_owned()];
        let each = [
            Verdict { lost: found(), ..Verdict::default() },
            Verdict { duplicated: found(), ..Verdict::default() },
            Verdict { unexplained: found(), ..Verdict::default() },
            Verdict { alive: found(), ..Verdict::default() },
        ];
        for verdict in each {
            assert!(!verdict.is_clean());
            assert_eq!(verdict.last_line(5, "jobs 2").matches(" 1").count(), 1, "{}", verdict.last_line(5, "jobs 2"));
        }
    }
}
