//! Disables people, ends their sessions, resets their second factor.

use domain::UserId;
use leptos::prelude::*;
use store::tenant::{Scope, TenantTx};
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

/// Disables a person's sign-in, which ends their sessions at once, or enables it again.
#[server(prefix = "/do", endpoint = "set_person_disabled")]
pub async fn set_person_disabled(user: UserId, disabled: bool) -> Result<()> {
    let context = server_context()?;
    let mut tx = context.platform("set_person_disabled").await?;
    context.recent()?;
    if context.caller()?.user == user {
        return Err(Error::Conflict("You can't disable yourself. Ask another super admin.".to_owned()));
    }
    store::identity::set_disabled(&mut tx, user, disabled).await?;
    let orphaned = if disabled { store::memberships::without_owner(&mut tx, user).await? } else { Vec::new() };
    tx.commit().await?;
    if disabled {
        store::sessions::remove_ended(&context.state.db, user).await?;
    }
    flash_notice(&context, "set_person_disabled", disabled_words(disabled, &orphaned)).await
}

/// The message after the change. It names the agencies that now have no owner who can sign in.
fn disabled_words(disabled: bool, orphaned: &[String]) -> String {
    match (disabled, orphaned) {
        (false, _) => "They can sign in again.".to_owned(),
        (true, []) => "They can no longer sign in.".to_owned(),
        (true, names) => format!(
            "They can no longer sign in. {} now has no owner who can: invite one under Agencies.",
            names.join(", ")
        ),
    }
}

/// Ends every session of a person.
#[server(prefix = "/do", endpoint = "end_sessions_of")]
pub async fn end_sessions_of(user: UserId) -> Result<()> {
    let context = server_context()?;
    context.platform("end_sessions_of").await?.commit().await?;
    context.recent()?;
    let mut tx = TenantTx::begin(&context.state.db, Scope::Person(user)).await?;
    let ended = store::sessions::end_all_of(&mut tx, user, context.caller()?.user).await?;
    tx.commit().await?;
    flash_notice(&context, "end_sessions_of", format!("{ended} sessions ended.")).await
}

/// Removes the second factor of a person who lost both their phone and their recovery codes. Their sessions end.
/// Where a second factor is required, they set up a new one at their next sign-in.
#[server(prefix = "/do", endpoint = "reset_second_factor")]
pub async fn reset_second_factor(user: UserId) -> Result<()> {
    let context = server_context()?;
    context.platform("reset_second_factor").await?.commit().await?;
    context.recent()?;
    let by = context.caller()?.user;
    if by == user {
        return Err(Error::Conflict(
            "You can't reset your own. Replace it with another app on your profile.".to_owned(),
        ));
    }
    let mut tx = TenantTx::begin(&context.state.db, Scope::Person(user)).await?;
    store::factors::reset(&mut tx, by).await?;
    tx.commit().await?;
    flash_notice(
        &context,
        "reset_second_factor",
        "Their second factor is gone and their sessions ended. They sign in by password.",
    )
    .await
}
