//! Disables people, ends their sessions, resets their second factor.

use domain::UserId;
use leptos::prelude::*;
use operations::platform::people;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;

/// Disables a person's sign-in, which ends their sessions at once, or enables it again.
#[server(prefix = "/do", endpoint = "set_person_disabled")]
pub async fn set_person_disabled(user: UserId, disabled: bool) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let told = if disabled {
        disabled_words(&people::disable(&actor, user).await?)
    } else {
        people::enable(&actor, user).await?;
        "They can sign in again.".to_owned()
    };
    flash_notice(&context, "set_person_disabled", told).await
}

/// The message after somebody was disabled. It names the agencies that now have no owner who can sign in.
fn disabled_words(without_owner: &[String]) -> String {
    match without_owner {
        [] => "They can no longer sign in.".to_owned(),
        names => format!(
            "They can no longer sign in. {} now has no owner who can, so invite one under Agencies.",
            names.join(", ")
        ),
    }
}

/// Ends every session of a person.
#[server(prefix = "/do", endpoint = "end_sessions_of")]
pub async fn end_sessions_of(user: UserId) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let ended = people::end_sessions(&actor, user).await?;
    let told = match ended {
        0 => "They weren't signed in.".to_owned(),
        1 => "1 session ended.".to_owned(),
        n => format!("{n} sessions ended."),
    };
    flash_notice(&context, "end_sessions_of", told).await
}

/// Removes the second factor of a person who lost both their phone and their recovery codes. Their sessions end.
/// Where a second factor is required, they set up a new one at their next sign-in.
#[server(prefix = "/do", endpoint = "reset_second_factor")]
pub async fn reset_second_factor(user: UserId) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    people::reset_second_factor(&actor, user).await?;
    let told =
        "Two-factor authentication is off for them and they're signed out. They can sign in with their password.";
    flash_notice(&context, "reset_second_factor", told).await
}
