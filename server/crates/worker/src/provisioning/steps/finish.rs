//! FINISH gives the location its final name and address, reads it back and lists the remaining to-dos for a person.

use domain::BusinessId;
use domain::provisioning::{Step, StepStatus, Summary};
use domain::todos::{self, TodoKind};
use ghl::locations::{self, Location, LocationChange, Prospect};
use serde_json::json;
use store::integrations;
use store::provisioning as rows;

use super::create_location::PARKED;
use super::create_users;
use crate::provisioning::location_markers;
use crate::provisioning::location_status::{self, LocationStatus};
use crate::provisioning::planned_write::{PlannedWrite, matches_effect};
use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone, decide};

/// Kind of the write that gives the location its final name.
const RENAME: &str = "finish_location";
/// Kind of the write that restores the former name.
const RESTORE: &str = "restore_name";

pub struct Work;

impl StepWork for Work {
    async fn find(run: &mut Run) -> Result<Option<Made>, Stop> {
        let id = run.location()?;
        let remote = match location_status::look(run, &id).await? {
            LocationStatus::Present(remote) => *remote,
            LocationStatus::Gone(_) if run.undoing => return run.give_up_doubts().await.map(|()| None),
            LocationStatus::Gone(said) => return Err(gone(run, &id, &said).await),
        };
        let email = remote.email.clone().unwrap_or_default();
        let written = |effect: &_| {
            let named = matches_effect(effect, RENAME, &remote.name) || matches_effect(effect, RESTORE, &remote.name);
            named || matches_effect(effect, RENAME, &both(&remote.name, &email))
        };
        run.settle(|effect| written(effect).then(|| id.clone())).await?;
        let named = remote.name == final_name(run).await?;
        Ok((!run.undoing && named && owner(run, &remote).is_none()).then(|| done(run, &id)))
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let name = final_name(run).await?;
        let id = run.location()?;
        let ghl_access = run.company().await?;
        let prospect = match run.had_email_marker().await? {
            true => {
                let before = locations::get(&ghl_access.ghl, ghl_access.call(), &id).await;
                owner(run, &before.map_err(|error| Stop::outside(run.step, &error))?)
            }
            false => None,
        };
        let identity = prospect.as_ref().map_or_else(|| name.clone(), |owner| both(&name, &owner.email));
        let change = LocationChange {
            company_id: ghl_access.resource.clone(),
            name: Some(name.clone()),
            prospect,
            ..LocationChange::default()
        };
        write(run, &id, PlannedWrite::on(RENAME, &id, &identity), change).await?;
        let remote = locations::get(&ghl_access.ghl, ghl_access.call(), &id)
            .await
            .map_err(|error| Stop::outside(run.step, &error))?;
        if remote.name != name {
            return Err(Stop::again(
                "different",
                format!("HighLevel took the name “{name}” and shows “{}”.", remote.name),
            ));
        }
        Ok(done(run, &id))
    }

    /// Restores the former name of an adopted location that was renamed. A location that the job created is parked
    /// later.
    async fn undo(run: &mut Run) -> Result<Undone, Stop> {
        let (Some(id), Some(former)) = (run.job.location.clone(), former_name(run)) else {
            return Ok(Undone::default());
        };
        let ours = final_name(run).await?;
        match location_status::look(run, &id).await? {
            LocationStatus::Present(remote) if remote.name == ours && ours != former => {}
            LocationStatus::Present(_) | LocationStatus::Gone(_) => return Ok(Undone::default()),
        }
        let company_id = run.company().await?.resource;
        let change = LocationChange { company_id, name: Some(former.clone()), ..LocationChange::default() };
        write(run, &id, PlannedWrite::on(RESTORE, &id, &former), change).await?;
        let done = format!("Sub-account {id} has its former name “{former}” again.");
        Ok(Undone { done: vec![done], todo: Vec::new() })
    }
}

