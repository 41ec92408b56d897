//! Queues mails: what an operation calls inside its transaction. A mail is counted for the day here, and a link gets a
//! secret that nobody knows; the worker replaces it when it sends the mail.

use std::time::Duration;

use domain::identity::{Reach, Role};
use domain::permission::Right;
use domain::work::{Kind, Mail};
use domain::{AgencyId, BusinessId, UserId};
use store::Db;
use store::audit::{self, Act};
use store::invites::{self, NewInvite};
use store::mail_limits::{self, LimitReached};
use store::queue::{self, Work};
use store::tenant::{PlatformTx, Scope, TenantTx};
use uuid::Uuid;

use super::{FIRST_PASSWORD, INVITATION};
use crate::Refusal;
use crate::secret::Secret;

/// Priority of mails that a person waits for, before those of background work of the same agency.
const AWAITED: i16 = 10;

/// Who is invited, as what.
pub(crate) struct Invitation<'a> {
    /// The address.
    pub email: &'a str,
    /// The role that the person will have.
    pub role: Role,
    /// Which businesses the person will reach; only for agency roles.
    pub reach: Reach,
}

impl<'a> Invitation<'a> {
    /// The invitation as it is stored until its mail is sent.
    fn unsent(&self) -> NewInvite<'a> {
        let Self { email, role, reach } = *self;
        NewInvite { hash: Secret::new().hash(), email, role, reach, valid: INVITATION }
    }
}

/// Counts the mail for today, stores the invitation (to the agency, or to the transaction's business if the role is one
/// of a business) as not sent yet, and queues its mail. Does nothing if the mail of the same invitation waits already.
///
/// # Errors
/// `DailyLimit` if the address or the agency has got its mails of the day.
pub(crate) async fn invite(tx: &mut TenantTx, invitation: &Invitation<'_>) -> Result<(), Refusal> {
    let known = invites::unsent(tx, invitation.email, invitation.role, invitation.reach).await?;
    if let Some(invite) = known
        && queue::is_queued(tx, &key("invitation", invite)).await?
    {
        return Ok(());
    }
    counted(mail_limits::take_in(tx, invitation.email).await?, invitation.email)?;
    let invite = invites::invite(tx, &invitation.unsent()).await?;
    let mail = Mail::Invitation { invite, by_platform: false };
    queue::add(tx, &awaited(&mail, invite, key("invitation", invite))).await?;
    Ok(())
}

/// The same from the platform, into an agency.
///
/// # Errors
/// `DailyLimit` if the address or the platform has got its mails of the day.
pub(crate) async fn invite_from_platform(
    tx: &mut PlatformTx,
    agency: AgencyId,
    invitation: &Invitation<'_>,
) -> Result<(), Refusal> {
    const KIND: &str = "platform-invitation";
    let known = invites::open_platform(tx, agency, invitation.email).await?;
    if let Some(invite) = known
        && queue::is_queued_platform(tx, &key(KIND, invite)).await?
    {
        return Ok(());
    }
    counted(mail_limits::take_in_platform(tx, invitation.email).await?, invitation.email)?;
    let invite = invites::invite_platform(tx, agency, &invitation.unsent()).await?;
    let mail = Mail::Invitation { invite, by_platform: true };
    queue::add_platform(tx, Some(agency), &awaited(&mail, invite, key(KIND, invite))).await?;
    Ok(())
}

/// Counts and queues the mail with which a new member of the platform's staff sets a first password. Does nothing if
/// such a mail waits already.
///
/// # Errors
/// `DailyLimit` if the address or the platform has got its mails of the day.
pub(crate) async fn first_password(tx: &mut PlatformTx, user: UserId, email: &str) -> Result<(), Refusal> {
    const KIND: &str = "first-password";
    let known = invites::open_first_password(tx, user).await?;
    if let Some(link) = known
        && queue::is_queued_platform(tx, &key(KIND, link)).await?
    {
        return Ok(());
    }
    counted(mail_limits::take_in_platform(tx, email).await?, email)?;
    let link = invites::first_password(tx, Secret::new().hash(), user, FIRST_PASSWORD).await?;
    let mail = Mail::FirstPassword { link, user };
    queue::add_platform(tx, None, &awaited(&mail, user.0, key(KIND, link))).await?;
    Ok(())
}

/// Counts and queues the mail that asks `to` for a right, or for access to one client. Returns false if the mails of the day are used up. True
/// without another mail if the same request waits already.
///
/// # Errors
/// `Forbidden` if no person asks; `Store` if the database fails.
pub(crate) async fn access_request(
    tx: &mut TenantTx,
    to: UserId,
    email: &str,
    (right, client): (Right, Option<BusinessId>),
) -> Result<bool, Refusal> {
    let from = tx.user().ok_or(Refusal::Forbidden(right))?;
    let what = client.map_or_else(|| right.key().to_owned(), |client| client.to_string());
    let key = format!("mail:access-request:{}:{from}:{to}:{what}", tx.agency()?);
    if queue::is_queued(tx, &key).await? {
        return Ok(true);
    }
    if mail_limits::take_in(tx, email).await?.is_err() {
        return Ok(false);
    }
    queue::add(tx, &awaited(&Mail::AccessRequest { from, to, right, client }, to.0, key)).await?;
    Ok(true)
}

/// Queues a mail with a link that works for `valid` once it was sent, if there is an account with the address that is
/// not disabled. Does nothing if the same mail waits already. It takes longer if there is an account, so a caller must
/// not let its answer wait.
///
/// # Errors
/// `Store` if the database fails.
pub(crate) async fn request_reset(db: &Db, email: &str, valid: Duration) -> Result<(), Refusal> {
    let account = store::identity::auth_user(db, email).await?;
    let Some(account) = account.filter(|account| !account.disabled) else { return Ok(()) };
    let (user, minutes) = (account.id, u32::try_from(valid.as_secs() / 60).unwrap_or(u32::MAX));
    let hash = Secret::new().hash();
    let mut tx = TenantTx::begin(db, Scope::Presented(hash)).await?;
    let (link, key) = (store::new_id(), format!("mail:reset:{user}:{minutes}"));
    let work = awaited(&Mail::Reset { link, user, minutes }, user.0, key.clone());
    if queue::is_queued(&mut tx, &key).await? || !queue::add(&mut tx, &work).await? {
        audit::record(&mut tx, Act::new("password.reset_asked", "person").object(user)).await?;
    } else {
        invites::reset_in(&mut tx, link, hash, user, FIRST_PASSWORD).await?;
    }
    Ok(tx.commit().await?)
}

/// The key under which the mail of a link waits only once.
fn key(kind: &str, link: Uuid) -> String {
    format!("mail:{kind}:{link}")
}

fn awaited(mail: &Mail, subject: Uuid, key: String) -> Work {
    let payload = serde_json::to_value(mail).unwrap_or_default();
    Work::new(Kind::SendMail).subject(subject).payload(payload).priority(AWAITED).once(key)
}

/// Says why a mail may not be sent today. The transaction then ends without a commit.
fn counted<T>(taken: Result<T, LimitReached>, to: &str) -> Result<(), Refusal> {
    let text = match taken {
        Ok(_) => return Ok(()),
        Err(LimitReached::Address(_)) => format!(
            "{to} got as many emails today as one address may get, so nothing was sent or changed. Check whether one arrived, also in the junk folder; you can send another tomorrow."
        ),
        Err(LimitReached::Agency(_)) => {
            "Your agency reached today's limit for invitations, so nothing was sent or changed. Continue tomorrow."
                .to_owned()
        }
    };
    Err(Refusal::DailyLimit(text))
}
