//! Notifications of the person who looks, and how people of the agency are told who did not choose otherwise. The
//! server functions of both pages.

mod defaults;
mod page;

use std::collections::BTreeMap;

use domain::NotificationId;
use domain::notifications::timing;
use leptos::prelude::*;
use operations::notifications;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

pub use self::defaults::NotificationDefaults;
pub use self::page::Notifications;

/// Marks one of the person's notifications as read.
#[server(prefix = "/do", endpoint = "read_notification")]
pub async fn read_notification(id: NotificationId) -> Result<()> {
    let context = server_context()?;
    Ok(notifications::read(&context.actor()?, context.caller()?.user, id).await?)
}

/// Marks all of the person's notifications in the agency as read.
#[server(prefix = "/do", endpoint = "read_all_notifications")]
pub async fn read_all_notifications() -> Result<()> {
    let context = server_context()?;
    notifications::read_all(&context.actor()?, context.caller()?.user).await?;
    flash_notice(&context, "read_all_notifications", "All caught up.").await
}

/// Changes how people of the agency are told who did not choose otherwise.
#[server(prefix = "/do", endpoint = "set_notification_defaults")]
pub async fn set_notification_defaults(#[server(flatten)] fields: BTreeMap<String, String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let choices = timing::read(&fields).map_err(Error::Invalid)?;
    notifications::set_defaults(&actor, &choices).await?;
    let text = "Saved. It applies to everyone without their own settings.";
    flash_notice(&context, "set_notification_defaults", text).await
}
