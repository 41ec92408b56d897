//! Which of the accounts that a consent brought becomes a channel? One is taken at once; of several a person chooses.

use chrono::DateTime;
use domain::channel_setup::{Account, Step};
use domain::credential::CredentialKind;
use domain::integration::Kind;
use domain::permission::Right;
use domain::work::Kind as WorkKind;
use domain::{ChannelChoiceId, IntegrationId};
use store::Db;
use store::channel_choices::{self, ChoiceTokens};
use store::credentials::{self, NewSecret};
use store::integrations::{self, NewConnection};
use store::queue::{self, Work};
use store::tenant::TenantTx;
use store::vault::Vault;

use super::connect::Consent;
use crate::{BusinessActor, Refusal};

/// What became of a consent.
pub enum Found {
    /// This account is being connected.
    Connecting {
        /// Its integration.
        integration: IntegrationId,
        /// Its name.
        name: String,
    },
    /// A person chooses among several.
    Choose(ChannelChoiceId),
}

/// Connects the account that a consent brought, or keeps several for a person to choose from.
///
/// # Errors
/// `State` if no account can be used, or the only one is connected elsewhere.
pub async fn found(
    db: &Db,
    vault: &Vault,
    consent: &Consent,
    accounts: Vec<Account>,
    tokens: ChoiceTokens,
) -> Result<Found, Refusal> {
    if accounts.is_empty() {
        return Err(Refusal::State(none_found(consent.kind()).to_owned()));
    }
    let mut tx = TenantTx::begin(db, consent.scope()).await?;
    if let [only] = accounts.as_slice() {
        if let Some(why) = &only.unusable {
            return Err(Refusal::State(format!("{} can't be connected. {why}", only.name)));
        }
        let integration = connect(&mut tx, vault, consent.kind(), only, tokens).await?;
        tx.commit().await?;
        return Ok(Found::Connecting { integration, name: only.name.clone() });
    }
    let id = channel_choices::add(&mut tx, vault, consent.kind(), &accounts, &tokens).await?;
    tx.commit().await?;
    Ok(Found::Choose(id))
}

/// Connects the account that the person chose.
///
/// # Errors
/// `NotFound` if there is no such choice of this person, or it is over; `State` if the account cannot be used or is
/// connected elsewhere.
pub async fn choose(
    actor: &BusinessActor,
    vault: &Vault,
    choice: ChannelChoiceId,
    account: &str,
) -> Result<(IntegrationId, String), Refusal> {
    let allowed = actor.require(Right::ChannelsConnect)?;
    let mut tx = allowed.begin_with_agency().await?;
    let known = channel_choices::get(&mut tx, choice).await?;
    let chosen = known.accounts.iter().find(|one| one.id == account).ok_or(Refusal::NotFound)?;
    if let Some(why) = &chosen.unusable {
        return Err(Refusal::State(format!("{} can't be connected. {why}", chosen.name)));
    }
    let tokens = channel_choices::take(&mut tx, vault, choice).await?;
    let integration = connect(&mut tx, vault, known.kind, chosen, tokens).await?;
    tx.commit().await?;
    Ok((integration, chosen.name.clone()))
}

/// Forgets a choice and its tokens. What was connected before is not changed.
///
/// # Errors
/// `NotFound` if there is no such choice of this person.
pub async fn withdraw_choice(actor: &BusinessActor, vault: &Vault, choice: ChannelChoiceId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::ChannelsConnect)?.begin_with_agency().await?;
    channel_choices::take(&mut tx, vault, choice).await?;
    Ok(tx.commit().await?)
}

/// Stores the account with its token and queues its setup.
async fn connect(
    tx: &mut TenantTx,
    vault: &Vault,
    kind: Kind,
    account: &Account,
    tokens: ChoiceTokens,
) -> Result<IntegrationId, Refusal> {
    let new = NewConnection { kind, platform_id: &account.id, name: Some(&account.name), parent: None };
    let integration = match integrations::upsert(tx, &new).await {
        Err(store::Error::Taken(_)) => return Err(Refusal::State(taken(kind).to_owned())),
        done => done?.0,
    };
    let own = tokens.of_accounts.get(&account.id).cloned();
    let secret = NewSecret {
        kind: match (kind, own.is_some()) {
            (Kind::Whatsapp, _) => CredentialKind::SystemUser,
            (_, true) => CredentialKind::OauthPage,
            (_, false) => CredentialKind::OauthUser,
        },
        // A page's token outlives the one of the person who consented.
        expires_at: if own.is_some() { None } else { tokens.expires_at.and_then(|at| DateTime::from_timestamp(at, 0)) },
        access: own.unwrap_or(tokens.token),
        refresh: None,
        scopes: tokens.scopes.clone(),
        refresh_expires_at: None,
    };
    credentials::put(tx, vault, integration, &secret).await?;
    integrations::set_scopes(tx, integration, &tokens.scopes, &tokens.missing).await?;
    let (waba, page) = (account.waba.as_deref(), account.page.as_deref());
    integrations::set_owner(tx, integration, waba, tokens.person.as_deref(), page).await?;
    integrations::set_setup(tx, integration, Some(Step::Permissions), None).await?;
    let work = Work::new(WorkKind::SetUpChannel).subject(integration.0);
    queue::add(tx, &work.once(format!("channel.set_up:{integration}"))).await?;
    Ok(integration)
}

const fn none_found(kind: Kind) -> &'static str {
    match kind {
        Kind::Whatsapp => {
            "Meta showed us no WhatsApp number. Add a number to your WhatsApp Business account, then connect again and select it."
        }
        Kind::Instagram => {
            "Meta showed us no Instagram business account. Switch the account to a professional one, link it to your Facebook page, then connect again."
        }
        _ => "Meta showed us no Facebook page. Connect again as somebody who manages the page, and select it.",
    }
}

const fn taken(kind: Kind) -> &'static str {
    match kind {
        Kind::Whatsapp => {
            "This WhatsApp number is connected to another business here, so nothing was changed. Disconnect it there first, or choose another number."
        }
        Kind::Instagram => {
            "This Instagram account is connected to another business here, so nothing was changed. Disconnect it there first, or choose another account."
        }
        _ => {
            "This Facebook page is connected to another business here, so nothing was changed. Disconnect it there first, or choose another page."
        }
    }
}
