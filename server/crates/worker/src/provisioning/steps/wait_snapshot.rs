//! WAIT_SNAPSHOT waits until HighLevel has loaded the snapshot. HighLevel sends no event, so the step polls with
//! growing intervals and releases the job's claim in between. It restarts a load that failed or never began once.

use std::time::Duration;

use domain::provisioning::{Choice, EffectState, LogLevel, Question};
use ghl::locations::{self, Location, LocationChange, SnapshotLoad};
use ghl::snapshots::{self, Assets, Load};
use serde_json::{Value, json};

use crate::provisioning::planned_write::PlannedWrite;
use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone, answer, choice, decide, is_gone};
use crate::retry;
use crate::time_scale::{minutes, secs};

const LOAD: &str = "load_snapshot";
/// A load that has not started after this time never will.
const PATIENCE: Duration = minutes(10);

pub struct Work;

impl StepWork for Work {
    async fn find(run: &mut Run) -> Result<Option<Made>, Stop> {
        let Some((snapshot, name)) = run.job.snapshot.clone() else {
            return Ok(Some(Made::new("No snapshot was ordered.", json!({}))));
        };
        // Nothing loads in the first moment after the location was created; a call would only use up rate limit
        // that another client needs.
        if !run.undoing && run.begun.is_some_and(|begun| begun.attempt == 1 && begun.elapsed.is_zero()) {
            return Err(Stop::wait("HighLevel is loading the snapshot.", pause(Duration::ZERO)));
        }
        let location = run.location()?;
        let ghl_access = run.company().await?;
        let load =
            match snapshots::status(&ghl_access.ghl, ghl_access.call(), &ghl_access.resource, &snapshot, &location)
                .await
            {
                Ok(load) => load,
                // Everything that was loaded into the location is gone with it.
                Err(error) if run.undoing && is_gone(&error) => return run.give_up_doubts().await.map(|()| None),
                Err(error) => return Err(Stop::outside(run.step, &error)),
            };
        // Only the status shows whether HighLevel accepted a repeated load; loading twice without override does no
        // harm.
        run.settle(|effect| {
            (effect.kind == LOAD && !matches!(load, Load::NotStarted | Load::Failed(_))).then(|| location.clone())
        })
        .await?;
        if run.undoing {
            return Ok(None);
        }
        match load {
            Load::Done(assets) => Ok(Some(Made::new(format!("“{name}” is loaded."), shown(&assets)))),
            Load::Running(assets) if is_load_complete(run, &assets) => {
                Ok(Some(Made::new(loaded(&name, &assets), shown(&assets))))
            }
            Load::Failed(assets) if is_partial(&assets) && run.elapsed() < SECOND_LOOK => {
                keep(run, &assets).await?;
                Err(Stop::wait(
                    "HighLevel says the snapshot didn't load completely; checking again first.",
                    pause(Duration::ZERO),
                ))
            }
            Load::Running(assets) => {
                keep(run, &assets).await?;
                Err(Stop::wait(progress(&assets), pause(run.elapsed())))
            }
            Load::NotStarted if run.elapsed() < PATIENCE => {
                Err(Stop::wait("HighLevel hasn't started loading the snapshot yet.", pause(run.elapsed())))
            }
            Load::NotStarted => Ok(None),
            Load::Failed(assets) => {
                keep(run, &assets).await?;
                Ok(None)
            }
        }
    }

