//! How tokens are issued, and whether a token still works.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    ids::{digest, new_id},
    world::{Transaction, World},
};

use super::{
    access_records::{Assets, Death, MetaConsent, MetaToken, TokenKind},
    events::app_of,
    graph::GraphCall,
    reply::{Outcome, Refused, error},
    wire,
};

/// How long a short-lived token works.
pub const SHORT: TimeDelta = TimeDelta::hours(1);
/// How long a long-lived token works.
pub const LONG: TimeDelta = TimeDelta::days(60);
/// How long access to a person's data lasts after they consented.
const DATA_ACCESS: TimeDelta = TimeDelta::days(90);

/// The message of the refusal when a Page is no longer among the granted ones.
const PAGE_NOT_GRANTED: &str = "(#190) Any of the pages_read_engagement, pages_manage_metadata, pages_read_user_content, pages_manage_ads, pages_show_list or pages_messaging permission(s) must be granted before impersonating a user's page.";

/// Issues a token on a consent and returns the token itself.
pub fn issue(tx: &mut Transaction<'_>, consent: &MetaConsent, long: bool) -> (String, Option<DateTime<Utc>>) {
    let instagram = consent.kind == TokenKind::Instagram;
    let account = consent.assets.instagrams.first().filter(|_| instagram).cloned();
    let expires_at = match consent.kind {
        TokenKind::SystemUser => None,
        _ => Some(tx.now + if long { LONG } else { SHORT }),
    };
    let token = MetaToken {
        id: String::new(),
        kind: consent.kind,
        app_id: consent.app_id.clone(),
        consent_id: consent.id.clone(),
        person_id: consent.person_id.clone(),
        account_id: account,
        scopes: consent.scopes.clone(),
        assets: consent.assets.clone(),
        long,
        issued_at: tx.now,
        expires_at,
        data_access_expires_at: (consent.kind == TokenKind::User).then(|| consent.given_at + DATA_ACCESS),
        death: None,
    };
    (put_new(tx, token), expires_at)
}

/// Issues the token of a Page on a person's or a business's token. It expires only with a short-lived one.
pub fn issue_page(tx: &mut Transaction<'_>, parent: &MetaToken, page: &str) -> String {
    let instagram = tx.world.pages.get(page).and_then(|page| page.instagram_id.clone());
    let assets = Assets {
        pages: vec![page.to_owned()],
        instagrams: instagram.into_iter().filter(|id| parent.assets.instagrams.contains(id)).collect(),
        ..Assets::default()
    };
    let expires_at = parent.expires_at.filter(|_| !parent.long);
    let token = MetaToken {
        kind: TokenKind::Page,
        account_id: Some(page.to_owned()),
        assets,
        issued_at: tx.now,
        expires_at,
        ..parent.clone()
    };
    put_new(tx, token)
}

fn put_new(tx: &mut Transaction<'_>, token: MetaToken) -> String {
    let start = if token.kind == TokenKind::Instagram { "IGAA" } else { "EAAE" };
    let secret = format!("{start}{}", new_id(120));
    tx.put(&MetaToken { id: digest(&secret), ..token });
    secret
}

/// The token of a call with the rights that it still has.
pub fn caller(tx: &Transaction<'_>, call: &GraphCall) -> Result<MetaToken, Refused> {
    let secret = call.bearer.as_deref().unwrap_or_default();
    if secret.is_empty() {
        return Err(error(
            400,
            2500,
            None,
            "An active access token must be used to query information about the current user.",
        ));
    }
    let token = tx
        .world
        .meta_tokens
        .get(&digest(secret))
        .filter(|token| (token.kind == TokenKind::Instagram) == call.instagram);
    let token = token.ok_or_else(|| error(401, 190, None, "Invalid OAuth access token - Cannot parse access token"))?;
    if let Some(death) = death(tx.world, token, tx.now) {
        return Err(error(401, 190, death.subcode, death.message));
    }
    check_proof(tx.world, call, token, secret)?;
    Ok(effective(tx.world, token))
}

/// Why a token no longer works. `None` if it does.
pub fn death(world: &World, token: &MetaToken, now: DateTime<Utc>) -> Option<Death> {
    if let Some(death) = &token.death {
        return Some(death.clone());
    }
    let died = |subcode, message: String| Some(Death { subcode, message });
    if let Some(at) = token.expires_at.filter(|at| *at <= now) {
        let (at, now) = (at.format("%A, %d-%b-%y %H:%M:%S UTC"), now.format("%A, %d-%b-%y %H:%M:%S UTC"));
        let message = format!("Error validating access token: Session has expired on {at}. The current time is {now}.");
        return died(Some(463), message);
    }
    if token.data_access_expires_at.is_some_and(|at| at <= now) {
        return died(None, "Error validating access token: Access to the user's data has expired.".into());
    }
    // Removing the app ends its tokens one by one, so a token without a consent is one that never had any.
    let consent = world.meta_consents.get(&token.consent_id)?;
    let page = token.account_id.as_ref().filter(|_| token.kind == TokenKind::Page)?;
    if !consent.assets.pages.contains(page) {
        return died(None, PAGE_NOT_GRANTED.into());
    }
    let has_role = world.pages.get(page).is_some_and(|page| page.roles.contains_key(&token.person_id));
    if !has_role && consent.kind == TokenKind::User {
        let message = "Error validating access token: The user must be an administrator, editor, or moderator of the page in order to impersonate it. If the page business requires Two Factor Authentication, the user also needs to enable Two Factor Authentication.";
        return died(Some(492), message.into());
    }
    None
}

/// The token with the permissions and accounts that its consent still covers.
fn effective(world: &World, token: &MetaToken) -> MetaToken {
    let mut token = token.clone();
    let Some(consent) = world.meta_consents.get(&token.consent_id) else { return token };
    token.scopes.retain(|scope| consent.scopes.contains(scope));
    let assets = &mut token.assets;
    for (own, granted) in [
        (&mut assets.pages, &consent.assets.pages),
        (&mut assets.instagrams, &consent.assets.instagrams),
        (&mut assets.wabas, &consent.assets.wabas),
        (&mut assets.businesses, &consent.assets.businesses),
    ] {
        own.retain(|id| granted.contains(id));
    }
    token
}

/// Checks `appsecret_proof` when it is sent, and that it is sent if the app demands it.
fn check_proof(world: &World, call: &GraphCall, token: &MetaToken, secret: &str) -> Result<(), Refused> {
    let Some(app) = app_of(world, &token.app_id).filter(|_| !call.instagram) else { return Ok(()) };
    match call.param("appsecret_proof") {
        "" if app.proof_required => {
            Err(error(400, 100, None, "API calls from the server require an appsecret_proof argument"))
        }
        "" => Ok(()),
        given if given == wire::proof(&app.secret, secret) => Ok(()),
        _ => Err(error(400, 100, None, "Invalid appsecret_proof provided in the API argument")),
    }
}

/// Refuses a call whose token lacks a permission.
pub fn need(token: &MetaToken, scope: &str) -> Outcome {
    if token.scopes.iter().any(|known| known == scope) {
        return Ok(super::reply::success());
    }
    Err(super::reply::no_permission(scope))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_proof_is_that_of_the_published_vector() {
        let proof = super::wire::proof("test-app-secret", "EAAEXAMPLEPAGETOKENA");
        assert_eq!(proof, "15223210b559a8de9db6bef0b09dbcb0d064601a6ef6d7fabec180ebaa5229ff");
    }
}
