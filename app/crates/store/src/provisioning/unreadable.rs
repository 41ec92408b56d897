//! How does a job end that is to be undone although its stored order cannot be read? What it made is not known without
//! the order, so nothing is undone, and a person is told where to look.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::audit::Outcome;
use domain::provisioning::{EffectState, LogLevel, Summary, TodoItem};
use domain::todos::TodoKind;
use domain::work::Kind;
use serde_json::json;

use super::{Fence, MarkedIn, effects, people, steps};
use crate::audit::{self, Act};
use crate::queue::{self, Work};
use crate::{Result, TenantTx};

/// The kind of effect that creates a location.
const CREATE_LOCATION: &str = "create_location";

/// A location that only a person can recognise.
const UNMARKED: &str = "a location that this job may have created";

/// Time until the first search for a location that appears after its creation was given up.
const FIRST_SEARCH: Duration = Duration::from_secs(600);

/// What the job may have left behind.
#[derive(Default)]
struct Left {
    /// The job's location, and every location that its effects name.
    locations: BTreeSet<String>,
    /// Markers of locations that may exist: no clear answer to their creation came.
    markers: Vec<String>,
    /// Whether there may be such a location without a marker.
    unmarked: bool,
}

/// Ends a job that this worker just claimed as cancelled. Its log, its result and the audit log say what it may have
/// left in HighLevel. Writes in doubt are given up, and locations that appear later are searched for.
pub(super) async fn cancel(tx: &mut TenantTx, fence: &Fence, location: Option<&str>, has_business: bool) -> Result<()> {
    let left = give_up_writes(tx, fence, location).await?;
    people::release_people(tx, fence).await?;
    let client = if has_business { " The client that it created here stays." } else { "" };
    let text =
        format!("The stored order of this job could not be read, so nothing was undone. {}{client}", left.words());
    let payload = json!({ "locations": left.locations, "markers": left.markers });
    let act = Act::new("provisioning.not_undone", "job").object(fence.job).payload(payload);
    audit::record(tx, act.ended(Outcome::Ok, &text)).await?;
    let line = format!("The job is canceled. {text}");
    steps::end_cancelled(tx, fence, &left.summary(has_business), (LogLevel::Warn, &line), Some(&text)).await
}

/// Gives up the writes whose outcome is not known, and collects what the job's effects name.
async fn give_up_writes(tx: &mut TenantTx, fence: &Fence, location: Option<&str>) -> Result<Left> {
    let mut left = Left { locations: location.map(str::to_owned).into_iter().collect(), ..Left::default() };
    for effect in effects::all_effects(tx, fence.job).await? {
        if effect.kind == CREATE_LOCATION {
            let seen = effects::observations(tx, effect.id).await?;
            match effect.marked_in {
                _ if effect.state != EffectState::InDoubt || !seen.is_empty() => {}
                Some(MarkedIn::Nowhere) => left.unmarked = true,
                _ => left.markers.push(effect.marker),
            }
            left.locations.extend(effect.provider_ref.into_iter().chain(seen));
        }
        if effect.state == EffectState::InDoubt {
            effects::abandon(tx, fence, effect.id).await?;
        }
    }
    if !left.markers.is_empty() {
        let search = Work::new(Kind::SweepMarkers).subject(fence.job).once(format!("markers:{}", fence.job));
        queue::add_in(tx, &search, FIRST_SEARCH).await?;
    }
    Ok(left)
}

impl Left {
    /// Where to look, as a sentence.
    fn words(&self) -> String {
        let locations = self.locations.iter().map(|id| format!("location {id}"));
        let markers = self.markers.iter().map(|marker| format!("a location with the mark {marker}"));
        let unmarked = self.unmarked.then(|| UNMARKED.to_owned());
        let all: Vec<String> = locations.chain(markers).chain(unmarked).collect();
        match all.as_slice() {
            [] => "No location of it is known in HighLevel.".to_owned(),
            all => format!("Look in HighLevel for {}.", all.join(", ")),
        }
    }

    /// The same as what a person still has to do.
    fn summary(&self, has_business: bool) -> Summary {
        let todo = |what: String, why: &str| TodoItem::new(TodoKind::CleanUp, what.clone(), why).about(what);
        let unread = "The stored order of this job could not be read, so nothing was undone.";
        let locations = self.locations.iter().map(|id| todo(format!("Look at location {id} in HighLevel"), unread));
        let markers = self.markers.iter().map(|marker| format!("a location with the mark {marker}"));
        let unclear = markers.chain(self.unmarked.then(|| UNMARKED.to_owned())).map(|which| {
            todo(format!("Look in HighLevel for {which}"), "HighLevel gave no clear answer when this job created it.")
        });
        let business = has_business.then(|| todo("Look at the client that this job created here".to_owned(), unread));
        Summary { done: Vec::new(), todo: locations.chain(unclear).chain(business).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_left_is_named_one_by_one() {
        assert_eq!(Left::default().words(), "No location of it is known in HighLevel.");
        assert_eq!(Left::default().summary(false), Summary::default());
        let left = Left {
            locations: ["loc-2", "loc-1"].map(str::to_owned).into(),
            markers: vec!["0123456789".to_owned()],
            unmarked: true,
        };
        let words = "Look in HighLevel for location loc-1, location loc-2, a location with the mark 0123456789, a location that this job may have created.";
        assert_eq!(left.words(), words);
        assert_eq!(left.summary(true).todo.len(), 5);
    }
}
