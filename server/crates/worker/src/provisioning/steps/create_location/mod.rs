//! CREATE_LOCATION creates exactly one location for the job. HighLevel offers no idempotency key and bills each
//! location, so the location carries a marker (`location_markers.rs`). After an unclear outcome the step searches
//! for the marker until it is certain that nothing happened; only then may a new write with a new marker follow. A
//! write that could carry no marker is never repeated unless a person says that it did not happen.

mod adopted;
mod evidence;
mod questions;

use domain::provisioning::{EffectState, LogLevel, Step, TodoItem};
use domain::todos::TodoKind;
use domain::{EffectId, work};
use ghl::locations::{self, Location, NewLocation};
use ghl::{Kind, Reason};
use serde_json::json;
use store::provisioning::{self as rows, Effect, MarkedIn, SearchOutcome};
use store::{TenantTx, queue};

use crate::provisioning::location_markers;
use crate::provisioning::location_status::{self, LocationStatus};
use crate::provisioning::plan::LOOK_GAP;
use crate::provisioning::planned_write::PlannedWrite;
use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone, answer, reconnect};
use crate::time_scale::minutes;

/// Kind of the write that creates a location.
pub const KIND: &str = "create_location";
/// Kind of the write that parks a location.
pub const PARK: &str = "park_location";
/// Prefix of the name of a parked location.
pub const PARKED: &str = "[parked] ";

pub struct Work;

impl StepWork for Work {
    async fn find(run: &mut Run) -> Result<Option<Made>, Stop> {
        if let Some(location) = run.job.location.clone() {
            return Ok(Some(Made::new("The sub-account exists.", json!({ "location_id": location }))));
        }
        if let Some(made) = adopted::adopted(run).await? {
            return Ok(Some(made));
        }
        abandon_denied_write(run).await?;
        let ours: Vec<Effect> = run.effects().await?.into_iter().filter(may_exist).collect();
        if ours.is_empty() {
            return Ok(None);
        }
        same_company(run).await?;
        let seen = evidence::look(run, &ours).await?;
        match seen.hits.len() {
            0 => nothing_found(run, &ours, &seen.alike).await.map(|()| None),
            1 => match seen.hits.into_iter().next() {
                Some((location, effect)) => found(run, &location, effect).await,
                None => Ok(None),
            },
            _ => Err(Stop::Ask(Box::new(questions::which(run, seen.hits.into_keys().collect())))),
        }
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let ghl_access = run.company().await?;
        let mut tx = run.tx().await?;
        let name_marker = store::agencies::settings(&mut tx).await?.name_marker;
        drop(tx);
        let mut planned = PlannedWrite::new(KIND, "").late();
        let marked_in = location_markers::place(name_marker, &run.job.order.client);
        let new = new_location(run, &ghl_access.resource, &planned.marker, marked_in);
        planned.marked_in = Some(marked_in);
        planned.identity = format!("{KIND}|{new:?}");
        let call = async move { locations::create(&ghl_access.ghl, ghl_access.call(), &new).await };
        match run.send(planned, |location: &Location| location.id.clone(), call).await? {
            Ok(sent) => Ok(Made {
                message: format!("Created sub-account {}.", sent.id),
                output: json!({ "location_id": sent.id }),
                confirmed: vec![(sent.effect, sent.id.clone())],
                location: Some(sent.id),
                business: None,
            }),
            Err(error) => refused(run, &error).await,
        }
    }

    async fn undo(run: &mut Run) -> Result<Undone, Stop> {
        let Some(location) = run.job.location.clone() else { return Ok(Undone::default()) };
        if !run.confirmed(KIND).await?.contains(&location) {
            let kept = format!("Sub-account {location} was not created by this job and stays as it is.");
            return Ok(Undone { done: vec![kept], todo: Vec::new() });
        }
        park(run, &location).await
    }
}

