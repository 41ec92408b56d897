//! Which accounts did a consent bring, of which a person still chooses one? Their tokens are kept sealed for an hour.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::channel_setup::Account;
use domain::integration::Kind;
use domain::{AgencyId, ChannelChoiceId};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::removal::{Rule, by_worker};
use crate::vault::{AssociatedData, Vault};
use crate::{Error, Result, TenantTx, new_id};

/// How long a person may take to choose.
const PATIENCE: Duration = Duration::from_secs(3600);

/// The tokens of a consent: its own, and one for each account that has its own.
pub struct ChoiceTokens {
    /// The token of the consent.
    pub token: SecretString,
    /// The tokens of accounts, by their ids.
    pub of_accounts: BTreeMap<String, SecretString>,
    /// The permissions that were granted.
    pub scopes: Vec<String>,
    /// The permissions that are needed and were not granted.
    pub missing: Vec<String>,
    /// The id under which the platform tells our app who consented.
    pub person: Option<String>,
    /// The seconds since 1970 at which the token ends, if it does.
    pub expires_at: Option<i64>,
}

/// The same as it is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    token: String,
    of_accounts: BTreeMap<String, String>,
    scopes: Vec<String>,
    missing: Vec<String>,
    person: Option<String>,
    expires_at: Option<i64>,
}

/// A choice of a person.
pub struct Choice {
    /// Its id.
    pub id: ChannelChoiceId,
    /// The kind of the accounts.
    pub kind: Kind,
    /// The accounts.
    pub accounts: Vec<Account>,
    /// The account that was chosen, empty for none of them; `None` while the person can still choose.
    pub chosen: Option<String>,
}

const fn associated_data(agency: AgencyId, tx: &TenantTx, id: ChannelChoiceId) -> AssociatedData {
    AssociatedData {
        table: "channel_choices",
        column: "sealed_tokens",
        row: id.0,
        agency: Some(agency),
        business: tx.business(),
    }
}

/// Keeps the accounts of a consent, and its tokens sealed, for the person of the transaction.
pub async fn add(
    tx: &mut TenantTx,
    vault: &Vault,
    kind: Kind,
    accounts: &[Account],
    tokens: &ChoiceTokens,
) -> Result<ChannelChoiceId> {
    let (agency, id) = (tx.agency()?, new_id::<ChannelChoiceId>());
    let person = tx.user().ok_or_else(|| Error::Refused("a scope without a person".into()))?;
    let plain = |secret: &SecretString| secret.expose_secret().to_owned();
    let text = Zeroizing::new(
        serde_json::to_vec(&Sealed {
            token: plain(&tokens.token),
            of_accounts: tokens.of_accounts.iter().map(|(id, token)| (id.clone(), plain(token))).collect(),
            scopes: tokens.scopes.clone(),
            missing: tokens.missing.clone(),
            person: tokens.person.clone(),
            expires_at: tokens.expires_at,
        })
        .map_err(|error| Error::Sealed(error.to_string()))?,
    );
    let (sealed, key) = vault.seal(&associated_data(agency, tx, id), &text).await?;
    let listed = serde_json::to_value(accounts).map_err(|error| Error::Unreadable(error.to_string()))?;
    sqlx::query!(
        "insert into channel_choices (id, sub_account_id, type, user_id, accounts, sealed_tokens, key_id, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8))",
        id.0,
        tx.business().map(|id| id.0),
        kind as Kind,
        person.0,
        listed,
        sealed,
        key,
        PATIENCE.as_secs_f64(),
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// The choice, if it is the person's own and not over.
pub async fn get(tx: &mut TenantTx, id: ChannelChoiceId) -> Result<Choice> {
    let row = sqlx::query!(
        r#"select id as "id: ChannelChoiceId", type as "kind: Kind", accounts, chosen from channel_choices
           where id = $1 and user_id = $2 and expires_at > now()"#,
        id.0,
        tx.user().map(|id| id.0),
    )
    .fetch_one(tx.conn())
    .await?;
    let accounts = serde_json::from_value(row.accounts)
        .map_err(|error| Error::Unreadable(format!("the accounts of channel choice {id}: {error}")))?;
    Ok(Choice { id: row.id, kind: row.kind, accounts, chosen: row.chosen })
}

/// The choice that the person still has, the latest if there are several.
pub async fn open(tx: &mut TenantTx) -> Result<Option<ChannelChoiceId>> {
    let id = sqlx::query_scalar!(
        r#"select id as "id: ChannelChoiceId" from channel_choices where user_id = $1 and sub_account_id = $2 and expires_at > now() and chosen is null
           order by created_at desc limit 1"#,
        tx.user().map(|id| id.0),
        tx.business().map(|id| id.0),
    );
    Ok(id.fetch_optional(tx.conn()).await?)
}

/// Takes the tokens of the choice and forgets them; this works once. What was chosen, empty for none of the accounts, is
/// known until the choice is over.
pub async fn take(tx: &mut TenantTx, vault: &Vault, id: ChannelChoiceId, chosen: &str) -> Result<ChoiceTokens> {
    let agency = tx.agency()?;
    let sealed = sqlx::query_scalar!(
        r#"with was as (select sub_account_id, id, sealed_tokens from channel_choices
           where id = $1 and user_id = $2 and expires_at > now() and chosen is null for update)
         update channel_choices c set chosen = left($3, 255), sealed_tokens = '' from was
         where c.sub_account_id = was.sub_account_id and c.id = was.id returning was.sealed_tokens as "sealed_tokens!""#,
        id.0,
        tx.user().map(|id| id.0),
        chosen,
    )
    .fetch_one(tx.conn())
    .await?;
    let text = vault.open(&associated_data(agency, tx, id), &sealed).await?;
    let tokens: Sealed =
        serde_json::from_str(text.expose_secret()).map_err(|_| Error::Sealed(format!("channel choice {id}")))?;
    Ok(ChoiceTokens {
        token: SecretString::from(tokens.token),
        of_accounts: tokens.of_accounts.into_iter().map(|(id, token)| (id, SecretString::from(token))).collect(),
        scopes: tokens.scopes,
        missing: tokens.missing,
        person: tokens.person,
        expires_at: tokens.expires_at,
    })
}

/// Choices that nobody made in time.
pub(crate) const ENDED: Rule = Rule {
    name: "channel-choices",
    title: "Forget accounts that nobody chose",
    tables: &["channel_choices"],
    time: "created_at",
    age: PATIENCE,
    every: Duration::from_secs(900),
    piece: by_worker!(
        "delete from channel_choices where ctid = any(array(select ctid from channel_choices where created_at < now() - make_interval(secs => $1) order by created_at limit $2))"
    ),
};
