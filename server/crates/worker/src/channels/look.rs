//! What does Meta say of a channel's token: does it work, what was granted with it, and until when? Meta tells us of its
//! death by itself only in the answer to a call.

use chrono::{DateTime, TimeDelta, Utc};
use domain::integration::{Integration, Kind};
use domain::{AgencyId, BusinessId, IntegrationId};
use meta::auth::{Way, missing};
use meta::debug_token::{self, TokenFacts};
use meta::{Call, Login, TokenDeath, instagram};
use outbound::CallContext;
use store::queue::Claimed;
use store::tenant::TenantTx;
use store::{credentials, integrations};

use super::access::{Access, access};
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::lost_channel::lost;
use crate::integrations::tokens::tenant_tx;

/// How long before its end people are told of a token that only they can replace.
const WARNED: TimeDelta = TimeDelta::days(7);

/// What a look at a token showed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It works no more; the words say why.
    Dead(&'static str),
    /// It works.
    Alive {
        /// What was granted, and what is needed and was not. `None` if Meta does not say.
        scopes: Option<(Vec<String>, Vec<String>)>,
        /// When it ends, if Meta says so: the token itself, or the access to data.
        ends: Option<Option<DateTime<Utc>>>,
    },
}

/// Asks Meta about the token of one channel.
pub async fn check(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(business), Some(id)) = (item.agency, item.business, item.subject.map(IntegrationId)) else {
        return Ok(());
    };
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    let integration = match integrations::get(&mut tx, id).await {
        Err(store::Error::NotFound) => return Ok(()),
        found => found?,
    };
    let idle = !integration.is_active || integration.needs_reauth_at.is_some() || integration.paused_at.is_some();
    let access = if idle { None } else { access(worker, &mut tx, &integration).await? };
    tx.commit().await?;
    let Some(access) = access else { return Ok(()) };
    let seen = match look(worker, (agency, business), &integration, &access).await {
        Ok(seen) => Some(seen),
        Err(error) if error.passes() && !is_last(item) => return Err(error.into()),
        Err(error) => {
            tracing::warn!(event = "channel.check_failed", integration = %id, %error, "a channel's token could not be looked at today");
            None
        }
    };
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    if let Some(seen) = seen {
        record(&mut tx, &integration, &access, &seen).await?;
    }
    integrations::record_check(&mut tx, id).await?;
    Ok(tx.commit().await?)
}

/// How often a look is tried.
pub const TRIES: i32 = 6;

/// Whether the work is not repeated any more after this run.
fn is_last(item: &Claimed) -> bool {
    item.attempt >= TRIES
}

/// Looks at the token. Tokens of Instagram Login are unknown to `debug_token`, so the cheapest call shows whether one
/// works.
pub(super) async fn look(
    worker: &Worker,
    (agency, business): (AgencyId, BusinessId),
    integration: &Integration,
    access: &Access,
) -> meta::Result<Seen> {
    let about = CallContext {
        agency: Some(agency.0),
        business: Some(business.0),
        integration: Some(integration.id.0),
        ..CallContext::default()
    };
    let meta = &worker.meta;
    let answer = match access.login {
        Login::Facebook => debug_token::facts(meta, &about, &access.token)
            .await
            .map(|facts| read(facts, way(integration.kind), &meta.settings().app_id)),
        Login::Instagram => {
            let call = Call { token: &access.token, login: access.login, about: &about };
            instagram::me(meta, call).await.map(|_| Seen::Alive { scopes: None, ends: None })
        }
    };
    match answer {
        // With `debug_token` the token of our app would be meant, not that of the channel.
        Err(meta::Error { kind: meta::Kind::Token(death), .. }) if access.login == Login::Instagram => {
            Ok(Seen::Dead(cause(death)))
        }
        other => other,
    }
}

/// How a channel was connected by Facebook Login.
const fn way(kind: Kind) -> Way {
    match kind {
        Kind::Whatsapp => Way::Whatsapp,
        Kind::Instagram => Way::InstagramByPage,
        _ => Way::Facebook,
    }
}