async fn write(run: &mut Run, id: &str, planned: PlannedWrite, change: LocationChange) -> Result<(), Stop> {
    let (ghl_access, target) = (run.company().await?, id.to_owned());
    let call = async move { locations::update(&ghl_access.ghl, ghl_access.call(), &target, &change).await };
    let sent = run.send(planned, |location: &Location| location.id.clone(), call).await?;
    run.confirm(&sent.map_err(|error| Stop::outside(run.step, &error))?).await
}

/// Asks a person what to do: the location was deleted after the client was created. The client's own card shows
/// that too.
async fn gone(run: &Run, id: &str, said: &str) -> Stop {
    if let Some(business) = run.job.business
        && let Err(stop) = mark(run, business, id).await
    {
        return stop;
    }
    let what = format!("Sub-account {id} is no longer in HighLevel ({said}). Was it deleted there?");
    let effect = "The client here has no sub-account in HighLevel. If it was deleted, undo this job and start over.";
    Stop::Ask(Box::new(decide(run.step, &what, effect)))
}

async fn mark(run: &Run, business: BusinessId, id: &str) -> Result<(), Stop> {
    let mut tx = run.business_tx(business).await?;
    if let Some(own) = integrations::location(&mut tx, id).await?.filter(|own| own.business == Some(business)) {
        integrations::failed(&mut tx, own.id, domain::integration::LOCATION_GONE).await?;
    }
    run.commit(tx).await
}

/// The owner as ordered, if the owner's address in HighLevel still carries a marker; otherwise `None`.
fn owner(run: &Run, remote: &Location) -> Option<Prospect> {
    let bare = location_markers::untagged(remote.email.as_deref()?)?;
    location_markers::prospect(&run.job.order.client).filter(|owner| owner.email.eq_ignore_ascii_case(&bare))
}

/// Name and address joined, to identify a write that sets both.
fn both(name: &str, email: &str) -> String {
    format!("{name}|{email}")
}

/// The former name of an adopted location; `None` for a location that the job created.
fn former_name(run: &Run) -> Option<String> {
    let output = run.output(Step::CreateLocation);
    output.get("adopted")?;
    output["name"].as_str().map(str::to_owned)
}

/// The client's name without the marker. An adopted location keeps its name, unless the name contains a marker of
/// ours or says that the location is parked.
async fn final_name(run: &Run) -> Result<String, Stop> {
    let client = run.job.order.client.name.clone();
    let Some(former) = former_name(run) else { return Ok(client) };
    let mut tx = run.tx().await?;
    let made = rows::effects_of(&mut tx, run.job.fence.job, Step::CreateLocation).await?;
    let ours = former.starts_with(PARKED) || made.iter().any(|effect| location_markers::names(&former, &effect.marker));
    Ok(if ours { client } else { former })
}

fn done(run: &Run, location: &str) -> Made {
    let summary = summary(run);
    Made::new("The sub-account has its final name.", json!({ "location_id": location, "summary": summary }))
}

fn summary(run: &Run) -> Summary {
    let mut summary = Summary { done: vec!["The sub-account is ready.".to_owned()], todo: Vec::new() };
    let snapshot = run.job.snapshot.as_ref().map(|(_, name)| name.as_str());
    let skipped = Step::ALL.into_iter().filter(|step| left_out(run, *step));
    summary.todo.extend(skipped.filter_map(|step| todos::of_skipped(step, snapshot)));
    summary.todo.dedup_by_key(|item| item.key());
    // Without its snapshot the location has no workflows to publish.
    let unloaded = summary.todo.iter().any(|item| item.kind == TodoKind::LoadSnapshot);
    summary.todo.extend(create_users::left_to_a_person(run));
    let rest = todos::afterwards(&run.job.order).into_iter();
    summary.todo.extend(rest.filter(|item| !(unloaded && item.kind == TodoKind::PublishWorkflows)));
    summary
}

fn left_out(run: &Run, step: Step) -> bool {
    let skipped = run.row(step).is_some_and(|row| row.status == Some(StepStatus::Skipped));
    skipped && !(step.needs_snapshot() && run.job.order.snapshot_id.is_none())
}
