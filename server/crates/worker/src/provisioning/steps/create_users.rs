//! CREATE_USERS: the client's people in HighLevel. A person HighLevel knows in this company is added to the location, anybody
//! else is created with a random password that is never kept: HighLevel mails them, and they set their own.

use std::time::Duration;

use domain::provisioning::{TodoItem, UserRole};
use ghl::Kind;
use ghl::users::{self, NewUser, Role, User, UserChange, UserType};
use rand::seq::IndexedRandom;
use secrecy::SecretString;
use serde_json::json;
use store::provisioning as rows;

use crate::pace::secs;
use crate::provisioning::door::Door;
use crate::provisioning::planned::{Planned, is};
use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone, decide};
use crate::retry;

const CREATE: &str = "create_user";
const ADD: &str = "add_user";
const DETACH: &str = "detach_user";
/// Longer than reading a person and writing them back may take.
const ALONE: Duration = secs(100);

pub struct Work;

impl StepWork for Work {
    async fn find(run: &mut Run) -> Result<Option<Made>, Stop> {
        if run.job.location.is_none() || (run.job.order.users.is_empty() && run.effects().await?.is_empty()) {
            return Ok(run.job.order.users.is_empty().then(|| Made::new("Nobody was to be added.", json!({}))));
        }
        let location = run.location()?;
        let door = run.company().await?;
        let known = read(run, &door).await?;
        let here = |user: &&User| user.location_ids.contains(&location);
        run.settle(|effect| {
            let made = known
                .iter()
                .filter(here)
                .find(|user| is(effect, CREATE, &fold(user.email.as_deref())) || is(effect, ADD, &user.id));
            let gone = known.iter().find(|user| is(effect, DETACH, &user.id) && !here(user));
            made.or(gone).map(|user| user.id.clone())
        })
        .await?;
        let all =
            run.job.order.users.iter().all(|wanted| known.iter().filter(here).any(|user| same(user, &wanted.email)));
        run.people = Some(known);
        if all && !run.undoing {
            release(run).await?;
        }
        Ok((all && !run.undoing).then(|| done(run.job.order.users.len())))
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let location = run.location()?;
        let door = run.company().await?;
        let known = match run.people.take() {
            Some(known) => known,
            None => read(run, &door).await?,
        };
        for wanted in run.job.order.users.clone() {
            match known.iter().find(|user| same(user, &wanted.email)) {
                Some(user) if user.location_ids.contains(&location) => {}
                Some(user) => add(run, &door, user, &location).await?,
                None => create(run, &door, &wanted, &location).await?,
            }
        }
        Ok(done(run.job.order.users.len()))
    }

    async fn undo(run: &mut Run) -> Result<Undone, Stop> {
        let Some(location) = run.job.location.clone() else { return Ok(Undone::default()) };
        let ours = [run.confirmed(CREATE).await?, run.confirmed(ADD).await?].concat();
        if ours.is_empty() {
            return Ok(Undone::default());
        }
        let door = run.company().await?;
        let mut undone = Undone::default();
        for user in read(run, &door).await?.into_iter().filter(|user| ours.contains(&user.id)) {
            let Some(user) = alone(run, &door, &user).await? else { continue };
            let name = name(&user);
            let others: Vec<String> = user.location_ids.iter().filter(|id| **id != location).cloned().collect();
            if others.len() == user.location_ids.len() {
                undone.done.push(format!("{name} is no longer in the location."));
            } else if others.is_empty() {
                // A person of one location cannot be without any; deleting people is not ours to do.
                undone.todo.push(TodoItem {
                    what: format!("Remove {name} in HighLevel"),
                    why: "They belong to the parked location only.".into(),
                });
            } else {
                let planned = Planned::on(DETACH, &user.id, &user.id);
                put(run, &door, planned, &user.id, others).await?;
                undone.done.push(format!("{name} is no longer in the location."));
            }
            release(run).await?;
        }
        Ok(undone)
    }
}

fn done(count: usize) -> Made {
    Made::new(format!("{count} people are in the location."), json!({ "people": count }))
}

fn name(user: &User) -> String {
    user.email.clone().unwrap_or_else(|| user.id.clone())
}

fn fold(email: Option<&str>) -> String {
    email.unwrap_or_default().trim().to_lowercase()
}

fn same(user: &User, email: &str) -> bool {
    fold(user.email.as_deref()) == fold(Some(email))
}

