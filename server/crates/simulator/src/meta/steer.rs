//! What can be done to connections from outside of Graph: end tokens, take permissions, remove the app, and set the app's
//! addresses.

use serde_json::{Value, json};

use crate::{Simulator, control::actions::said, world::Transaction};

use super::{
    access_records::{Death, MetaConsent, MetaToken},
    callbacks, consents,
    people::{remove_app, take_back},
    records::{MetaApp, ObjectWebhook},
};

/// What Meta says of a token that died with a subcode.
fn words(subcode: Option<u64>) -> &'static str {
    match subcode {
        Some(463) => "Error validating access token: Session has expired.",
        Some(460) => {
            "Error validating access token: The session has been invalidated because the user changed their password or Facebook has changed the session for security reasons."
        }
        Some(458) => "Error validating access token: The user has not authorized application.",
        Some(459) => {
            "Error validating access token: You cannot access the app till you log in to www.facebook.com and follow the instructions given."
        }
        Some(464) => "Error validating access token: The user is not a confirmed user.",
        Some(467) => "Error validating access token: The session is invalid because the user logged out.",
        Some(492) => {
            "Error validating access token: The user must be an administrator, editor, or moderator of the page in order to impersonate it."
        }
        _ => "Invalid OAuth access token - Cannot parse access token",
    }
}

/// Whether a token or consent is about an account: a Page, Instagram account, number, WhatsApp Business Account, portfolio or
/// person. An empty account means everything.
fn is_about(tx: &Transaction<'_>, consent: &MetaConsent, account: &str) -> bool {
    let waba = tx.world.phone_numbers.get(account).map_or(account, |number| number.waba_id.as_str());
    let assets = &consent.assets;
    let lists = [&assets.pages, &assets.instagrams, &assets.wabas, &assets.businesses];
    account.is_empty() || consent.person_id == account || lists.iter().any(|list| list.iter().any(|id| id == waba))
}

fn consents_about<'w>(tx: &Transaction<'w>, account: &str) -> Vec<&'w MetaConsent> {
    let world = tx.world;
    world.meta_consents.values().filter(|consent| is_about(tx, consent, account)).collect()
}

/// Ends tokens (`"what": "token"`) or takes permissions back (`"what": "permission"`). Returns how many were hit.
pub fn expire(sim: &Simulator, order: &Value) -> Result<usize, String> {
    let text = |name: &str| order[name].as_str().unwrap_or_default().to_owned();
    let account = text("account");
    let subcode = order["subcode"].as_u64().or_else(|| text("subcode").parse().ok());
    let message = Some(text("message")).filter(|text| !text.is_empty()).unwrap_or_else(|| words(subcode).to_owned());
    let transaction = |tx: &mut Transaction<'_>| match order["what"].as_str().unwrap_or("token") {
        "token" => {
            let subcode = subcode.and_then(|subcode| u32::try_from(subcode).ok());
            Ok(end_tokens(tx, &account, &Death { subcode, message }))
        }
        "permission" => Ok(take_permissions(tx, &account, &text("permission"))),
        other => Err(format!("what is token or permission, not {other}.")),
    };
    sim.run_transaction(transaction).map_err(said)
}

fn end_tokens(tx: &mut Transaction<'_>, account: &str, death: &Death) -> usize {
    let world = tx.world;
    let mut hit = 0;
    for consent in consents_about(tx, account) {
        let meant = |token: &&MetaToken| {
            let own = token.account_id.as_deref();
            // A Page's token dies alone; whatever is above it dies with everything that it covers.
            token.death.is_none()
                && (account.is_empty() || own.is_none_or(|own| own == account || covers(token, account)))
        };
        for token in world.meta_tokens.of(&consent.id).filter(meant) {
            tx.put(&MetaToken { death: Some(death.clone()), ..token.clone() });
            hit += 1;
        }
    }
    hit
}

fn covers(token: &MetaToken, account: &str) -> bool {
    token.assets.instagrams.iter().any(|id| id == account) || token.person_id == account
}

/// Takes back one permission, or all that are about messages.
fn take_permissions(tx: &mut Transaction<'_>, account: &str, permission: &str) -> usize {
    let mut hit = 0;
    for consent in consents_about(tx, account) {
        let meant =
            |scope: &&String| if permission.is_empty() { scope.contains("messag") } else { *scope == permission };
        let mut left = consent.clone();
        for scope in consent.scopes.iter().filter(meant) {
            take_back(tx, &left, scope);
            left.scopes.retain(|known| known != scope);
            left.declined.push(scope.clone());
            hit += 1;
        }
    }
    hit
}

/// The app, the person meant by an order, and the secret that signs for them.
fn person_of(sim: &Simulator, order: &Value) -> Result<(MetaApp, String, String), String> {
    let state = sim.lock();
    let app = state.world.meta_apps.values().next().ok_or("There is no app.")?.clone();
    let named = order["person"].as_str().or_else(|| order["user_id"].as_str()).map(str::to_owned);
    let first = || state.world.people.keys().next().cloned();
    let person = named.or_else(first).ok_or("There is nobody.")?;
    let instagram = state.world.instagrams.values().any(|account| account.app_scoped_id == person);
    let secret = if instagram { app.ig_secret.clone() } else { app.secret.clone() };
    Ok((app, person, secret))
}

