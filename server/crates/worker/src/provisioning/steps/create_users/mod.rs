//! CREATE_USERS creates the client's people in HighLevel. A person whom HighLevel knows in this company is added to the
//! location. Any other person is created with a random password that is never stored; HighLevel mails them and they
//! choose their own. One refused person does not block the others; staff decide about that person.

mod refused;
mod user_lease;

use domain::provisioning::{NewUser, TodoItem, UserRole};
use domain::todos::TodoKind;
use ghl::users::{self, Role, User, UserType};
use rand::seq::IndexedRandom;
use secrecy::SecretString;
use serde_json::{Value, json};

use self::user_lease::{lease_user, put, release};
use crate::provisioning::ghl_access::GhlAccess;
use crate::provisioning::planned_write::{PlannedWrite, matches_effect};
use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone};

pub use self::refused::{left_out, left_to_a_person};

const CREATE: &str = "create_user";
const ADD: &str = "add_user";
const DETACH: &str = "detach_user";

pub struct Work;

impl StepWork for Work {
    async fn find(run: &mut Run) -> Result<Option<Made>, Stop> {
        if run.job.location.is_none() || (run.job.order.users.is_empty() && run.effects().await?.is_empty()) {
            return Ok(run.job.order.users.is_empty().then(|| Made::new("No users were ordered.", json!({}))));
        }
        let location = run.location()?;
        let ghl_access = run.company().await?;
        let known = read(run, &ghl_access).await?;
        run.settle(|effect| {
            let here = |user: &&User| user.location_ids.contains(&location);
            let made = known.iter().filter(here).find(|user| {
                matches_effect(effect, CREATE, &fold(user.email.as_deref())) || matches_effect(effect, ADD, &user.id)
            });
            let gone = known.iter().find(|user| matches_effect(effect, DETACH, &user.id) && !here(user));
            made.or(gone).map(|user| user.id.clone())
        })
        .await?;
        if run.undoing {
            run.people = Some(known);
            return Ok(None);
        }
        refused::note_answer(run).await?;
        let left = left_out(run);
        let wanted = run.job.order.users.iter().filter(|wanted| !left.contains(&fold(Some(&wanted.email))));
        let all =
            wanted.clone().all(|wanted| known.iter().any(|user| same(user, &wanted.email) && reaches(user, &location)));
        if all {
            release(run).await?;
            return Ok(Some(done(run, &known)));
        }
        run.people = Some(known);
        Ok(None)
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let location = run.location()?;
        let ghl_access = run.company().await?;
        let known = match run.people.take() {
            Some(known) => known,
            None => read(run, &ghl_access).await?,
        };
        let (left, mut refused) = (left_out(run), Vec::new());
        for wanted in run.job.order.users.clone() {
            if left.contains(&fold(Some(&wanted.email))) {
                continue;
            }
            let no = match known.iter().find(|user| same(user, &wanted.email)) {
                Some(user) if reaches(user, &location) => None,
                Some(user) => add(run, &ghl_access, user, &location).await?,
                None => create(run, &ghl_access, &wanted, &location).await?,
            };
            refused.extend(no.map(|why| (wanted.email, why)));
        }
        if refused.is_empty() {
            return Ok(done(run, &known));
        }
        Err(Stop::Ask(Box::new(refused::question(run, &refused))))
    }

    async fn undo(run: &mut Run) -> Result<Undone, Stop> {
        let Some(location) = run.job.location.clone() else { return Ok(Undone::default()) };
        let ours = [run.confirmed(CREATE).await?, run.confirmed(ADD).await?].concat();
        if ours.is_empty() {
            return Ok(Undone::default());
        }
        let ghl_access = run.company().await?;
        let mut undone = Undone::default();
        for user in read(run, &ghl_access).await?.into_iter().filter(|user| ours.contains(&user.id)) {
            let Some(user) = lease_user(run, &ghl_access, &user).await? else { continue };
            let name = name(&user);
            let others: Vec<String> = user.location_ids.iter().filter(|id| **id != location).cloned().collect();
            if others.len() == user.location_ids.len() {
                undone.done.push(format!("{name} is no longer in the sub-account."));
            } else if others.is_empty() {
                // A HighLevel user needs at least one location, and this app does not delete people.
                let what = format!("Remove {name} in HighLevel");
                let item = TodoItem::new(
                    TodoKind::RemoveUser,
                    what,
                    "They belong only to the sub-account that was renamed “[parked] …”.",
                );
                undone.todo.push(item.about(user.id.clone()));
            } else {
                let planned = PlannedWrite::on(DETACH, &user.id, &user.id);
                let detached = put(run, &ghl_access, planned, &user.id, others).await?;
                detached.map_err(|error| Stop::outside(run.step, &error))?;
                undone.done.push(format!("{name} is no longer in the sub-account."));
            }
            release(run).await?;
        }
        Ok(undone)
    }
}

/// Returns true if a person has access to the location: as one of its users, or as an agency user, who sees every
/// client.
#[must_use]
pub fn reaches(user: &User, location: &str) -> bool {
    user.location_ids.iter().any(|id| id == location) || user.kind == Some(UserType::Agency)
}

