//! Which of the accounts that a consent brought becomes a channel? One is taken at once; of several a person chooses.

use chrono::DateTime;
use domain::channel_setup::{Account, Step};
use domain::credential::CredentialKind;
use domain::integration::Kind;
use domain::permission::Right;
use domain::work::Kind as WorkKind;
use domain::{ChannelChoiceId, IntegrationId};
use store::Db;
use store::channel_choices::{self, Choice, ChoiceTokens};
use store::credentials::{self, NewSecret};
use store::integrations::{self, NewConnection};
use store::queue::{self, Work};
use store::tenant::TenantTx;
use store::vault::Vault;

use super::connect::Consent;
use crate::{BusinessActor, Refusal};

/// What became of a consent, or of the choice among its accounts.
pub enum Found {
    /// This account is being connected.
    Connecting {
        /// Its integration.
        integration: IntegrationId,
        /// Its name.
        name: String,
        /// The name of another account of this kind that still needs its own consent.
        left: Option<String>,
    },
    /// A person chooses among several.
    Choose(ChannelChoiceId),
}

/// Connects the account that a consent brought, or keeps several for a person to choose from.
///
/// # Errors
/// `State` if no account can be used, or the only one is connected elsewhere or works better without this consent.
pub async fn found(
    db: &Db,
    vault: &Vault,
    consent: &Consent,
    accounts: Vec<Account>,
    tokens: ChoiceTokens,
) -> Result<Found, Refusal> {
    let accounts: Vec<Account> = accounts.into_iter().filter_map(legible).collect();
    if accounts.is_empty() {
        return Err(Refusal::State(none_found(consent.kind()).to_owned()));
    }
    let mut tx = TenantTx::begin(db, consent.scope()).await?;
    if let [only] = accounts.as_slice() {
        if let Some(why) = &only.unusable {
            return Err(Refusal::State(format!("{} can't be connected. {why}", only.name)));
        }
        let integration = connect(&mut tx, vault, consent.kind(), only, tokens).await?;
        let left = left(&mut tx, consent.kind(), integration).await?;
        tx.commit().await?;
        return Ok(Found::Connecting { integration, name: only.name.clone(), left });
    }
    let id = channel_choices::add(&mut tx, vault, consent.kind(), &accounts, &tokens).await?;
    tx.commit().await?;
    Ok(Found::Choose(id))
}

/// Connects the account that the person chose. Choosing it once more changes nothing and says the same.
///
/// # Errors
/// `NotFound` if there is no such choice of this person, or it is over; `State` if the account cannot be used, is
/// connected elsewhere or works better without this consent, or if another one was chosen before.
pub async fn choose(
    actor: &BusinessActor,
    vault: &Vault,
    choice: ChannelChoiceId,
    account: &str,
) -> Result<String, Refusal> {
    let allowed = actor.require(Right::ChannelsConnect)?;
    let mut tx = allowed.begin_with_agency().await?;
    let known = channel_choices::get(&mut tx, choice).await?;
    let chosen = known.accounts.iter().find(|one| one.id == account).ok_or(Refusal::NotFound)?;
    if let Some(before) = &known.chosen {
        return repeated(&known, before, account);
    }
    if let Some(why) = &chosen.unusable {
        return Err(Refusal::State(format!("{} can't be connected. {why}", chosen.name)));
    }
    let tokens = match channel_choices::take(&mut tx, vault, choice, account).await {
        // Another press of the button came first.
        Err(store::Error::NotFound) => {
            let now = channel_choices::get(&mut tx, choice).await?;
            return repeated(&now, now.chosen.as_deref().ok_or(Refusal::NotFound)?, account);
        }
        taken => taken?,
    };
    connect(&mut tx, vault, known.kind, chosen, tokens).await?;
    tx.commit().await?;
    Ok(chosen.name.clone())
}

