//! Creates to-dos for a person when a step is skipped while HighLevel cannot be asked, or when a step cannot be undone.
//! It claims that something is gone only if somebody checked, and it names each remaining thing.

use domain::provisioning::{EffectState, LogLevel, Step, TodoItem};
use domain::todos::TodoKind;
use store::provisioning::{self as rows, Effect};

use super::location_markers;
use super::run::Run;
use super::step::{Stop, Undone};
use super::steps::create_location;

/// Prepares skipping a step when HighLevel could not be asked what became of its writes. Waits until no write can
/// still be in progress, then gives up the writes in doubt.
pub async fn give_up_unsettled_writes(run: &Run, stop: &Stop) -> Result<(), Stop> {
    let doubts = doubts(run).await?;
    if let Some(left) = doubts.iter().map(|effect| effect.settles_in).max().filter(|left| !left.is_zero()) {
        return Err(Stop::wait(
            "Checking what HighLevel did before the step is skipped.",
            run.worker.time_scale.real(left),
        ));
    }
    let line = format!("The step is skipped without checking HighLevel: {}", stop.what());
    run.line(LogLevel::Warn, &line, None).await?;
    give_up(run, &doubts).await
}

/// Leaves a step as it is because it cannot be undone, and lists for a person what remains.
pub async fn leave_as_is(run: &mut Run, stop: &Stop) -> Result<Undone, Stop> {
    let doubts = doubts(run).await?;
    give_up(run, &doubts).await?;
    let mut tx = run.tx().await?;
    rows::release_people(&mut tx, &run.job.fence).await?;
    run.commit(tx).await?;
    let why = format!("It couldn't be rolled back: {}", stop.what());
    let kind = if run.step == Step::CreateLocation && run.job.location.is_some() {
        TodoKind::DeleteLocation
    } else {
        TodoKind::CleanUp
    };
    let location = run.job.location.clone().filter(|_| kind == TodoKind::DeleteLocation);
    let item = |what: String| {
        let about = location.clone().unwrap_or_else(|| what.clone());
        TodoItem::new(kind, what, why.clone()).about(about)
    };
    let todo = what(run, &doubts).await?.into_iter().map(item).collect();
    Ok(Undone { done: Vec::new(), todo })
}

/// The step's writes whose outcome is unknown.
async fn doubts(run: &Run) -> Result<Vec<Effect>, Stop> {
    let mut effects = run.effects().await?;
    effects.retain(|effect| effect.state == EffectState::InDoubt);
    Ok(effects)
}

async fn give_up(run: &Run, doubts: &[Effect]) -> Result<(), Stop> {
    let mut tx = run.tx().await?;
    for effect in doubts {
        rows::abandon(&mut tx, &run.job.fence, effect.id).await?;
        if effect.kind == create_location::KIND {
            create_location::enqueue_marker_search(&mut tx, run).await?;
        }
    }
    run.commit(tx).await
}

/// Lists what the step may have left in HighLevel or here. Each entry begins with what a person has to do.
async fn what(run: &Run, doubts: &[Effect]) -> Result<Vec<String>, Stop> {
    let written = run.effects().await?;
    let happened = written.iter().any(|effect| effect.state == EffectState::Confirmed) || !doubts.is_empty();
    let location = run.job.location.clone();
    Ok(match (run.step, location) {
        (Step::CreateLocation, Some(location)) => vec![format!("Delete sub-account {location} in HighLevel")],
        (Step::CreateLocation, None) => doubts.iter().map(|effect| unseen(run, effect)).collect(),
        (Step::MintToken, Some(location)) => {
            vec![format!("Disconnect sub-account {location} here, if it is connected")]
        }
        (Step::CreateBusiness, _) if run.job.business.is_some() => {
            vec![format!("Move the client “{}” here to the trash", run.job.order.client.name)]
        }
        (Step::FillValues, Some(location)) if happened => {
            vec![format!("Remove this job's custom values and tags from sub-account {location}")]
        }
        (Step::CreateUsers, Some(location)) if happened => {
            let people: Vec<&str> = run.job.order.users.iter().map(|user| user.email.as_str()).collect();
            vec![format!("Remove from sub-account {location} in HighLevel: {}", people.join(", "))]
        }
        (Step::Finish, Some(location)) if happened => vec![format!("Check the name of sub-account {location}")],
        _ => Vec::new(),
    })
}

fn unseen(run: &Run, effect: &Effect) -> String {
    let name = &run.job.order.client.name;
    match effect.marked_in {
        None | Some(rows::MarkedIn::Name) => {
            format!(
                "Look in HighLevel for a sub-account named “{}” and delete it",
                location_markers::marked(name, &effect.marker)
            )
        }
        Some(_) => {
            format!("Look in HighLevel for a sub-account named “{name}” that this job may have created, and delete it")
        }
    }
}