/// Removes the app for a person and tells the app. `"forged": true` sends a wrong signature and removes nothing.
pub async fn deauthorize(sim: &Simulator, order: &Value) -> Result<Value, String> {
    let (app, person, secret) = person_of(sim, order)?;
    let forged = order["forged"].as_bool() == Some(true);
    if !forged {
        let transaction = |tx: &mut Transaction<'_>| {
            let world = tx.world;
            for consent in world.meta_consents.values().filter(|consent| consent.person_id == person) {
                remove_app(tx, consent);
            }
            Ok(())
        };
        sim.run_transaction(transaction).map_err(said)?;
    }
    tell(sim, order, &app.deauthorize_url, (&secret, &person), forged).await
}

/// Asks the app to delete a person's data.
pub async fn data_deletion(sim: &Simulator, order: &Value) -> Result<Value, String> {
    let (app, person, secret) = person_of(sim, order)?;
    let forged = order["forged"].as_bool() == Some(true);
    tell(sim, order, &app.data_deletion_url, (&secret, &person), forged).await
}

async fn tell(sim: &Simulator, order: &Value, url: &str, whose: (&str, &str), forged: bool) -> Result<Value, String> {
    let url = order["url"].as_str().unwrap_or(url);
    if url.is_empty() {
        return Err("The app has no such address. Set it with POST /_sim/meta/app.".into());
    }
    let signed = callbacks::signed_request(whose.0, whose.1, sim.lock().now());
    let signed = if forged { callbacks::forged(&signed) } else { signed };
    callbacks::send(url, &signed).await
}

/// Verifies an address and then sends webhooks there: of one `object`, or of all. `url` and `verify_token` default to the app's.
pub async fn subscribe_webhook(sim: &Simulator, order: &Value) -> Result<Value, String> {
    let app = sim.lock().world.meta_apps.values().next().cloned().ok_or("There is no app.")?;
    let text = |name: &str, usual: &str| order[name].as_str().unwrap_or(usual).to_owned();
    let object = text("object", "");
    let url = text("url", app.callback(&object).unwrap_or_default());
    callbacks::handshake(&url, &text("verify_token", &app.verify_token)).await?;
    let fields =
        order["fields"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let mut app = app;
    if object.is_empty() {
        app.callback_url.clone_from(&url);
    } else {
        app.objects.insert(object.clone(), ObjectWebhook { callback_url: url.clone(), fields });
    }
    let transaction = |tx: &mut Transaction<'_>| {
        tx.put(&app);
        Ok(json!({"url": url, "object": object}))
    };
    sim.run_transaction(transaction).map_err(said)
}

/// Changes fields of the app, by the names that `/_sim/world` shows.
pub fn set_app(sim: &Simulator, given: &Value) -> Result<Value, String> {
    let transaction = |tx: &mut Transaction<'_>| {
        let app = tx.world.meta_apps.values().next().ok_or("There is no app.")?;
        let mut all = serde_json::to_value(app).map_err(|error| error.to_string())?;
        for (name, value) in given.as_object().ok_or("Give the fields as an object.")? {
            match all.get_mut(name) {
                Some(known) if name != "id" => *known = value.clone(),
                _ => return Err(format!("The app has no field {name} that can be changed.")),
            }
        }
        let app: MetaApp = serde_json::from_value(all).map_err(|error| error.to_string())?;
        tx.put(&app);
        Ok(json!(app))
    };
    sim.run_transaction(transaction).map_err(said)
}

/// Plays Embedded Signup for a WhatsApp Business Account (`waba`): the code of the browser's callback, and the message that the
/// popup posts. With `"event": "CANCEL"` there is no code.
pub fn embedded_signup(sim: &Simulator, order: &Value) -> Result<Value, String> {
    let event = order["event"].as_str().unwrap_or("FINISH");
    if event == "CANCEL" {
        let data = json!({"current_step": "PHONE_NUMBER_SETUP"});
        return Ok(
            json!({"message": json!({"type": "WA_EMBEDDED_SIGNUP", "event": event, "version": "3", "data": data}).to_string()}),
        );
    }
    let transaction = |tx: &mut Transaction<'_>| {
        let app = tx.world.meta_apps.keys().next().ok_or("There is no app.")?;
        let first = || tx.world.wabas.keys().next().map(String::as_str);
        let waba = order["waba"].as_str().or_else(first).unwrap_or_default();
        let business = tx.world.wabas.get(waba).map(|waba| waba.business_id.clone());
        let mut data = json!({"waba_id": waba, "business_id": business});
        if event == "FINISH" {
            let number = order["phone_number"].as_str().map(str::to_owned);
            let oldest = || tx.world.phone_numbers.of(waba).next().map(|number| number.id.clone());
            data["phone_number_id"] = json!(number.or_else(oldest));
        }
        let message = json!({"type": "WA_EMBEDDED_SIGNUP", "event": event, "version": "3", "data": data}).to_string();
        let code = consents::embedded_signup(tx, app, waba, None)?;
        Ok(json!({"code": code, "message": message}))
    };
    sim.run_transaction(transaction).map_err(said)
}
