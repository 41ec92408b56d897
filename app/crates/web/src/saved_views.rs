//! Reads the saved views of a list for the menu in its toolbar.

use domain::permission::Right;
use kit::ViewsOfList;
use store::page::List;

use crate::error::Result;
use crate::guard::TenantContext;

/// The saved views of a list that the caller sees.
///
/// # Errors
/// When the database refuses.
pub async fn saved_views(tenant: &mut TenantContext, list: &List) -> Result<ViewsOfList> {
    Ok(ViewsOfList {
        agency: tenant.access.slug.clone(),
        list: list.key,
        views: store::saved_views::list(&mut tenant.tx, list).await?,
        may_share: tenant.access.allows(Right::ViewsShare),
    })
}