fn done(run: &Run, known: &[User]) -> Made {
    let left = left_out(run);
    let count = run.job.order.users.len() - left.len();
    let differs: Vec<String> = run.job.order.users.iter().filter_map(|wanted| differs(wanted, known)).collect();
    let people = if count == 1 { "1 person is".to_owned() } else { format!("{count} people are") };
    let mut message = format!("{people} in the sub-account.");
    for what in &differs {
        message.push(' ');
        message.push_str(what);
    }
    Made::new(message, json!({ "people": count, "left_out": left, "differs": differs }))
}

/// Describes how a person whom HighLevel already knew differs from the order. Such a person is never changed
/// without being asked.
fn differs(wanted: &NewUser, known: &[User]) -> Option<String> {
    let user = known.iter().find(|user| same(user, &wanted.email))?;
    if user.kind == Some(UserType::Agency) {
        return Some(format!("{} works for the agency and sees every client, so nothing was changed.", wanted.email));
    }
    let role = user.role.as_ref().filter(|role| **role != role_of(wanted))?;
    let (is, asked) = (role.as_str().to_owned(), role_of(wanted));
    Some(format!("{} keeps the role “{is}”; “{}” was ordered.", wanted.email, asked.as_str()))
}

fn role_of(wanted: &NewUser) -> Role {
    match wanted.role {
        UserRole::Admin => Role::Admin,
        UserRole::User => Role::User,
    }
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

/// Everybody in the order whom the company already knows.
async fn read(run: &Run, ghl_access: &GhlAccess) -> Result<Vec<User>, Stop> {
    let mut known = Vec::new();
    for wanted in &run.job.order.users {
        known.extend(of(run, ghl_access, &wanted.email).await?);
    }
    Ok(known)
}

async fn of(run: &Run, ghl_access: &GhlAccess, email: &str) -> Result<Vec<User>, Stop> {
    let found = users::find(&ghl_access.ghl, ghl_access.call(), &ghl_access.resource, email).await;
    found.map_err(|error| Stop::outside(run.step, &error))
}

/// Adds a location to a person's list. HighLevel replaces the whole list (HighLevel API, users), so the old list
/// is sent with ours added. The list is read again while the person is leased, because another job may have added
/// its location since. Returns HighLevel's reason if it refuses this person.
async fn add(run: &mut Run, ghl_access: &GhlAccess, user: &User, location: &str) -> Result<Option<String>, Stop> {
    let Some(user) = lease_user(run, ghl_access, user).await? else {
        return Err(Stop::again("gone", format!("{} was removed from HighLevel just now.", name(user))));
    };
    let mut locations = user.location_ids.clone();
    let mut no = None;
    if !locations.iter().any(|have| have == location) {
        locations.push(location.to_owned());
        if let Err(error) = put(run, ghl_access, PlannedWrite::on(ADD, &user.id, &user.id), &user.id, locations).await?
        {
            no = Some(refused::why(run, error)?);
        }
    }
    release(run).await?;
    Ok(no)
}

/// Creates a person. Returns HighLevel's reason if it refuses this person. A refusal alone does not prove
/// anything, so it checks whether the person is there after all.
async fn create(
    run: &mut Run,
    ghl_access: &GhlAccess,
    wanted: &NewUser,
    location: &str,
) -> Result<Option<String>, Stop> {
    let new = users::NewUser {
        company_id: ghl_access.resource.clone(),
        first_name: wanted.first_name.clone(),
        last_name: wanted.last_name.clone(),
        email: wanted.email.clone(),
        password: password(),
        phone: None,
        kind: UserType::Account,
        role: role_of(wanted),
        location_ids: vec![location.to_owned()],
    };
    let (sender, identity) = (ghl_access.clone(), fold(Some(&wanted.email)));
    let call = async move { users::create(&sender.ghl, sender.call(), &new).await };
    match run.send(PlannedWrite::new(CREATE, &identity).late(), |user: &User| user.id.clone(), call).await? {
        Ok(sent) => run.confirm(&sent).await.map(|()| None),
        Err(error) => {
            let why = refused::why(run, error)?;
            let there = of(run, ghl_access, &wanted.email).await?;
            let made = there.iter().find(|user| user.location_ids.iter().any(|id| id == location));
            let seen = run.recognise(|effect| {
                made.filter(|_| matches_effect(effect, CREATE, &identity)).map(|user| user.id.clone())
            });
            Ok((seen.await? == 0).then_some(why))
        }
    }
}

/// 24 characters of every class that HighLevel may require. Nobody ever reads it.
fn password() -> SecretString {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let mut rng = rand::rng();
    let random: String = (0..20).filter_map(|_| LETTERS.choose(&mut rng).map(|byte| char::from(*byte))).collect();
    SecretString::from(format!("{random}-Aa7"))
}

/// A list of texts from the step's stored output.
fn noted(run: &Run, what: &str) -> Vec<String> {
    let output = run.output(domain::provisioning::Step::CreateUsers);
    let list = output.get(what).and_then(Value::as_array).cloned().unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
