//! How a consent is recorded, and the code that it yields.

use chrono::TimeDelta;

use crate::{
    ids::{digest, new_id},
    world::Transaction,
};

use super::access_records::{Assets, MetaCode, MetaConsent, TokenKind};

/// How long a code of a dialog can be exchanged.
const CODE: TimeDelta = TimeDelta::minutes(10);
/// How long a code of Embedded Signup can be exchanged.
const SIGNUP_CODE: TimeDelta = TimeDelta::seconds(30);

/// What a person decided in a dialog.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// The app, or its Instagram half.
    pub app: String,
    /// The person.
    pub person: String,
    /// Granted permissions.
    pub scopes: Vec<String>,
    /// Permissions that were asked for and not granted.
    pub declined: Vec<String>,
    /// The chosen accounts.
    pub assets: Assets,
    /// The redirect URI. `None` for Embedded Signup by the platform's own script.
    pub redirect_uri: Option<String>,
}

/// Records a consent of Facebook Login, which replaces the person's earlier one, and returns a code.
pub fn facebook(tx: &mut Transaction<'_>, decision: &Decision, system_user: bool) -> String {
    let (id, kind) = match decision.assets.businesses.first() {
        Some(business) if system_user => (format!("business:{business}"), TokenKind::SystemUser),
        _ => (format!("user:{}", decision.person), TokenKind::User),
    };
    record(tx, id, kind, decision, CODE)
}

/// Records a consent of Instagram Login for one account and returns a code.
pub fn instagram(tx: &mut Transaction<'_>, decision: &Decision) -> Result<String, String> {
    let id = decision.assets.instagrams.first().ok_or("Choose an account.")?;
    let account = tx.world.instagrams.get(id).ok_or("There is no such Instagram account.")?;
    let decision = Decision { person: account.app_scoped_id.clone(), ..decision.clone() };
    Ok(record(tx, format!("instagram:{id}"), TokenKind::Instagram, &decision, CODE))
}

/// Records a business's consent of Embedded Signup and returns a code. It has no redirect URI where the window was opened by
/// the platform's own script.
pub fn embedded_signup(
    tx: &mut Transaction<'_>,
    app: &str,
    waba: &str,
    redirect_uri: Option<&str>,
) -> Result<String, String> {
    let waba = tx.world.wabas.get(waba).ok_or("There is no such WhatsApp Business Account.")?;
    let id = format!("business:{}", waba.business_id);
    // A business that signs up again keeps the accounts that it shared before.
    let mut wabas = tx.world.meta_consents.get(&id).map(|consent| consent.assets.wabas.clone()).unwrap_or_default();
    if !wabas.contains(&waba.id) {
        wabas.push(waba.id.clone());
    }
    let people = tx.world.businesses.get(&waba.business_id).map(|business| business.people.clone());
    let scopes =
        ["whatsapp_business_management", "whatsapp_business_messaging", "business_management", "public_profile"];
    let decision = Decision {
        app: app.to_owned(),
        person: people.unwrap_or_default().into_iter().next().unwrap_or_default(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        declined: Vec::new(),
        assets: Assets { wabas, businesses: vec![waba.business_id.clone()], ..Assets::default() },
        redirect_uri: redirect_uri.map(str::to_owned),
    };
    Ok(record(tx, id, TokenKind::SystemUser, &decision, SIGNUP_CODE))
}

/// Permissions that were granted before stay granted unless they were asked for and declined. The code can be exchanged for as
/// long as `lives`.
fn record(tx: &mut Transaction<'_>, id: String, kind: TokenKind, decision: &Decision, lives: TimeDelta) -> String {
    let mut scopes = decision.scopes.clone();
    let before = tx.world.meta_consents.get(&id).map(|consent| consent.scopes.clone()).unwrap_or_default();
    scopes.extend(
        before.into_iter().filter(|scope| !decision.scopes.contains(scope) && !decision.declined.contains(scope)),
    );
    tx.put(&MetaConsent {
        id: id.clone(),
        app_id: decision.app.clone(),
        person_id: decision.person.clone(),
        kind,
        scopes,
        declined: decision.declined.clone(),
        assets: decision.assets.clone(),
        given_at: tx.now,
    });
    let code = format!("AQ{}", new_id(90));
    let redirect_uri = decision.redirect_uri.clone();
    tx.put(&MetaCode { id: digest(&code), consent_id: id, redirect_uri, expires_at: tx.now + lives, used: false });
    code
}
