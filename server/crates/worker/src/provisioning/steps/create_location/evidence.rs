//! Collects evidence that a location was created: stored observations, a search by the owner's e-mail, the app's
//! installed locations and the newest locations of the company. No source is complete, because search lags and does not
//! find names.

use std::collections::BTreeMap;

use domain::EffectId;
use ghl::auth;
use ghl::locations::{self, Location, Search};
use store::provisioning::{self as rows, Effect, MarkedIn, Source};

use crate::provisioning::ghl_access::GhlAccess;
use crate::provisioning::location_markers;
use crate::provisioning::run::Run;
use crate::provisioning::step::Stop;

/// Number of pages of the newest locations to read, 100 locations each.
const NEWEST: u32 = 2;

/// The evidence found.
#[derive(Debug, Default)]
pub struct Seen {
    /// Locations that carry a marker of ours, each with the write that created it.
    pub hits: BTreeMap<String, EffectId>,
    /// New locations with exactly the client's name and no marker.
    pub alike: Vec<Location>,
}

/// Searches all sources.
pub async fn look(run: &mut Run, ours: &[Effect]) -> Result<Seen, Stop> {
    let mut hits = BTreeMap::new();
    let mut tx = run.tx().await?;
    for effect in ours {
        for id in rows::observations(&mut tx, effect.id).await? {
            hits.insert(id, effect.id);
        }
    }
    drop(tx);
    let ghl_access = run.company().await?;
    let client = run.job.order.client.clone();
    let mut seen = Vec::new();
    for email in addresses(&client.email, ours) {
        for location in search(run, &ghl_access, Some(&email), u32::MAX).await? {
            see(ours, &location, &mut seen);
        }
    }
    let newest = search(run, &ghl_access, None, NEWEST).await?;
    for location in &newest {
        see(ours, location, &mut seen);
    }
    for effect in ours.iter().filter(in_name) {
        for (id, name) in installed(run, &ghl_access, &effect.marker).await? {
            if location_markers::names(&name, &effect.marker) {
                seen.push((effect.id, id, Source::List));
            }
        }
    }
    let mut tx = run.tx().await?;
    for (effect, id, source) in seen {
        rows::observe(&mut tx, effect, source, &id, run.worker.me).await?;
        hits.insert(id, effect);
    }
    run.commit(tx).await?;
    let alike = newest.into_iter().filter(|location| location.name == client.name).collect();
    Ok(Seen { hits, alike })
}

/// The e-mail addresses to search for: the owner's, without a marker and with each marker that was put into it.
fn addresses(email: &str, ours: &[Effect]) -> Vec<String> {
    if email.is_empty() {
        return Vec::new();
    }
    let tagged = ours.iter().filter(|effect| effect.marked_in == Some(MarkedIn::Email));
    let mut all: Vec<String> = tagged.map(|effect| location_markers::tagged(email, &effect.marker)).collect();
    if ours.iter().any(|effect| in_name(&effect)) {
        all.push(email.to_owned());
    }
    all
}

/// Writes of an older version do not record where their marker is; it was in the name.
fn in_name(effect: &&Effect) -> bool {
    effect.marked_in.is_none_or(|place| place == MarkedIn::Name)
}

fn see(ours: &[Effect], location: &Location, seen: &mut Vec<(EffectId, String, Source)>) {
    if let Some(effect) = ours.iter().find(|effect| location_markers::carries(location, &effect.marker)) {
        seen.push((effect.id, location.id.clone(), Source::Search));
    }
}

/// The installed locations whose names match a marker. This list can be searched by name and lags less than
/// search.
async fn installed(run: &Run, ghl_access: &GhlAccess, marker: &str) -> Result<Vec<(String, String)>, Stop> {
    let query = auth::Installed { name: Some(marker), ..auth::Installed::of(&ghl_access.resource) };
    let page = auth::installed_locations(&ghl_access.ghl, ghl_access.call(), &query)
        .await
        .map_err(|error| Stop::outside(run.step, &error))?;
    Ok(page.locations.into_iter().map(|location| (location.id, location.name)).collect())
}

/// Reads pages of the company's locations, newest first.
async fn search(run: &Run, ghl_access: &GhlAccess, email: Option<&str>, pages: u32) -> Result<Vec<Location>, Stop> {
    let mut all = Vec::new();
    for page in 0..pages {
        let query =
            Search { email, skip: page * 100, limit: 100, newest_first: true, ..Search::of(&ghl_access.resource) };
        let found = locations::search(&ghl_access.ghl, ghl_access.call(), &query)
            .await
            .map_err(|error| Stop::outside(run.step, &error))?;
        let last = found.len() < 100;
        all.extend(found);
        if last {
            break;
        }
    }
    Ok(all)
}
