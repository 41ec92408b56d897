//! Saves, renames and deletes views of lists. The menu that sends these forms stands in the toolbar of each list
//! (`kit::SavedViews`).

use domain::SavedViewId;
use leptos::prelude::*;
use operations::saved_views::{self, NewView};
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;

/// Saves the search, filters and order of a list under a name.
#[server(prefix = "/do", endpoint = "save_view")]
pub async fn save_view(
    list: String,
    name: String,
    query: String,
    #[server(default)] shared: Option<String>,
) -> Result<()> {
    let context = server_context()?;
    let new = NewView { list: &list, query: &query, name: &name, shared: shared.is_some() };
    let name = saved_views::save(&context.actor()?, new).await?;
    flash_notice(&context, "save_view", format!("Saved \u{201c}{name}\u{201d}. You'll find it under Views.")).await
}

/// Renames a saved view and sets who sees it.
#[server(prefix = "/do", endpoint = "rename_view")]
pub async fn rename_view(id: SavedViewId, name: String, #[server(default)] shared: Option<String>) -> Result<()> {
    let context = server_context()?;
    let name = saved_views::rename(&context.actor()?, id, &name, shared.is_some()).await?;
    flash_notice(&context, "rename_view", format!("Saved \u{201c}{name}\u{201d}.")).await
}

/// Deletes a saved view.
#[server(prefix = "/do", endpoint = "remove_view")]
pub async fn remove_view(id: SavedViewId) -> Result<()> {
    let context = server_context()?;
    let name = saved_views::remove(&context.actor()?, id).await?;
    flash_notice(&context, "remove_view", format!("Deleted the view \u{201c}{name}\u{201d}.")).await
}
