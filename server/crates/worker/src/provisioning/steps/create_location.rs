//! CREATE_LOCATION: one location for the job, and never a second. HighLevel has no key that makes a repetition harmless and
//! bills each location, so the name carries a mark, and after an unclear outcome the mark is looked for until it is certain
//! that nothing happened. Only then a new write with a new mark may follow.

use std::collections::BTreeMap;

use domain::provisioning::{Choice, EffectState, Question, QuestionKind, TodoItem};
use domain::{EffectId, work};
use ghl::locations::{self, Location, NewLocation, Prospect, Search};
use ghl::{Kind, Reason, auth};
use serde_json::json;
use store::provisioning::{self as rows, Effect, Look, Source};
use store::{TenantTx, queue};

use crate::pace::minutes;
use crate::provisioning::plan::LOOK_GAP;
use crate::provisioning::run::{Door, Planned, Run};
use crate::provisioning::step::{Made, StepWork, Stop, Undone, answer, choice, decide};

/// What our writes of this step are called.
pub const KIND: &str = "create_location";
/// The parking of a location.
pub const PARK: &str = "park_location";

pub struct Work;

impl StepWork for Work {
    async fn find(run: &mut Run) -> Result<Option<Made>, Stop> {
        if let Some(location) = run.job.location.clone() {
            return Ok(Some(Made::new("The location exists.", json!({ "location_id": location }))));
        }
        if let Some(made) = adopted(run).await? {
            return Ok(Some(made));
        }
        let ours: Vec<Effect> = run.effects().await?.into_iter().filter(may_exist).collect();
        if ours.is_empty() {
            return Ok(None);
        }
        let hits = look(run, &ours).await?;
        match hits.len() {
            0 => nothing_found(run, &ours).await.map(|()| None),
            1 => Ok(hits.into_iter().next().map(|(location, effect)| found(&location, effect))),
            _ => Err(Stop::Ask(Box::new(which(run, hits.into_keys().collect())))),
        }
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let door = run.company().await?;
        let mut planned = Planned::new(KIND, "");
        let new = new_location(run, &door.resource, &planned.marker);
        planned.nature = format!("{KIND}|{new:?}");
        let call = async move { locations::create(&door.ghl, door.call(), &new).await };
        match run.send(planned, |location: &Location| location.id.clone(), call).await? {
            Ok(sent) => Ok(Made {
                message: format!("Created location {}.", sent.id),
                output: json!({ "location_id": sent.id }),
                confirmed: vec![(sent.effect, sent.id.clone())],
                location: Some(sent.id),
                business: None,
            }),
            Err(error) if error.kind == Kind::Refused(Reason::Plan) => Err(Stop::Ask(Box::new(by_hand(run, &error)))),
            Err(error) => Err(Stop::outside(run.step, &error)),
        }
    }

    async fn undo(run: &mut Run) -> Result<Undone, Stop> {
        let Some(location) = run.job.location.clone() else { return Ok(Undone::default()) };
        if !run.confirmed(KIND).await?.contains(&location) {
            let kept = format!("Location {location} was not created by this job and is left as it is.");
            return Ok(Undone { done: vec![kept], todo: Vec::new() });
        }
        park(run, &location).await
    }
}

/// A write that happened or may have: refused ones are certain.
fn may_exist(effect: &Effect) -> bool {
    effect.kind == KIND && effect.state != EffectState::Refused
}

fn new_location(run: &Run, company: &str, marker: &str) -> NewLocation {
    let client = &run.job.order.client;
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    // All three or nothing (HighLevel API, create location).
    let prospect =
        [&client.first_name, &client.last_name, &client.email].iter().all(|part| !part.is_empty()).then(|| Prospect {
            first_name: client.first_name.clone(),
            last_name: client.last_name.clone(),
            email: client.email.clone(),
        });
    NewLocation {
        name: format!("{} ·{marker}", client.name),
        company_id: company.to_owned(),
        phone: given(&client.phone),
        address: given(&client.address),
        city: given(&client.city),
        state: given(&client.state),
        country: given(&client.country),
        postal_code: given(&client.postal_code),
        website: given(&client.website),
        timezone: given(&client.timezone),
        prospect,
        settings: None,
        snapshot_id: run.job.snapshot.as_ref().map(|(id, _)| id.clone()),
    }
}

