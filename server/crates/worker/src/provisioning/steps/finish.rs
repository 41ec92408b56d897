//! FINISH: the location gets its final name and address, is read back, and a person is told what is left for them.

use domain::provisioning::{Step, StepStatus, Summary, TodoItem};
use ghl::locations::{self, Location, LocationChange, Prospect};
use serde_json::json;

use crate::provisioning::marks;
use crate::provisioning::planned::{Planned, is};
use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone};

/// What our write of this step is called.
const RENAME: &str = "finish_location";

pub struct Work;

impl StepWork for Work {
    async fn find(run: &mut Run) -> Result<Option<Made>, Stop> {
        let name = final_name(run);
        let id = run.location()?;
        let door = run.company().await?;
        let there =
            locations::get(&door.ghl, door.call(), &id).await.map_err(|error| Stop::outside(run.step, &error))?;
        let email = there.email.clone().unwrap_or_default();
        let written = |effect: &_| is(effect, RENAME, &there.name) || is(effect, RENAME, &both(&there.name, &email));
        run.settle(|effect| written(effect).then(|| id.clone())).await?;
        Ok((there.name == name && owner(run, &there).is_none()).then(|| done(run, &id)))
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let name = final_name(run);
        let id = run.location()?;
        let door = run.company().await?;
        let prospect = match run.was_marked_in_email().await? {
            true => {
                let before = locations::get(&door.ghl, door.call(), &id).await;
                owner(run, &before.map_err(|error| Stop::outside(run.step, &error))?)
            }
            false => None,
        };
        let nature = prospect.as_ref().map_or_else(|| name.clone(), |owner| both(&name, &owner.email));
        let change = LocationChange {
            company_id: door.resource.clone(),
            name: Some(name.clone()),
            prospect,
            ..LocationChange::default()
        };
        let (writer, target) = (door.clone(), id.clone());
        let call = async move { locations::update(&writer.ghl, writer.call(), &target, &change).await };
        let sent = run.send(Planned::on(RENAME, &id, &nature), |location: &Location| location.id.clone(), call).await?;
        run.confirm(&sent.map_err(|error| Stop::outside(run.step, &error))?).await?;
        let there =
            locations::get(&door.ghl, door.call(), &id).await.map_err(|error| Stop::outside(run.step, &error))?;
        if there.name != name {
            return Err(Stop::again(
                "different",
                format!("HighLevel took the name “{name}” and shows “{}”.", there.name),
            ));
        }
        Ok(done(run, &id))
    }

    async fn undo(_: &mut Run) -> Result<Undone, Stop> {
        Ok(Undone::default())
    }
}

/// The owner as ordered, where their address still carries a mark.
fn owner(run: &Run, there: &Location) -> Option<Prospect> {
    let bare = marks::untagged(there.email.as_deref()?)?;
    marks::prospect(&run.job.order.client).filter(|owner| owner.email.eq_ignore_ascii_case(&bare))
}

/// Name and address in one, as the nature of a write that sets both.
fn both(name: &str, email: &str) -> String {
    format!("{name}|{email}")
}

/// The client's name without the mark. An adopted location keeps whatever a person called it when that begins alike.
fn final_name(run: &Run) -> String {
    run.job.order.client.name.clone()
}

fn done(run: &Run, location: &str) -> Made {
    let summary = summary(run, location);
    Made::new("The location has its final name.", json!({ "location_id": location, "summary": summary }))
}

fn summary(run: &Run, location: &str) -> Summary {
    let mut summary = Summary { done: vec![format!("Location {location} is ready.")], todo: Vec::new() };
    for step in Step::ALL.into_iter().filter(|step| left_out(run, *step)) {
        let why = step.skip_consequence().unwrap_or_default().to_owned();
        summary.todo.push(TodoItem { what: format!("“{}” was left out", step.label()), why });
    }
    if !run.job.order.users.is_empty() {
        summary.todo.push(TodoItem {
            what: "Ask the client's people to set a password".into(),
            why: "HighLevel mails them; the one we sent is random and not kept.".into(),
        });
    }
    if !run.job.order.invite_owner {
        summary
            .todo
            .push(TodoItem { what: "Invite the owner".into(), why: "Nobody was invited to the business here.".into() });
    }
    if run.job.snapshot.is_some() {
        summary.todo.push(TodoItem {
            what: "Publish the workflows of the snapshot".into(),
            why: "HighLevel loads them as drafts.".into(),
        });
    }
    summary
}

fn left_out(run: &Run, step: Step) -> bool {
    let skipped = run.row(step).is_some_and(|row| row.status == Some(StepStatus::Skipped));
    skipped && !(step.needs_snapshot() && run.job.order.snapshot_id.is_none())
}
