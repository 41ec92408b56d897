//! How does an AI agent get its token by browser, and a fresh one each hour? A person allows it, and it gets a code; the code is
//! redeemed once for a token of the business; a refresh token gives that token a new value, and is replaced each time. Every
//! one of these secrets is stored as a hash.

use chrono::{DateTime, Duration, Utc};
use domain::access;
use domain::agent_sign_in::{ACCESS_SECONDS, AGAIN_SECONDS, Asked, CODE_SECONDS, IDLE_DAYS};
use domain::permission::Right;
use domain::{AgencyId, BusinessId, UserId};
use secrecy::SecretString;
use store::agent_sign_ins::{self as rows, NewSignIn, SignIn};
use store::api_tokens::{self, NewToken};
use store::idempotency::{self, Begun};
use store::tenant::{Scope, TenantTx};
use store::{Db, businesses, identity};

use super::tokens::{SCOPE, make_room};
use crate::secret::{Secret, hash};
use crate::{BusinessActor, Refusal};

/// What a code begins with.
const CODE: &str = "slc_";
/// What a refresh token begins with.
const REFRESH: &str = "slr_";
/// The length of each of the two parts of a code or refresh token.
const PART: usize = 64;

/// What a program shows to redeem a code.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// The code.
    pub code: &'a str,
    /// The id of the program.
    pub client: &'a str,
    /// The address that the person was led back to.
    pub redirect: &'a str,
    /// The challenge that belongs to the verifier that it sent.
    pub challenge: &'a str,
    /// The business that the address of its resource names, by id or slug.
    pub business: Option<&'a str>,
}

/// The tokens of an agent.
pub struct Issued {
    /// The token, for calls of tools.
    pub access: SecretString,
    /// What it is renewed with, once.
    pub refresh: SecretString,
}

/// Why an agent gets no token.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// The code or refresh token is unknown, expired, used or not the program's, or the person lost their right.
    #[error("the grant is not valid")]
    Grant,
    /// The token is asked for another business than the person chose.
    #[error("the resource is another one")]
    Target,
    /// The database failed or is unavailable.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// A code or refresh token, taken apart: the hash of the part that all of a sign-in share, and the hash of the whole.
struct Shown {
    shared: [u8; 32],
    whole: [u8; 32],
}

impl Shown {
    fn read(text: &str, kind: &str) -> Option<Self> {
        let digits = text.strip_prefix(kind)?;
        let is_ours = digits.len() == 2 * PART && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_ours.then(|| Self { shared: hash(&digits[..PART]), whole: hash(text) })
    }
}

/// The shared part of a secret that an agent shows.
fn shared_part(text: &str) -> &str {
    text.get(CODE.len()..CODE.len() + PART).unwrap_or_default()
}

/// A secret of this kind with this shared part.
fn made(kind: &str, shared: &str) -> String {
    format!("{kind}{shared}{}", Secret::new().expose())
}

/// The hash of a code with all that it is bound to: none of it fits another request.
fn bound(code: &str, client: &str, redirect: &str, challenge: &str) -> [u8; 32] {
    hash(&[code, client, redirect, challenge].join("\n"))
}