/// Everywhere a location with one of our marks may show: what anybody observed, search by the owner's e-mail, the app's
/// installed locations, and the newest locations of the company.
async fn look(run: &mut Run, ours: &[Effect]) -> Result<BTreeMap<String, EffectId>, Stop> {
    let mut hits = BTreeMap::new();
    let mut tx = run.tx().await?;
    for effect in ours {
        for id in rows::observations(&mut tx, effect.id).await? {
            hits.insert(id, effect.id);
        }
    }
    drop(tx);
    let door = run.company().await?;
    let email = run.job.order.client.email.clone();
    let marks: Vec<(&Effect, String)> = ours.iter().map(|effect| (effect, format!("·{}", effect.marker))).collect();
    let mut see = |id: &str, name: &str, source: Source, seen: &mut Vec<(EffectId, String, Source)>| {
        if let Some((effect, _)) = marks.iter().find(|(_, mark)| name.contains(mark.as_str())) {
            hits.insert(id.to_owned(), effect.id);
            seen.push((effect.id, id.to_owned(), source));
        }
    };
    let mut seen = Vec::new();
    if !email.is_empty() {
        for location in search(run, &door, Some(&email), 5).await? {
            see(&location.id, &location.name, Source::Search, &mut seen);
        }
    }
    for location in search(run, &door, None, 2).await? {
        see(&location.id, &location.name, Source::Search, &mut seen);
    }
    for effect in ours.iter().filter(|effect| effect.state == EffectState::InDoubt) {
        let query = auth::Installed { name: Some(&effect.marker), ..auth::Installed::of(&door.resource) };
        let page = auth::installed_locations(&door.ghl, door.call(), &query)
            .await
            .map_err(|error| Stop::outside(run.step, &error))?;
        for location in page.locations {
            see(&location.id, &location.name, Source::List, &mut seen);
        }
    }
    let mut tx = run.tx().await?;
    for (effect, id, source) in seen {
        rows::observe(&mut tx, effect, source, &id, run.worker.me).await?;
    }
    run.commit(tx).await?;
    Ok(hits)
}

/// Some pages of the company's locations, newest first.
async fn search(run: &Run, door: &Door, email: Option<&str>, pages: u32) -> Result<Vec<Location>, Stop> {
    let mut all = Vec::new();
    for page in 0..pages {
        let query = Search { email, skip: page * 100, limit: 100, newest_first: true, ..Search::of(&door.resource) };
        let found =
            locations::search(&door.ghl, door.call(), &query).await.map_err(|error| Stop::outside(run.step, &error))?;
        let last = found.len() < 100;
        all.extend(found);
        if last {
            break;
        }
    }
    Ok(all)
}

fn found(location: &str, effect: EffectId) -> Made {
    Made {
        message: format!("Found location {location} by its mark: it had been created after all."),
        output: json!({ "location_id": location, "found": true }),
        confirmed: vec![(effect, location.to_owned())],
        location: Some(location.to_owned()),
        business: None,
    }
}

/// Counts an empty look for each write in doubt; rests until they are certain.
async fn nothing_found(run: &Run, ours: &[Effect]) -> Result<(), Stop> {
    let mut rest = None;
    for effect in ours.iter().filter(|effect| effect.state == EffectState::InDoubt) {
        let mut tx = run.tx().await?;
        match rows::looked(&mut tx, &run.job.fence, effect.id, run.worker.pace.of(LOOK_GAP)).await? {
            Look::Again(left) => rest = Some(left),
            Look::Absent => watch(&mut tx, run).await?,
        }
        run.commit(tx).await?;
    }
    match rest {
        None => Ok(()),
        Some(left) => {
            Err(Stop::wait("Looking whether HighLevel created the location after all.", run.worker.pace.real(left)))
        }
    }
}

/// Goes on looking for a given-up mark for a day, apart from the job.
async fn watch(tx: &mut TenantTx, run: &Run) -> Result<(), Stop> {
    let job = run.job.fence.job;
    let work = queue::Work::new(work::Kind::SweepMarkers).subject(job).once(format!("markers:{job}"));
    queue::add_in(tx, &work, run.worker.pace.of(minutes(10))).await?;
    Ok(())
}

