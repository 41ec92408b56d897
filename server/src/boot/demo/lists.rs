//! Fills in what people add in the demo world: what snapshots are for, a saved view that is shared, and the draft of a client.

use anyhow::Context;
use domain::AgencyId;
use domain::identity::Reach;
use domain::page::ListQuery;
use store::tenant::{Scope, TenantTx};

use crate::boot::compose::Core;

/// Snapshots with their industry and description.
const SNAPSHOTS: [(&str, &str, &str); 2] = [
    ("Dental Pro", "Dental", "Booking, recall campaigns and review requests for dental practices"),
    ("Fitness Studio", "Fitness", "Class schedule, trial week and membership follow-up"),
];

/// The draft of a client that Maya did not create yet.
const DRAFT: &str = "0197a000-0000-7000-8000-00000000d4af";
const DRAFTED: [(&str, &str); 6] = [
    ("/client/name", "Pelican Bay Dental"),
    ("/client/email", "owner@pelicanbay.example"),
    ("/client/city", "Naples"),
    ("/client/state", "FL"),
    ("/client/country", "US"),
    ("/invite_owner", "on"),
];

/// Describes the snapshots that nobody described yet, and saves a view of the jobs and a draft.
///
/// # Errors
/// When the database fails, or the demo people are not there.
pub async fn add(core: &Core, agency: AgencyId) -> anyhow::Result<()> {
    let maya = store::identity::auth_user(&core.db, "maya@harbor.test").await?.context("Maya is not there")?.id;
    let scope = Scope::Agency { user: Some(maya), agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&core.db, scope).await?;
    for known in store::snapshots::list(&mut tx, &ListQuery::default()).await?.rows {
        let words = SNAPSHOTS.iter().find(|(name, ..)| *name == known.name && known.niche.is_none());
        if let Some((_, industry, text)) = words {
            store::snapshots::describe(&mut tx, known.id, Some(industry), Some(text)).await?;
        }
    }
    let jobs = store::saved_views::list_of("jobs").context("the list of jobs is not there")?;
    store::saved_views::save(&mut tx, jobs, "Failed, newest first", "view=failed&sort=-created", true).await?;
    let fields = DRAFTED.map(|(name, value)| (name.to_owned(), value.to_owned()));
    store::drafts::save(&mut tx, DRAFT.parse()?, &fields.into()).await?;
    Ok(tx.commit().await?)
}
