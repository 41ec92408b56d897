//! Mails about accounts. A link in them that sets a password or accepts an invitation works once. Names typed by
//! people are written so that mail programs do not turn them into links. Daily limits apply per address and per
//! agency.

use std::time::Duration;

use domain::access::AgencyAccess;
use domain::identity::Caller;
use domain::permission::Right;
use mail::{Kind, Mail, sanitize_name};
use store::mail_limits::{self, Counted, LimitReached};
use store::tenant::{PlatformTx, Scope, TenantTx};

use crate::error::{Error, Result};
use crate::state::State;
use crate::token::Secret;

/// Mails a reset link with this lifetime, if there is an account with the address that is not disabled.
///
/// # Errors
/// When the database or the mail server refuses.
pub async fn reset(state: &State, email: &str, valid: Duration) -> Result<()> {
    let account = store::identity::auth_user(&state.db, email).await?;
    let Some(account) = account.filter(|account| !account.disabled) else { return Ok(()) };
    let secret = Secret::new();
    store::invites::reset(&state.db, secret.hash(), account.id, valid).await?;
    let link = format!("{}/password/{}", state.settings.public_url, secret.expose());
    let lasting = match valid.as_secs() / 60 {
        minutes @ 0..120 => format!("{minutes} minutes"),
        minutes => format!("{} hours", minutes / 60),
    };
    send(
        state,
        Kind::Reset,
        email,
        "Set a new password",
        &format!("Somebody, probably you, asked to set a new password for your account.\n\n{link}\n\nThe link works once, for {lasting}. If it was not you, do nothing: your password stays as it is."),
    )
    .await
}

/// Counts a mail that the caller makes us send to an address, in the transaction that stores what the mail is
/// about.
///
/// # Errors
/// `DailyLimit` when the address or the agency has reached its limit for the day. The transaction must then be rolled
/// back.
pub async fn may_send(tx: &mut TenantTx, to: &str) -> Result<Counted> {
    mail_limits::take_in(tx, to).await?.map_err(|reached| enough(reached, to))
}

/// The same for a mail that the platform sends.
///
/// # Errors
/// As `may_send`.
pub async fn platform_may_send(tx: &mut PlatformTx, to: &str) -> Result<Counted> {
    mail_limits::take_in_platform(tx, to).await?.map_err(|reached| enough(reached, to))
}

fn enough(reached: LimitReached, to: &str) -> Error {
    let text = match reached {
        LimitReached::Address(_) => format!(
            "{to} got as many mails today as one address may get, so nothing was sent or changed. Look whether one of them arrived, also among the junk; tomorrow you can send another."
        ),
        LimitReached::Agency(_) => {
            "Your agency sent as many invitations today as there are for a day, so nothing was sent or changed. Go on tomorrow."
                .to_owned()
        }
    };
    Error::DailyLimit(text)
}

/// Mails an invitation that was counted with `may_send` or `platform_may_send`.
///
/// # Errors
/// When the mail server refuses. The mail is then no longer counted, and the invitation is marked as not sent.
pub async fn invitation(
    state: &State,
    mail: Counted,
    email: &str,
    place: &str,
    role: &str,
    secret: &Secret,
) -> Result<()> {
    let link = format!("{}/invite/{}", state.settings.public_url, secret.expose());
    let (place, role) = (sanitize_name(place), sanitize_name(role));
    let sent = send(
        state,
        Kind::Invitation,
        email,
        &format!("You are invited to {place}"),
        &format!("You are invited to {place} as {role}.\n\n{link}\n\nThe link works once, for 72 hours, and ends when you are invited anew."),
    )
    .await;
    if sent.is_err() {
        mail_limits::give_back(&state.db, mail).await?;
        let mut tx = TenantTx::begin(&state.db, Scope::Presented(secret.hash())).await?;
        store::invites::mark_unsent(&mut tx, secret.hash(), true).await?;
        tx.commit().await?;
    }
    sent
}

/// Mails a new platform user the link that sets their first password.
///
/// # Errors
/// When the mail server refuses. The mail is then no longer counted.
pub async fn platform(state: &State, mail: Counted, email: &str, role: &str, secret: &Secret) -> Result<()> {
    let link = format!("{}/password/{}", state.settings.public_url, secret.expose());
    let sent = send(
        state,
        Kind::Platform,
        email,
        "You are invited to run Slipway",
        &format!("You are invited to Slipway at {} as {role}. Set your password here:\n\n{link}\n\nThe link works once, for 72 hours, and ends when you are invited anew.", state.settings.public_url),
    )
    .await;
    if sent.is_err() {
        mail_limits::give_back(&state.db, mail).await?;
    }
    sent
}

/// Mails an agency member's request for a right to a person who can grant it. Returns false if the recipient's or
/// the agency's mail limit for the day is used up.
///
/// # Errors
/// When the mail server refuses. The mail is then no longer counted.
pub async fn access_request(state: &State, to: &str, who: &Caller, place: &AgencyAccess, right: Right) -> Result<bool> {
    let Ok(mail) = mail_limits::take(&state.db, Some(place.id), to).await? else { return Ok(false) };
    let name = if who.name.is_empty() { sanitize_name(&who.email) } else { sanitize_name(&who.name) };
    let agency = sanitize_name(&place.name);
    let team = format!("{}/a/{}/team", state.settings.public_url, place.slug);
    let sent = send(
        state,
        Kind::RightRequested,
        to,
        &format!("{name} asks for a right in {agency}"),
        &format!("{name} ({email}) is {role} of {agency} and asks to be able to {access_request}.\n\nIf that is right, give them a role that includes it: {team}\n\nIf not, do nothing.", email = who.email, role = sanitize_name(place.role.label()), access_request = right.words()),
    )
    .await;
    if sent.is_err() {
        mail_limits::give_back(&state.db, mail).await?;
    }
    sent.map(|()| true)
}

/// Sends a test mail, which shows that mails arrive.
///
/// # Errors
/// When the mail server refuses.
pub async fn test(state: &State, to: &str) -> Result<()> {
    let text = format!("Mails from Slipway at {} reach you. There is nothing to do.", state.settings.public_url);
    send(state, Kind::Test, to, "Mails arrive", &text).await
}

async fn send(state: &State, kind: Kind, to: &str, subject: &str, text: &str) -> Result<()> {
    let mail = Mail { kind, to: to.to_owned(), subject: subject.to_owned(), text: text.to_owned() };
    state.mailer.send(mail).await.map_err(|error| {
        tracing::error!(%error, "a mail was not taken");
        Error::Outside("The mail could not be sent. Check the mail server in the settings and try again.".to_owned())
    })
}