    /// Loads again without overriding anything: once automatically if nothing had loaded, otherwise only if a
    /// person says so.
    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let Some((snapshot, name)) = run.job.snapshot.clone() else { return Ok(Made::default()) };
        let tried = run
            .effects()
            .await?
            .iter()
            .filter(|effect| effect.kind == LOAD && effect.state == EffectState::Confirmed)
            .count();
        let input = run.input();
        let loaded_assets: Assets = serde_json::from_value(run.output(run.step)).unwrap_or_default();
        let by_itself = usize::from(is_partial(&loaded_assets));
        if tried + by_itself > permitted_loads(&input) {
            return Err(Stop::Ask(Box::new(failed(run, &name, tried + by_itself, &loaded_assets))));
        }
        let location = run.location()?;
        let ghl_access = run.company().await?;
        run.line(LogLevel::Warn, "The snapshot didn't load; asking HighLevel to load it again.", None).await?;
        let load = SnapshotLoad { id: snapshot.clone(), override_existing: false };
        let change = LocationChange {
            company_id: ghl_access.resource.clone(),
            snapshot: Some(load),
            ..LocationChange::default()
        };
        let id = location.clone();
        let call = async move { locations::update(&ghl_access.ghl, ghl_access.call(), &id, &change).await };
        match run
            .send(PlannedWrite::on(LOAD, &location, &snapshot), |location: &Location| location.id.clone(), call)
            .await?
        {
            Ok(sent) => {
                run.confirm(&sent).await?;
                Err(Stop::wait("HighLevel was asked to load the snapshot again.", secs(10)))
            }
            Err(error) => Err(Stop::outside(run.step, &error)),
        }
    }

    async fn undo(_: &mut Run) -> Result<Undone, Stop> {
        Ok(Undone::default())
    }
}

/// Number of loads that may have been made before the next one: zero for the automatic load, otherwise the number
/// at the time when a person answered. The answer carries that number, so each answer permits one load.
fn permitted_loads(input: &Value) -> usize {
    match answer(input) {
        Some(("again", asked_after)) => asked_after.and_then(|number| number.parse().ok()).unwrap_or(1),
        _ => 0,
    }
}

/// How long to check whether a load that HighLevel reported as failed continues after all.
const SECOND_LOOK: Duration = minutes(3);

/// Returns true if some kinds of assets are loaded. Loading again may then add to what people have already
/// changed.
fn is_partial(assets: &Assets) -> bool {
    !assets.completed.is_empty()
}

/// Returns true if no assets are pending and the previous check saw the same state: the load is complete, and only
/// HighLevel's status has not changed.
fn is_load_complete(run: &Run, assets: &Assets) -> bool {
    assets.pending.is_empty() && is_partial(assets) && run.output(run.step) == shown(assets)
}

fn loaded(name: &str, assets: &Assets) -> String {
    format!("“{name}” is loaded: all {} kinds of assets are there.", assets.completed.len())
}

/// 10 s at first, 15 s for five minutes, then every minute.
fn pause(elapsed: Duration) -> Duration {
    let interval = match elapsed {
        so_far if so_far < secs(10) => secs(10),
        so_far if so_far < minutes(5) => secs(15),
        _ => secs(60),
    };
    retry::around(interval)
}

fn progress(assets: &Assets) -> String {
    let (done, all) = (assets.completed.len(), assets.completed.len() + assets.pending.len());
    format!("HighLevel is loading the snapshot: {done} of {all} kinds of assets are there.")
}

fn shown(assets: &Assets) -> Value {
    json!({ "status": assets.status, "completed": assets.completed, "pending": assets.pending })
}

async fn keep(run: &mut Run, assets: &Assets) -> Result<(), Stop> {
    let mut tx = run.tx().await?;
    store::provisioning::save_output(&mut tx, &run.job.fence, run.step, &shown(assets)).await?;
    run.commit(tx).await?;
    run.keep_output(shown(assets));
    Ok(())
}

fn list(kinds: &[String]) -> String {
    if kinds.is_empty() { "not said".to_owned() } else { kinds.join(", ") }
}

fn failed(run: &Run, name: &str, tried: usize, loaded_assets: &Assets) -> Question {
    let again = if tried > usize::from(is_partial(loaded_assets)) { ", though it was asked to again" } else { "" };
    let what = format!("HighLevel didn't load the snapshot “{name}” completely{again}.");
    let effect = match is_partial(loaded_assets) {
        true => format!(
            "The sub-account exists. Loaded: {}. Missing: {}.",
            list(&loaded_assets.completed),
            list(&loaded_assets.pending)
        ),
        false => "The sub-account exists; the snapshot's assets are missing.".to_owned(),
    };
    let mut question = decide(run.step, &what, &effect);
    if let Some(first) = question.choices.first_mut() {
        let again = choice("again", "Load it again", "We ask HighLevel again. Nothing that exists is overwritten.");
        *first = Choice { value: Some(tried.to_string()), ..again };
    }
    question
}