/// Handles a refusal by HighLevel, which alone does not prove that nothing happened. It checks once at once
/// whether the location exists after all. `find` searches again, for long enough, before another location is
/// created or the job reports that there is none.
async fn refused(run: &mut Run, error: &ghl::Error) -> Result<Made, Stop> {
    let limited = matches!(error.kind, Kind::Limited { .. });
    if error.status.is_some() && !limited {
        let ours: Vec<Effect> = run.effects().await?.into_iter().filter(may_exist).collect();
        match evidence::look(run, &ours).await.map(|seen| seen.hits) {
            Ok(hits) if hits.len() > 1 => {
                return Err(Stop::Ask(Box::new(questions::which(run, hits.into_keys().collect()))));
            }
            Ok(hits) => {
                if let Some((location, effect)) = hits.into_iter().next()
                    && let Some(made) = found(run, &location, effect).await?
                {
                    return Ok(made);
                }
            }
            // The search is repeated before anything is decided.
            Err(stop) if stop.is_outside() => {}
            Err(stop) => return Err(stop),
        }
    }
    match error.kind {
        Kind::Refused(Reason::Plan) => {
            let said = format!("HighLevel said: {}", error.message);
            run.line(LogLevel::Warn, &said, None).await?;
            read_locations(run).await?;
            Err(Stop::Ask(Box::new(questions::by_hand(run))))
        }
        _ => Err(Stop::outside(run.step, error)),
    }
}

/// Lets the list of the company's locations be read, from which a person chooses the one that they created.
async fn read_locations(run: &Run) -> Result<(), Stop> {
    let mut tx = run.tx().await?;
    if let Some(company) = store::integrations::company(&mut tx).await? {
        store::imports::ask(&mut tx, company.id, &company.platform_id).await?;
    }
    run.commit(tx).await
}

/// Asks for reconnection if the job's writes went to another company. A location that was sent to one company is
/// never searched for in another: it would seem not to exist and be created again.
async fn same_company(run: &mut Run) -> Result<(), Stop> {
    let began = run.job.steps.iter().find(|step| step.step == Step::CheckPlan);
    let began = began.and_then(|step| step.output["company_id"].as_str()).map(str::to_owned);
    let ghl_access = run.company().await?;
    if began.is_none_or(|began| began == ghl_access.resource) {
        return Ok(());
    }
    let what = "This job began in another HighLevel account, where its sub-account may exist.";
    Err(Stop::Ask(Box::new(reconnect(run.step, what))))
}

/// Returns true for a write that happened or may have happened; a refused write certainly did not.
fn may_exist(effect: &Effect) -> bool {
    effect.kind == KIND && effect.state != EffectState::Refused
}

fn new_location(run: &Run, company: &str, marker: &str, marked_in: MarkedIn) -> NewLocation {
    let client = &run.job.order.client;
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let mut new = NewLocation {
        name: client.name.clone(),
        company_id: company.to_owned(),
        phone: given(&client.phone),
        address: given(&client.address),
        city: given(&client.city),
        state: given(&client.state),
        country: given(&client.country),
        postal_code: given(&client.postal_code),
        website: given(&client.website),
        timezone: given(&client.timezone),
        prospect: location_markers::prospect(client),
        settings: None,
        snapshot_id: run.job.snapshot.as_ref().map(|(id, _)| id.clone()),
    };
    match (marked_in, &mut new.prospect) {
        (MarkedIn::Name, _) => new.name = location_markers::marked(&client.name, marker),
        (MarkedIn::Email, Some(owner)) => owner.email = location_markers::tagged(&owner.email, marker),
        (MarkedIn::Email | MarkedIn::Nowhere, _) => {}
    }
    new
}

/// Handles the one location that carries a marker of ours. If a person has meanwhile given it to another job, it
/// belongs to that job, and undoing this job leaves it alone.
async fn found(run: &mut Run, location: &str, effect: EffectId) -> Result<Option<Made>, Stop> {
    let mut tx = run.tx().await?;
    let others = rows::others(&mut tx, run.job.fence.job, location).await?;
    let Some(number) = others.has else {
        return Ok(Some(Made {
            message: format!("Found sub-account {location} by its mark: it had been created after all."),
            output: json!({ "location_id": location, "found": true }),
            confirmed: vec![(effect, location.to_owned())],
            location: Some(location.to_owned()),
            business: None,
        }));
    };
    if !run.undoing {
        return Err(Stop::Ask(Box::new(questions::given_away(run, location, number))));
    }
    if others.created {
        rows::abandon(&mut tx, &run.job.fence, effect).await?;
    } else {
        rows::confirm(&mut tx, &run.job.fence, effect, location).await?;
    }
    run.commit(tx).await?;
    let line = format!("Sub-account {location} belongs to job #{number} and stays as it is.");
    run.line(LogLevel::Info, &line, None).await.map(|()| None)
}