/// The location a person named, if they did.
async fn adopted(run: &mut Run) -> Result<Option<Made>, Stop> {
    let input = run.input();
    let Some(("adopt", Some(id))) = answer(&input) else { return Ok(None) };
    let door = run.company().await?;
    let location = match locations::get(&door.ghl, door.call(), id).await {
        Ok(location) => location,
        Err(error) if matches!(error.kind, Kind::NotFound | Kind::Refused(Reason::Location) | Kind::Invalid(_)) => {
            let what = format!("HighLevel knows no location {id} in this company.");
            return Err(Stop::Ask(Box::new(named(run, &what))));
        }
        Err(error) => return Err(Stop::outside(run.step, &error)),
    };
    if location.company_id.as_ref().is_some_and(|company| *company != door.resource) {
        return Err(Stop::Ask(Box::new(named(run, &format!("The location {id} belongs to another company.")))));
    }
    let ours = run.effects().await?;
    let mut made =
        Made::new(format!("Took location {id} as the client's."), json!({ "location_id": id, "adopted": true }));
    made.location = Some(id.to_owned());
    let mut tx = run.tx().await?;
    for effect in ours.iter().filter(|effect| may_exist(effect) && effect.state != EffectState::Confirmed) {
        if location.name.contains(&format!("·{}", effect.marker)) {
            made.confirmed.push((effect.id, id.to_owned()));
        } else if effect.state == EffectState::InDoubt {
            rows::abandon(&mut tx, &run.job.fence, effect.id).await?;
            watch(&mut tx, run).await?;
        }
    }
    run.commit(tx).await?;
    Ok(Some(made))
}

fn adopt(label: &str, value: Option<String>) -> Choice {
    Choice {
        key: "adopt".into(),
        label: label.into(),
        consequence: "The job goes on with this location.".into(),
        needs: value.is_none().then(|| "Location id".into()),
        value,
    }
}

fn named(run: &Run, what: &str) -> Question {
    Question {
        kind: QuestionKind::DoByHand,
        ask: "Which location is the client's?".into(),
        choices: vec![
            adopt("Use this location", None),
            choice("again", "Create one", "A location is created by this job."),
        ],
        ..decide(run.step, what, "Nothing was changed.")
    }
}

fn which(run: &Run, found: Vec<String>) -> Question {
    let what = format!("Several locations carry this job's mark: {}.", found.join(", "));
    let choices = found.into_iter().map(|id| adopt(&format!("Use {id}"), Some(id))).collect();
    Question {
        kind: QuestionKind::ChooseLocation,
        ask: "Which one is the client's? The others stay as they are and have to be removed in HighLevel.".into(),
        choices,
        ..decide(run.step, &what, "The client exists more than once in HighLevel, and each location may be billed.")
    }
}

/// HighLevel does not let this agency's plan create locations through the API; a person can.
fn by_hand(run: &Run, error: &ghl::Error) -> Question {
    let what =
        format!("HighLevel refused: the agency's plan does not allow creating locations by API ({}).", error.message);
    Question {
        kind: QuestionKind::DoByHand,
        ask: format!(
            "Create the location “{}” in HighLevel and give its id here, or change the plan.",
            run.job.order.client.name
        ),
        choices: vec![
            adopt("I created it", None),
            choice("again", "The plan is changed", "The location is created by this job."),
        ],
        ..decide(run.step, &what, "Nothing was created.")
    }
}

/// HighLevel lets no app delete a location, so it gets a name that says so, and a person is told.
async fn park(run: &mut Run, location: &str) -> Result<Undone, Stop> {
    let name: String = format!("[parked] {}", run.job.order.client.name);
    let door = run.company().await?;
    let todo = vec![TodoItem {
        what: format!("Delete location {location} in HighLevel"),
        why: format!("It is parked as “{name}”; apps cannot delete locations."),
    }];
    let parked = Undone { done: vec![format!("Location {location} is parked as “{name}”.")], todo };
    let now = match locations::get(&door.ghl, door.call(), location).await {
        Ok(now) => now,
        Err(error) if error.kind == Kind::NotFound => {
            return Ok(Undone { done: vec![format!("Location {location} is gone already.")], todo: Vec::new() });
        }
        Err(error) => return Err(Stop::outside(run.step, &error)),
    };
    run.settle(|effect| crate::provisioning::run::is(effect, PARK, &now.name).then(|| location.to_owned())).await?;
    if now.name == name {
        return Ok(parked);
    }
    let change =
        locations::LocationChange { company_id: door.resource.clone(), name: Some(name.clone()), ..Default::default() };
    let id = location.to_owned();
    let call = async move { locations::update(&door.ghl, door.call(), &id, &change).await };
    match run.send(Planned::on(PARK, location, &name), |location: &Location| location.id.clone(), call).await? {
        Ok(sent) => run.confirm(&sent).await.map(|()| parked),
        Err(error) => Err(Stop::outside(run.step, &error)),
    }
}
