//! Which businesses may a person give an AI agent? Those of which they may manage the tools, as a member or for their agency.

use domain::access;
use domain::identity::{Caller, Membership};
use domain::page::ListQuery;
use domain::permission::{Right, allows};
use kit::Choice;
use store::tenant::TenantTx;
use web::error::Result;
use web::guard::{ServerContext, agency_scope};

/// The most businesses of one agency that are offered. Whoever has more uses the address of the business itself.
const MOST: u16 = 100;

/// The businesses, or the one that the request of the agent names by id or slug.
pub(super) async fn choices(context: &ServerContext, named: Option<&str>) -> Result<Vec<Choice>> {
    let caller = context.caller()?;
    let mut found = own(&caller, named);
    for place in &caller.memberships {
        let Membership::Agency { slug, .. } = place else { continue };
        let Some(agency) = access::agency(&caller, slug).filter(|agency| agency.allows(Right::ToolsManage)) else {
            continue;
        };
        let mut tx = TenantTx::begin(&context.state.db, agency_scope(Some(caller.user), &agency)).await?;
        match named {
            Some(named) => {
                let known = store::businesses::find_ref(&mut tx, named).await?;
                found.extend(known.map(|one| (one.id.to_string(), one.name)));
            }
            None => {
                let query = ListQuery { limit: MOST, ..ListQuery::default() };
                let page = store::businesses::list(&mut tx, &query).await?;
                found.extend(page.rows.into_iter().map(|one| (one.id.to_string(), one.name)));
            }
        }
        tx.commit().await?;
    }
    found.sort_by(|one, other| (&one.1, &one.0).cmp(&(&other.1, &other.0)));
    found.dedup();
    Ok(found.into_iter().map(|(id, name)| Choice::new(id, name)).collect())
}

/// The businesses that a person belongs to.
fn own(caller: &Caller, named: Option<&str>) -> Vec<(String, String)> {
    let places = caller.memberships.iter().filter_map(|place| match place {
        Membership::Business { id, slug, name, role, .. } if allows(*role, Right::ToolsManage) => {
            let id = id.to_string();
            let is_meant = named.is_none_or(|named| named == slug || named == id);
            is_meant.then(|| (id, name.clone()))
        }
        _ => None,
    });
    places.collect()
}