/// Records a search without result for each write in doubt and waits until the outcome is certain. A write without
/// a marker never becomes certain by searching: once it can no longer be in progress, a person is asked.
async fn nothing_found(run: &Run, ours: &[Effect], alike: &[Location]) -> Result<(), Stop> {
    let mut rest = None;
    let mut unmarked = None;
    for effect in ours.iter().filter(|effect| effect.state == EffectState::InDoubt) {
        // HighLevel did not answer with success, and no new location has that name, so this write is searched for
        // like the others.
        let denied = effect.answered.is_some() && alike.is_empty();
        if effect.marked_in == Some(MarkedIn::Nowhere) && !denied {
            rest = rest.max(Some(effect.settles_in).filter(|left| !left.is_zero()));
            unmarked = Some(effect);
            continue;
        }
        let mut tx = run.tx().await?;
        match rows::record_empty_search(&mut tx, &run.job.fence, effect.id, run.worker.time_scale.guard(LOOK_GAP))
            .await?
        {
            SearchOutcome::Again(left) => rest = rest.max(Some(left)),
            SearchOutcome::Absent => enqueue_marker_search(&mut tx, run).await?,
        }
        run.commit(tx).await?;
    }
    match (rest, unmarked) {
        (Some(left), _) => Err(Stop::wait(
            "Checking whether HighLevel created the sub-account after all.",
            run.worker.time_scale.real(left),
        )),
        (None, Some(effect)) => Err(Stop::Ask(Box::new(questions::unmarked(run, effect, alike)))),
        (None, None) => Ok(()),
    }
}

/// Handles the answer of a person who checked that a write without a marker did not happen. It applies to that
/// write only and not to a later one.
async fn abandon_denied_write(run: &Run) -> Result<(), Stop> {
    let input = run.input();
    let Some((questions::DENIED, Some(marker))) = answer(&input) else { return Ok(()) };
    for effect in run.effects().await? {
        let meant = effect.marker == marker && effect.marked_in == Some(MarkedIn::Nowhere);
        if meant && effect.state == EffectState::InDoubt {
            let mut tx = run.tx().await?;
            rows::abandon(&mut tx, &run.job.fence, effect.id).await?;
            run.commit(tx).await?;
        }
    }
    Ok(())
}

/// Enqueues a search for given-up markers for one day, independently of the job.
pub async fn enqueue_marker_search(tx: &mut TenantTx, run: &Run) -> Result<(), Stop> {
    let job = run.job.fence.job;
    let work = queue::Work::new(work::Kind::SweepMarkers).subject(job).once(format!("markers:{job}"));
    queue::add_in(tx, &work, run.worker.time_scale.of(minutes(10))).await?;
    Ok(())
}

/// Gives the location a name that marks it as parked, and creates a to-do for a person, because HighLevel lets no
/// app delete a location.
async fn park(run: &mut Run, location: &str) -> Result<Undone, Stop> {
    let name: String = format!("{PARKED}{}", run.job.order.client.name);
    let ghl_access = run.company().await?;
    let item = TodoItem::new(
        TodoKind::DeleteLocation,
        format!("Delete sub-account “{name}” in HighLevel"),
        format!("Apps can't delete sub-accounts, so you'll need to do it there. Its ID is {location}."),
    );
    let todo = vec![item.about(location)];
    let parked = Undone { done: vec![format!("The sub-account is renamed “{name}”.")], todo };
    let now = match location_status::look(run, location).await? {
        LocationStatus::Present(now) => now,
        LocationStatus::Gone(said) => {
            run.give_up_doubts().await?;
            return Ok(gone(location, &said));
        }
    };
    run.settle(|effect| {
        crate::provisioning::planned_write::matches_effect(effect, PARK, &now.name).then(|| location.to_owned())
    })
    .await?;
    if now.name == name {
        return Ok(parked);
    }
    let change = locations::LocationChange {
        company_id: ghl_access.resource.clone(),
        name: Some(name.clone()),
        ..Default::default()
    };
    let id = location.to_owned();
    let call = async move { locations::update(&ghl_access.ghl, ghl_access.call(), &id, &change).await };
    match run.send(PlannedWrite::on(PARK, location, &name), |location: &Location| location.id.clone(), call).await? {
        Ok(sent) => run.confirm(&sent).await.map(|()| parked),
        Err(error) => Err(Stop::outside(run.step, &error)),
    }
}

/// HighLevel does not know the location or does not let us access it, so there is nothing to park. The to-do is
/// for the case that nobody deleted it.
fn gone(location: &str, said: &str) -> Undone {
    let todo = TodoItem::new(
        TodoKind::CheckDeleted,
        format!("Make sure that sub-account {location} is deleted in HighLevel"),
        format!("HighLevel no longer lets us see it: {said}"),
    );
    Undone { done: vec![format!("Sub-account {location} is already gone.")], todo: vec![todo.about(location)] }
}