fn read(facts: TokenFacts, way: Way, app: &str) -> Seen {
    if !facts.valid {
        return Seen::Dead(cause(facts.death.unwrap_or(TokenDeath::Revoked)));
    }
    if !facts.app_id.is_empty() && facts.app_id != app {
        return Seen::Dead("token of another app");
    }
    let lacking = missing(way, facts.scopes.iter().map(String::as_str));
    let lacking = lacking.into_iter().map(|scope| scope.name.to_owned()).collect();
    let ends = [facts.expires_at, facts.data_access_expires_at].into_iter().flatten().min();
    Seen::Alive { scopes: (!facts.scopes.is_empty()).then_some((facts.scopes, lacking)), ends: Some(ends) }
}

/// Why a token is dead, in a few words for its evidence.
const fn cause(death: TokenDeath) -> &'static str {
    match death {
        TokenDeath::Expired => "token expired",
        TokenDeath::PasswordChanged => "password changed",
        TokenDeath::AppRemoved => "app removed",
        TokenDeath::Checkpoint => "login needed at Facebook",
        TokenDeath::RoleLost => "role on the page lost",
        TokenDeath::Revoked => "token revoked",
    }
}

/// Stores what was seen, unless another token is in use by now.
pub(super) async fn record(
    tx: &mut TenantTx,
    integration: &Integration,
    access: &Access,
    seen: &Seen,
) -> store::Result<()> {
    match seen {
        Seen::Dead(cause) => lost(tx, integration.id, access.version, cause).await.map(drop),
        Seen::Alive { scopes, ends } => {
            let now = credentials::peek(tx, integration.id).await?;
            if now.is_none_or(|now| now.version != access.version) {
                return Ok(());
            }
            if let Some((granted, lacking)) = scopes {
                integrations::set_scopes(tx, integration.id, granted, lacking).await?;
            }
            if let Some(ends) = ends {
                credentials::set_end(tx, integration.id, access.version, *ends).await?;
            }
            // One that is renewed by itself begins its last days only if that fails.
            if ends.unwrap_or(integration.token_expires_at).is_some_and(|at| at < Utc::now() + WARNED) {
                integrations::ends_soon(tx, integration.id, access.version).await?;
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> TokenFacts {
        let scopes = ["whatsapp_business_management", "whatsapp_business_messaging"].map(str::to_owned);
        TokenFacts { valid: true, app_id: "990".to_owned(), scopes: scopes.into(), ..TokenFacts::default() }
    }

    fn at(seconds: i64) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(seconds, 0)
    }

    #[test]
    fn a_dead_token_and_one_of_another_app_are_no_access() {
        let dead = TokenFacts { valid: false, death: Some(TokenDeath::PasswordChanged), ..facts() };
        assert_eq!(read(dead, Way::Whatsapp, "990"), Seen::Dead("password changed"));
        assert_eq!(read(facts(), Way::Whatsapp, "991"), Seen::Dead("token of another app"));
        let unsaid = TokenFacts { app_id: String::new(), ..facts() };
        assert!(matches!(read(unsaid, Way::Whatsapp, "990"), Seen::Alive { .. }));
    }

    #[test]
    fn a_permission_that_was_taken_back_is_missing_and_silence_takes_none_back() {
        let Seen::Alive { scopes, .. } = read(facts(), Way::Whatsapp, "990") else { panic!("it works") };
        assert_eq!(scopes.unwrap().1, Vec::<String>::new());
        let less = TokenFacts { scopes: vec!["whatsapp_business_management".to_owned()], ..facts() };
        let Seen::Alive { scopes, .. } = read(less, Way::Whatsapp, "990") else { panic!("it works") };
        assert_eq!(scopes.unwrap().1, ["whatsapp_business_messaging"]);
        let silent = TokenFacts { scopes: Vec::new(), ..facts() };
        assert!(matches!(read(silent, Way::Whatsapp, "990"), Seen::Alive { scopes: None, .. }));
    }

    #[test]
    fn the_earlier_of_both_ends_counts() {
        for (token, data, end) in
            [(None, None, None), (at(9), None, at(9)), (None, at(5), at(5)), (at(9), at(5), at(5))]
        {
            let facts = TokenFacts { expires_at: token, data_access_expires_at: data, ..facts() };
            let Seen::Alive { ends, .. } = read(facts, Way::Whatsapp, "990") else { panic!("it works") };
            assert_eq!(ends, Some(end));
        }
    }
}
