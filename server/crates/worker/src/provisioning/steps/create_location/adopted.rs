//! Checks whether the job may adopt a location that a person named. It must not adopt a location of another company or
//! of another job.

use domain::provisioning::{EffectState, LogLevel};
use ghl::locations::{self, Location};
use serde_json::json;
use store::provisioning::{self as rows, Effect, LocationUse, MarkedIn};

use super::{enqueue_marker_search, may_exist, questions};
use crate::provisioning::location_markers;
use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, Stop, answer, is_gone};

/// Returns the location that a person named, or `None` if nobody named one.
pub async fn adopted(run: &mut Run) -> Result<Option<Made>, Stop> {
    let input = run.input();
    let Some(("adopt", Some(id))) = answer(&input) else { return Ok(None) };
    let mut tx = run.tx().await?;
    let others = rows::others(&mut tx, run.job.fence.job, id).await?;
    drop(tx);
    if let Some(number) = others.has {
        return not_taken(run, &format!("Sub-account {id} belongs to job #{number} already.")).await;
    }
    let ghl_access = run.company().await?;
    let location = match locations::get(&ghl_access.ghl, ghl_access.call(), id).await {
        Ok(location) => location,
        Err(error) if is_gone(&error) => {
            let said = format!("There's no sub-account with the ID \u{201c}{id}\u{201d} in your HighLevel account.");
            return not_taken(run, &said).await;
        }
        Err(error) => return Err(Stop::outside(run.step, &error)),
    };
    if location.company_id.as_ref().is_some_and(|company| *company != ghl_access.resource) {
        let said = format!("The sub-account with the ID \u{201c}{id}\u{201d} belongs to another HighLevel account.");
        return not_taken(run, &said).await;
    }
    take(run, &location, id, others).await.map(Some)
}

/// Asks the person the same question again, with the error at the field that they filled in. A job that is being undone
/// needs no location, so it continues as if there were no answer.
async fn not_taken(run: &Run, what: &str) -> Result<Option<Made>, Stop> {
    run.line(LogLevel::Warn, what, None).await?;
    if run.undoing {
        return Ok(None);
    }
    let asked = run.input().get("asked").cloned().and_then(|asked| serde_json::from_value(asked).ok());
    Err(Stop::Ask(Box::new(questions::again(run, asked, what))))
}

/// Adopts the location and settles the job's earlier writes: each either created this location or is given up.
async fn take(run: &Run, location: &Location, id: &str, others: LocationUse) -> Result<Made, Stop> {
    let ours = run.effects().await?;
    let mut made = Made::new(
        format!("Using sub-account {id} for the client."),
        json!({ "location_id": id, "adopted": true, "name": location.name }),
    );
    made.location = Some(id.to_owned());
    let mut tx = run.tx().await?;
    for effect in ours.iter().filter(|effect| may_exist(effect) && effect.state != EffectState::Confirmed) {
        let came_of_it = location_markers::carries(location, &effect.marker) || unmarked_but_chosen(effect);
        if came_of_it && !others.created {
            made.confirmed.push((effect.id, id.to_owned()));
        } else if effect.state == EffectState::InDoubt {
            rows::abandon(&mut tx, &run.job.fence, effect.id).await?;
            enqueue_marker_search(&mut tx, run).await?;
        }
    }
    run.commit(tx).await?;
    Ok(made)
}

/// Returns true for a write in doubt without a marker. If a person names a location, it is taken as the result of
/// that write, because that is what the person looked for.
fn unmarked_but_chosen(effect: &Effect) -> bool {
    effect.marked_in == Some(MarkedIn::Nowhere) && effect.state == EffectState::InDoubt
}