/// Everybody of the order whom the company knows.
async fn read(run: &Run, door: &Door) -> Result<Vec<User>, Stop> {
    let mut known = Vec::new();
    for wanted in &run.job.order.users {
        known.extend(
            users::find(&door.ghl, door.call(), &door.resource, &wanted.email)
                .await
                .map_err(|error| Stop::outside(run.step, &error))?,
        );
    }
    Ok(known)
}

/// The list of locations replaces the old one (HighLevel API, users), so it is the old one and ours. What was read a moment ago
/// is no such list: another job may have added its location since.
async fn add(run: &mut Run, door: &Door, user: &User, location: &str) -> Result<(), Stop> {
    let Some(user) = alone(run, door, user).await? else {
        return Err(Stop::again("gone", format!("{} was removed from HighLevel just now.", name(user))));
    };
    let mut locations = user.location_ids.clone();
    if !locations.iter().any(|have| have == location) {
        locations.push(location.to_owned());
        put(run, door, Planned::on(ADD, &user.id, &user.id), &user.id, locations).await?;
    }
    release(run).await
}

/// The person as they are now, whom no other job changes until [`release`]. Nothing when HighLevel does not know them any more.
async fn alone(run: &Run, door: &Door, user: &User) -> Result<Option<User>, Stop> {
    let mut tx = run.tx().await?;
    let taken = rows::hold_person(&mut tx, &run.job.fence, &user.id, run.worker.pace.of(ALONE)).await?;
    run.commit(tx).await?;
    if let Some(left) = taken {
        let reason = format!("Another job changes the locations of {} just now.", name(user));
        return Err(Stop::wait(reason, retry::around(run.worker.pace.real(left).min(secs(5)))));
    }
    let email = user.email.as_deref().unwrap_or_default();
    let now = users::find(&door.ghl, door.call(), &door.resource, email).await;
    let now = now.map_err(|error| Stop::outside(run.step, &error))?;
    Ok(now.into_iter().find(|found| found.id == user.id))
}

async fn release(run: &Run) -> Result<(), Stop> {
    let mut tx = run.tx().await?;
    rows::release_people(&mut tx, &run.job.fence).await?;
    run.commit(tx).await
}

async fn put(run: &mut Run, door: &Door, planned: Planned, id: &str, locations: Vec<String>) -> Result<(), Stop> {
    let mut tx = run.tx().await?;
    let kept = rows::keep_person(&mut tx, &run.job.fence, id, run.worker.pace.of(ALONE)).await?;
    run.commit(tx).await?;
    if !kept {
        return Err(Stop::wait("Another job changed a person's locations meanwhile; reading them anew.", secs(1)));
    }
    let change =
        UserChange { company_id: door.resource.clone(), location_ids: Some(locations), ..UserChange::default() };
    let (door, id) = (door.clone(), id.to_owned());
    let call = async move { users::update(&door.ghl, door.call(), &id, &change).await };
    let sent = run.send(planned, |user: &User| user.id.clone(), call).await?;
    run.confirm(&sent.map_err(|error| Stop::outside(run.step, &error))?).await
}

async fn create(
    run: &mut Run,
    door: &Door,
    wanted: &domain::provisioning::NewUser,
    location: &str,
) -> Result<(), Stop> {
    let new = NewUser {
        company_id: door.resource.clone(),
        first_name: wanted.first_name.clone(),
        last_name: wanted.last_name.clone(),
        email: wanted.email.clone(),
        password: password(),
        phone: None,
        kind: UserType::Account,
        role: match wanted.role {
            UserRole::Admin => Role::Admin,
            UserRole::User => Role::User,
        },
        location_ids: vec![location.to_owned()],
    };
    let door = door.clone();
    let call = async move { users::create(&door.ghl, door.call(), &new).await };
    match run.send(Planned::new(CREATE, &fold(Some(&wanted.email))), |user: &User| user.id.clone(), call).await? {
        Ok(sent) => run.confirm(&sent).await,
        Err(error) if matches!(error.kind, Kind::Invalid(_)) => {
            let what = format!("HighLevel did not take {}: {}.", wanted.email, error.message);
            Err(Stop::Ask(Box::new(decide(
                run.step,
                &what,
                "The address may belong to another company there. Everybody before them in the list is added.",
            ))))
        }
        Err(error) => Err(Stop::outside(run.step, &error)),
    }
}

/// Twenty-four characters of every class HighLevel may ask for; nobody ever reads it.
fn password() -> SecretString {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let mut rng = rand::rng();
    let random: String = (0..20).filter_map(|_| LETTERS.choose(&mut rng).map(|byte| char::from(*byte))).collect();
    SecretString::from(format!("{random}-Aa7"))
}
