//! Which accounts did a consent at Meta bring, and with which tokens? The code is exchanged first, because it lives only
//! for seconds; then the token is examined, and the accounts are read with it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::channel_setup::Account;
use meta::auth::{self, Way, missing};
use meta::debug_token::{Targets, TokenFacts, facts};
use meta::{Call, Login, Meta, accounts, instagram, whatsapp};
use operations::channels::Consent;
use outbound::{CallContext, Priority};
use secrecy::SecretString;
use store::channel_choices::ChoiceTokens;
use url::Url;
use web::Error;

/// The most numbers that one consent offers.
const MOST: usize = 200;

/// Exchanges the code and reads the accounts that the person granted.
///
/// # Errors
/// `Conflict` if Meta refuses the code or the token is not our app's; `Outside` if Meta does not answer.
pub async fn of_code(
    meta: &Meta,
    way: Way,
    consent: &Consent,
    code: &str,
    redirect: &Url,
) -> Result<(Vec<Account>, ChoiceTokens), Error> {
    let about =
        CallContext { agency: Some(consent.agency().0), priority: Priority::Interactive, ..CallContext::default() };
    if way == Way::InstagramLogin {
        return of_instagram(meta, &about, code, redirect).await;
    }
    let short = auth::exchange(meta, &about, code, Some(redirect)).await.map_err(|error| refusal(&error))?;
    // Tokens of a business have no longer form; a short one of a person becomes a long one.
    let long = match short.expires_in {
        Some(_) => auth::long_lived(meta, &about, &short.token).await.map_or(short.token, |grant| grant.token),
        None => short.token,
    };
    let facts = facts(meta, &about, &long).await.map_err(|error| refusal(&error))?;
    if !facts.is_ours(&meta.settings().app_id) {
        return Err(Error::Conflict(
            "Meta's answer is not for this app. Nothing was connected. Start again.".to_owned(),
        ));
    }
    let call = Call { token: &long, login: Login::Facebook, about: &about };
    let (found, of_accounts) = match way {
        Way::Whatsapp => (numbers(meta, call, &facts).await?, BTreeMap::new()),
        _ => pages(meta, call, way).await?,
    };
    let tokens = ChoiceTokens {
        expires_at: facts.expires_at.as_ref().map(DateTime::timestamp),
        person: facts.user_id.clone(),
        missing: lacking(way, &facts.scopes),
        scopes: facts.scopes,
        token: long,
        of_accounts,
    };
    Ok((found, tokens))
}

fn lacking(way: Way, scopes: &[String]) -> Vec<String> {
    missing(way, scopes.iter().map(String::as_str)).into_iter().map(|scope| scope.name.to_owned()).collect()
}

/// The numbers of every WhatsApp account for which the token was granted.
async fn numbers(meta: &Meta, call: Call<'_>, facts: &TokenFacts) -> Result<Vec<Account>, Error> {
    let Targets::Only(granted) = facts.targets("whatsapp_business_management") else {
        return Err(Error::Conflict(
            "No WhatsApp Business account was selected. Connect again and select one.".to_owned(),
        ));
    };
    let mut found = Vec::new();
    for waba in granted {
        let numbers = whatsapp::numbers(meta, call, waba).await.map_err(|error| refusal(&error))?;
        found.extend(numbers.into_iter().map(|number| Account {
            name: if number.verified_name.is_empty() { number.display.clone() } else { number.verified_name },
            address: number.display,
            id: number.id,
            waba: Some(waba.clone()),
            page: None,
            unusable: None,
        }));
        if found.len() >= MOST {
            break;
        }
    }
    Ok(found)
}

/// The pages that the person manages, or the Instagram accounts that are linked to them, each with the token of its page.
async fn pages(meta: &Meta, call: Call<'_>, way: Way) -> Result<(Vec<Account>, BTreeMap<String, SecretString>), Error> {
    let pages = accounts::pages(meta, call).await.map_err(|error| refusal(&error))?;
    let (mut found, mut tokens) = (Vec::new(), BTreeMap::new());
    for page in pages.into_iter().take(MOST) {
        let unusable = (!page.can_message()).then(|| {
            "You can't manage messages for this page. Ask its admin for the \"Messages\" task, or to connect it."
                .to_owned()
        });
        let account = match (way, page.instagram) {
            (Way::InstagramByPage, None) => continue,
            (Way::InstagramByPage, Some(linked)) => Account {
                name: linked.name.clone().or_else(|| linked.username.clone()).unwrap_or_else(|| page.name.clone()),
                address: linked.username.map(|name| format!("@{name}")).unwrap_or_default(),
                id: linked.id,
                waba: None,
                page: Some(page.id),
                unusable,
            },
            _ => Account {
                name: page.name.clone(),
                address: page.category.unwrap_or_default(),
                id: page.id,
                waba: None,
                page: None,
                unusable,
            },
        };
        if let Some(token) = page.token {
            tokens.insert(account.id.clone(), token);
        }
        found.push(account);
    }
    Ok((found, tokens))
}

async fn of_instagram(
    meta: &Meta,
    about: &CallContext,
    code: &str,
    redirect: &Url,
) -> Result<(Vec<Account>, ChoiceTokens), Error> {
    let short = instagram::exchange(meta, about, code, redirect).await.map_err(|error| refusal(&error))?;
    let long = instagram::long_lived(meta, about, &short.token).await.map_err(|error| refusal(&error))?;
    let ends: DateTime<Utc> = web::clock::now() + long.expires_in;
    let call = Call { token: &long.token, login: Login::Instagram, about };
    let me = instagram::me(meta, call).await.map_err(|error| refusal(&error))?;
    let address = me.username.clone().map(|name| format!("@{name}")).unwrap_or_default();
    let account = Account {
        name: me.name.or(me.username).unwrap_or_else(|| me.user_id.clone()),
        address,
        id: me.user_id,
        waba: None,
        page: None,
        unusable: None,
    };
    let tokens = ChoiceTokens {
        token: long.token,
        of_accounts: BTreeMap::new(),
        // An answer that lists nothing does not say that nothing was granted.
        missing: match short.permissions.as_slice() {
            [] => Vec::new(),
            granted => lacking(Way::InstagramLogin, granted),
        },
        scopes: short.permissions,
        person: short.user_id,
        expires_at: Some(ends.timestamp()),
    };
    Ok((vec![account], tokens))
}

fn refusal(error: &meta::Error) -> Error {
    tracing::warn!(event = "oauth.meta_refused", %error, "a consent at Meta was not completed");
    match error.verdict() {
        meta::Verdict::Refused => {
            Error::Conflict(format!("{} Nothing was connected. Start again.", error.kind.sentence()))
        }
        _ => Error::Outside("Meta did not answer, so nothing was connected. Start again in a minute.".to_owned()),
    }
}
