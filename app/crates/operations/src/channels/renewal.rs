//! How is a channel reconnected by somebody who has no account here? Its business makes a link; its holder consents at Meta
//! and reconnects this one account, once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::channel_setup::Account;
use domain::integration::{Integration, Kind, State, state};
use domain::{AgencyId, BusinessId, IntegrationId};
use store::channel_choices::ChoiceTokens;
use store::oauth_states::{self, NewState};
use store::renewal_links::{self, Asked};
use store::tenant::TenantTx;
use store::vault::Vault;
use store::{Db, integrations};

use super::choose::{connect, legible};
use super::connect::{Consent, PATIENCE, kind_of, purpose_of};
use crate::secret::{Secret, hash};
use crate::{BusinessActor, Refusal};

/// Lifetime of a link.
const VALID: Duration = Duration::from_secs(7 * 24 * 3600);

/// Whether a link can be made for this channel and works: it is in use, and a new consent is what it needs.
#[must_use]
pub fn is_renewable(integration: &Integration, now: DateTime<Utc>) -> bool {
    let now = state(Some(integration), now).state;
    let is_channel = integration.is_active && integration.kind.channel().is_some();
    is_channel && now != State::Disconnected && integration.is_repaired_by_consent(now)
}

/// Creates a link for a channel and returns its secret. An older link of the channel ends.
///
/// # Errors
/// `NotFound` if there is no such channel; `State` if it needs no new consent.
pub async fn make_link(actor: &BusinessActor, id: IntegrationId, now: DateTime<Utc>) -> Result<Secret, Refusal> {
    let mut tx = super::setup::of_channel(actor, id).await?;
    if !is_renewable(&integrations::get(&mut tx, id).await?, now) {
        return Err(Refusal::State("This channel doesn't need reconnecting, so no link was created.".to_owned()));
    }
    let secret = Secret::new();
    renewal_links::offer(&mut tx, secret.hash(), id, VALID).await?;
    tx.commit().await?;
    Ok(secret)
}

/// Ends the link of a channel, so that nobody can use it any more.
///
/// # Errors
/// `NotFound` if there is no such channel; `State` if it has no link that works.
pub async fn end_link(actor: &BusinessActor, id: IntegrationId) -> Result<(), Refusal> {
    let mut tx = super::setup::of_channel(actor, id).await?;
    match renewal_links::end(&mut tx, id).await {
        Err(store::Error::NotFound) => {
            return Err(Refusal::State("This channel has no active link. Nothing was changed.".to_owned()));
        }
        done => done?,
    }
    Ok(tx.commit().await?)
}

/// What the link with this secret leads to.
///
/// # Errors
/// `State` if the link does not work any more.
pub async fn find_link(db: &Db, secret: &str, now: DateTime<Utc>) -> Result<Asked, Refusal> {
    let asked = renewal_links::find(db, hash(secret)).await?;
    asked.filter(|asked| is_renewable(&asked.integration, now)).ok_or_else(ended)
}

/// Remembers that the holder of a link begins a consent for its channel, whose kind is `kind`. `state` is the hash of what
/// Meta sends back, `session` the hash of a secret of the session that may answer.
///
/// # Errors
/// `State` if the link does not work any more.
pub async fn begin_by_link(
    db: &Db,
    secret: &str,
    (kind, instagram_login): (Kind, bool),
    state: [u8; 32],
    session: [u8; 32],
) -> Result<(), Refusal> {
    let purpose = purpose_of(kind).ok_or_else(ended)?;
    let provider = if instagram_login { "instagram" } else { "meta" };
    let new = NewState { hash: state, provider, purpose, session, valid: PATIENCE };
    renewal_links::begin_consent(db, hash(secret), &new).await?.ok_or_else(ended)
}

/// A consent that was begun with a link. It reconnects nothing but the link's channel.
pub struct Renewal {
    agency: AgencyId,
    business: BusinessId,
    kind: Kind,
    instagram_login: bool,
    state: [u8; 32],
}

/// The consent with this state, if it was begun with a link in this session, whether it was answered or not.
///
/// # Errors
/// `Store` if the database fails.
pub async fn renewal(db: &Db, state: [u8; 32], session: [u8; 32]) -> Result<Option<Renewal>, Refusal> {
    let Some(known) = oauth_states::find(db, state, session).await? else { return Ok(None) };
    let (Some(business), Some(kind)) = (known.business, kind_of(&known.purpose)) else { return Ok(None) };
    let link = renewal_links::of_consent(db, known.agency, business, state).await?;
    let instagram_login = known.provider == "instagram";
    Ok(link.map(|_| Renewal { agency: known.agency, business, kind, instagram_login, state }))
}

impl Renewal {
    /// The kind of the channel.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether its holder signs in with Instagram itself.
    #[must_use]
    pub const fn instagram_login(&self) -> bool {
        self.instagram_login
    }

    /// The agency and the business of the link.
    #[must_use]
    pub const fn place(&self) -> (AgencyId, BusinessId) {
        (self.agency, self.business)
    }

    /// The consent, for reading what it brought.
    #[must_use]
    pub const fn consent(&self) -> Consent {
        Consent::of_link(self.agency, self.business, self.kind)
    }

    /// Reconnects the channel with what the consent brought, and uses the link up. Returns the name of the account.
    ///
    /// # Errors
    /// `State` if the link does not work any more, or the consent is for another account; the link then stays as it is.
    pub async fn finish(
        &self,
        db: &Db,
        vault: &Vault,
        accounts: Vec<Account>,
        tokens: ChoiceTokens,
        now: DateTime<Utc>,
    ) -> Result<String, Refusal> {
        let found = renewal_links::of_consent(db, self.agency, self.business, self.state).await?;
        let (mut tx, link) = found.ok_or_else(ended)?;
        let known = channel(&mut tx, link.integration, now).await?;
        let same = accounts.into_iter().filter_map(legible).find(|account| account.id == known.platform_id);
        let Some(same) = same else { return Err(Refusal::State(another(&known))) };
        if let Some(why) = &same.unusable {
            return Err(Refusal::State(format!("{} can't be connected. {why}", same.name)));
        }
        match renewal_links::spend(&mut tx, &link).await {
            Err(store::Error::NotFound) => return Err(ended()),
            spent => spent?,
        }
        connect(&mut tx, vault, known.kind, &same, tokens).await?;
        tx.commit().await?;
        Ok(same.name)
    }
}

/// The channel of a link, if it still needs a new consent.
async fn channel(tx: &mut TenantTx, id: IntegrationId, now: DateTime<Utc>) -> Result<Integration, Refusal> {
    match integrations::get(tx, id).await {
        Err(store::Error::NotFound) => Err(ended()),
        Ok(known) if !is_renewable(&known, now) => Err(ended()),
        known => Ok(known?),
    }
}

fn ended() -> Refusal {
    let text = "This link no longer works: it was used or replaced, is older than seven days, or the channel works again. If you still need one, ask the person who sent it for a new link.";
    Refusal::State(text.to_owned())
}

fn another(known: &Integration) -> String {
    let name = known.platform_name.as_deref().unwrap_or(&known.platform_id);
    format!(
        "You consented for another account than {name}, so nothing was changed. Open the link again and choose {name}. To connect another account, sign in."
    )
}