/// Lets a program work with the business, for a form that `form` names. Returns its code, or `None` if the same form let it
/// before.
///
/// # Errors
/// `Forbidden` without the right to manage tools; `Invalid` if the program asks for another business; `State` if the business
/// has as many agents as it can.
pub async fn allow(
    actor: &BusinessActor,
    asked: &Asked,
    form: &str,
    now: DateTime<Utc>,
) -> Result<Option<SecretString>, Refusal> {
    let allowed = actor.require(Right::ToolsManage)?;
    let place = actor.access();
    let is_other = |named: &String| *named != place.slug && *named != place.id.to_string();
    if asked.business.as_ref().is_some_and(is_other) {
        return Err(Refusal::field("business", "The AI agent asks for another business."));
    }
    let mut tx = allowed.begin().await?;
    let values = bound(form, &asked.client, &asked.redirect, &asked.challenge);
    let begun = idempotency::begin(&mut tx, &hex::encode(hash(form)), "allow_agent", values).await?;
    let Begun::Fresh(key) = begun else { return Ok(None) };
    make_room(&mut tx, now).await?;
    idempotency::finish(&mut tx, key, 200, &serde_json::Value::Null).await?;
    let shared = Secret::new();
    let code = made(CODE, shared.expose());
    let new = NewSignIn {
        secret: &shared.hash(),
        client: &hash(&asked.client),
        code: &bound(&code, &asked.client, &asked.redirect, &asked.challenge),
        name: &asked.program.name,
        host: &asked.host(),
        expires_at: now + Duration::seconds(CODE_SECONDS),
    };
    rows::add(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(Some(SecretString::from(code)))
}

/// Redeems a code. It is tried once: whatever is wrong with the proof, the code is gone, and one that was redeemed before
/// ends the agent, because two programs know it.
///
/// # Errors
/// [`Denied`].
pub async fn redeem(db: &Db, proof: &Proof<'_>, now: DateTime<Utc>) -> Result<Issued, Denied> {
    let shown = Shown::read(proof.code, CODE).ok_or(Denied::Grant)?;
    let (mut tx, held, is_allowed) = hold(db, shown.shared).await?;
    let fits = held.code == bound(proof.code, proof.client, proof.redirect, proof.challenge);
    let is_first = held.token.is_none();
    if !fits || !is_first || !is_allowed || held.expires_at <= now {
        end(tx, &held, "code").await?;
        return Err(Denied::Grant);
    }
    if let Some(named) = proof.business
        && named != held.business.to_string()
        && named != businesses::get(&mut tx, held.business).await?.slug
    {
        end(tx, &held, "resource").await?;
        return Err(Denied::Target);
    }
    let new = NewToken {
        name: held.name.clone(),
        scopes: vec![SCOPE.to_owned()],
        expires_at: Some(now + Duration::seconds(ACCESS_SECONDS)),
    };
    let (token, access) = api_tokens::add(&mut tx, &new).await?;
    let refresh = made(REFRESH, shared_part(proof.code));
    rows::go_on(&mut tx, held.id, (token, &hash(&refresh)), now + Duration::days(IDLE_DAYS)).await?;
    tx.commit().await?;
    Ok(Issued { access, refresh: SecretString::from(refresh) })
}

/// Gives the token of an agent a new value. A refresh token that was replaced before ends the agent, because somebody else
/// has it, too; but it may come again once and at once, because the answer with the next one may have been lost. What that
/// answer held stops working then, so whoever has it ends the agent as before: of two who know a refresh token only one goes
/// on, and only until the other one shows theirs.
///
/// # Errors
/// [`Denied`].
pub async fn renew(
    db: &Db,
    refresh: &str,
    (client, business): (&str, Option<&str>),
    now: DateTime<Utc>,
) -> Result<Issued, Denied> {
    let shown = Shown::read(refresh, REFRESH).ok_or(Denied::Grant)?;
    let (mut tx, held, is_allowed) = hold(db, shown.shared).await?;
    let Some(token) = held.token.filter(|_| held.client == hash(client)) else { return Err(Denied::Grant) };
    let is_last = held.refresh.as_deref() == Some(&shown.whole[..]);
    if !(is_last || came_again(&held, &shown, now)) || !is_allowed || held.expires_at <= now {
        end(tx, &held, "refresh_token").await?;
        return Err(Denied::Grant);
    }
    if let Some(named) = business
        && named != held.business.to_string()
        && named != businesses::get(&mut tx, held.business).await?.slug
    {
        return Err(Denied::Target);
    }
    let access = match api_tokens::renew(&mut tx, token, now + Duration::seconds(ACCESS_SECONDS)).await {
        Err(store::Error::NotFound) => return Err(Denied::Grant),
        renewed => renewed?,
    };
    let next = made(REFRESH, shared_part(refresh));
    let replaced = is_last.then_some((&shown.whole, now));
    rows::replace(&mut tx, held.id, &hash(&next), replaced, now + Duration::days(IDLE_DAYS)).await?;
    tx.commit().await?;
    Ok(Issued { access, refresh: SecretString::from(next) })
}

/// Whether this is the refresh token that was replaced a moment ago and did not come again since. Clocks of two processes may
/// differ.
fn came_again(held: &SignIn, shown: &Shown, now: DateTime<Utc>) -> bool {
    let is_before = held.replaced.as_deref() == Some(&shown.whole[..]);
    is_before && held.replaced_at.is_some_and(|at| (now - at).abs() <= Duration::seconds(AGAIN_SECONDS))
}

/// Whether this is the refresh token that works, or the one before.
fn is_known(held: &SignIn, shown: &Shown) -> bool {
    [&held.refresh, &held.replaced].into_iter().any(|known| known.as_deref() == Some(&shown.whole[..]))
}

/// Ends the agent whose access token or refresh token this is; that may be the one before, which an agent shows that lost an
/// answer. Any other text ends nothing, and no answer says so (RFC 7009).
///
/// # Errors
/// When the database fails.
pub async fn revoke(db: &Db, token: &str) -> Result<(), store::Error> {
    if let Some(shown) = Shown::read(token, REFRESH) {
        return match hold(db, shown.shared).await {
            Ok((tx, held, _)) if is_known(&held, &shown) => end(tx, &held, "revoked").await,
            Ok(_) | Err(Denied::Grant | Denied::Target) => Ok(()),
            Err(Denied::Store(error)) => Err(error),
        };
    }
    let Some(known) = api_tokens::find(db, hash(token)).await? else { return Ok(()) };
    let (Some(business), Some(by)) = (known.business, known.made_by) else { return Ok(()) };
    let mut tx = TenantTx::begin(db, scope(known.agency, business, by)).await?;
    let Some(id) = rows::of_token(&mut tx, known.id).await? else { return Ok(()) };
    // Held before its token, as everywhere: whoever renews it meanwhile waits for nobody who waits for them.
    match rows::hold(&mut tx, id).await? {
        Some(held) => end(tx, &held, "revoked").await,
        None => Ok(()),
    }
}

/// The scope of the person who allowed an agent, in its business alone.
fn scope(agency: AgencyId, business: BusinessId, by: UserId) -> Scope {
    let (reach, listed) = (domain::identity::Reach::Listed, vec![business]);
    Scope::AgencyBusiness { user: Some(by), agency, business, reach, listed }
}

/// The sign-in with this shared part, held until its transaction ends, and whether whoever allowed it still may. That is read
/// first, because a request never holds two connections.
async fn hold(db: &Db, shared: [u8; 32]) -> Result<(TenantTx, SignIn, bool), Denied> {
    let known = rows::find(db, shared).await?.ok_or(Denied::Grant)?;
    let is_allowed = may_manage(db, &known).await?;
    let mut tx = TenantTx::begin(db, scope(known.agency, known.business, known.by)).await?;
    let held = rows::hold(&mut tx, known.id).await?.ok_or(Denied::Grant)?;
    Ok((tx, held, is_allowed))
}

/// Ends a sign-in and revokes its token, if it has one that was not revoked before.
async fn end(mut tx: TenantTx, held: &SignIn, what: &'static str) -> Result<(), store::Error> {
    if let Some(token) = held.token {
        tracing::info!(event = "agent_sign_in.ended", what, token = %token, "a browser sign-in of an AI agent was ended");
        match api_tokens::revoke(&mut tx, token).await {
            Ok(()) | Err(store::Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    rows::remove(&mut tx, held.id).await?;
    tx.commit().await
}

/// Whether whoever allowed a sign-in may still manage the tools of its business, as its member or one of its agency's.
async fn may_manage(db: &Db, held: &SignIn) -> Result<bool, store::Error> {
    let Some(person) = identity::caller(db, held.by).await? else { return Ok(false) };
    let own = access::businesses(&person, &held.business.to_string());
    let is_member = own.iter().any(|own| own.id == held.business && own.allows(Right::ToolsManage));
    let place = access::agency(&person, &held.agency.to_string()).filter(|place| place.id == held.agency);
    let is_staff = place.is_some_and(|place| place.reaches(held.business) && place.allows(Right::ToolsManage));
    Ok(is_member || is_staff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_by_its_kind_and_shares_one_part() {
        let shared = Secret::new();
        let (code, refresh) = (made(CODE, shared.expose()), made(REFRESH, shared.expose()));
        let read = Shown::read(&code, CODE).map(|shown| shown.shared);
        assert_eq!(read, Some(shared.hash()));
        assert_eq!(Shown::read(&refresh, REFRESH).map(|shown| shown.shared), read);
        assert_eq!((shared_part(&code), shared_part(&refresh)), (shared.expose(), shared.expose()));
        for other in [refresh.as_str(), &code[4..], &code[..131], format!("{code}0").as_str(), "slc_", "", "slc_\u{e9}"]
        {
            assert!(Shown::read(other, CODE).is_none(), "{other}");
        }
    }

    #[test]
    fn nothing_that_a_code_is_bound_to_may_differ() {
        let good = bound("code", "client", "redirect", "challenge");
        for other in [
            bound("x", "client", "redirect", "challenge"),
            bound("code", "x", "redirect", "challenge"),
            bound("code", "client", "x", "challenge"),
            bound("code", "client", "redirect", "x"),
        ] {
            assert_ne!(good, other);
        }
    }
}