/// What a person hears who chooses again.
fn repeated(choice: &Choice, before: &str, account: &str) -> Result<String, Refusal> {
    let name = choice.accounts.iter().find(|one| one.id == before).map(|one| one.name.clone());
    match name {
        Some(name) if before == account => Ok(name),
        Some(name) => Err(Refusal::State(format!(
            "You chose {name} before, so nothing was changed. To connect another account as well, connect again."
        ))),
        None => Err(Refusal::State(
            "You didn't choose any of these accounts, so nothing was connected. Connect again to choose one."
                .to_owned(),
        )),
    }
}

/// Forgets the tokens of a choice. What was connected before is not changed, and doing it again changes nothing.
///
/// # Errors
/// `NotFound` if there is no such choice of this person; `State` if an account was chosen before.
pub async fn withdraw_choice(actor: &BusinessActor, vault: &Vault, choice: ChannelChoiceId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::ChannelsConnect)?.begin_with_agency().await?;
    match channel_choices::take(&mut tx, vault, choice, "").await {
        Err(store::Error::NotFound) => {
            let known = channel_choices::get(&mut tx, choice).await?;
            let before = known.chosen.as_deref().ok_or(Refusal::NotFound)?;
            if before.is_empty() { Ok(()) } else { repeated(&known, before, "").map(drop) }
        }
        taken => {
            taken?;
            Ok(tx.commit().await?)
        }
    }
}

/// The choice that the person of a consent still has.
///
/// # Errors
/// `Forbidden` if the actor may not connect channels.
pub async fn open_choice(actor: &BusinessActor) -> Result<Option<ChannelChoiceId>, Refusal> {
    let mut tx = actor.require(Right::ChannelsConnect)?.begin_with_agency().await?;
    Ok(channel_choices::open(&mut tx).await?)
}

/// The account with names that people can read and the database can store. `None` if its id is none.
pub(super) fn legible(account: Account) -> Option<Account> {
    let fits = |id: &str| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if !fits(&account.id) {
        return None;
    }
    let name: String = domain::text::line(&account.name).chars().take(255).collect();
    Some(Account {
        name: if name.is_empty() { account.id.clone() } else { name },
        address: domain::text::line(&account.address).chars().take(255).collect(),
        waba: account.waba.filter(|id| fits(id)),
        page: account.page.filter(|id| fits(id)),
        ..account
    })
}

/// Another account of this kind that only its own consent repairs: the person may have meant that one.
async fn left(tx: &mut TenantTx, kind: Kind, connected: IntegrationId) -> Result<Option<String>, Refusal> {
    let own = integrations::of_channels(tx).await?;
    let lost = own
        .into_iter()
        .find(|one| one.kind == kind && one.id != connected && one.is_active && one.needs_reauth_at.is_some());
    Ok(lost.map(|one| one.platform_name.unwrap_or(one.platform_id)))
}

/// Refuses a consent that would take permissions away from an account that works with what it has.
async fn keep_what_works(tx: &mut TenantTx, kind: Kind, account: &Account, missing: &[String]) -> Result<(), Refusal> {
    if missing.is_empty() {
        return Ok(());
    }
    let own = integrations::of_channels(tx).await?;
    let known = own.iter().find(|one| one.kind == kind && one.platform_id == account.id);
    let loses = known.is_some_and(|one| {
        one.is_active
            && one.needs_reauth_at.is_none()
            && one.credential.is_some()
            && missing.iter().any(|scope| !one.scopes_missing.contains(scope))
    });
    if !loses {
        return Ok(());
    }
    Err(Refusal::State(format!(
        "These permissions were not granted this time: {}. {} keeps the access that it had, and nothing was changed. Connect again and leave everything ticked.",
        missing.join(", "),
        account.name
    )))
}

/// Stores the account with its token and queues its setup.
pub(super) async fn connect(
    tx: &mut TenantTx,
    vault: &Vault,
    kind: Kind,
    account: &Account,
    tokens: ChoiceTokens,
) -> Result<IntegrationId, Refusal> {
    keep_what_works(tx, kind, account, &tokens.missing).await?;
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
