//! What a token shows of the person who consented and of a single Page, and how permissions are shown and taken back.

use serde_json::{Value, json};

use crate::world::{Transaction, World};

use super::{
    access_records::{Death, MetaConsent, MetaToken, TokenKind},
    accounts, fields,
    graph::GraphCall,
    reply::{Outcome, error, no_object, success},
};

/// `GET /me`, `GET /{page}` and `GET /{instagram-account}`. `None` if the id is of another kind.
pub fn node(world: &World, call: &GraphCall, token: &MetaToken, id: &str) -> Option<Outcome> {
    let own = token.account_id.as_deref().filter(|_| token.kind == TokenKind::Page);
    let id = if id == "me" { own.unwrap_or(&token.person_id) } else { id };
    if let Some(page) = world.pages.get(id) {
        let may = token.assets.pages.contains(&page.id);
        let shown = fields::pick(&accounts::shape(world, call, page), &fields::asked(call, "name,id"));
        return Some(if may { Ok(shown) } else { Err(no_object(id)) });
    }
    if let Some(account) = world.instagrams.get(id).filter(|_| !call.instagram) {
        let all = json!({"id": account.id, "username": account.username, "name": account.name});
        let may = token.assets.instagrams.contains(&account.id);
        return Some(if may { Ok(fields::pick(&all, &fields::asked(call, "id"))) } else { Err(no_object(id)) });
    }
    if id != token.person_id {
        return None;
    }
    let name = world.people.get(id).map_or("Slipway system user", |person| person.name.as_str());
    Some(Ok(fields::pick(&json!({"id": id, "name": name}), &fields::asked(call, "name,id"))))
}

fn consent_of<'w>(world: &'w World, token: &MetaToken, id: &str) -> Result<&'w MetaConsent, super::reply::Refused> {
    let own = id == "me" || id == token.person_id;
    world.meta_consents.get(&token.consent_id).filter(|_| own).ok_or_else(|| no_object(id))
}

/// `GET /me/permissions`.
pub fn permissions(world: &World, token: &MetaToken, id: &str) -> Outcome {
    let consent = consent_of(world, token, id)?;
    let row = |scope: &String, status: &str| json!({"permission": scope, "status": status});
    let granted = consent.scopes.iter().map(|scope| row(scope, "granted"));
    let rows: Vec<Value> = granted.chain(consent.declined.iter().map(|scope| row(scope, "declined"))).collect();
    Ok(json!({"data": rows}))
}

/// `DELETE /{person}/permissions` removes the app, `/permissions/{name}` takes back one permission.
pub fn revoke(tx: &mut Transaction<'_>, call: &GraphCall, token: &MetaToken, id: &str) -> Outcome {
    let consent = consent_of(tx.world, token, id)?.clone();
    match call.segments.get(2) {
        None => remove_app(tx, &consent),
        Some(scope) if consent.scopes.contains(scope) => take_back(tx, &consent, scope),
        Some(_) => return Err(error(400, 100, None, "(#100) The permission was not granted")),
    }
    Ok(success())
}

/// Ends a consent and every token that rests on it, as when a person removes the app.
pub fn remove_app(tx: &mut Transaction<'_>, consent: &MetaConsent) {
    let world = tx.world;
    let message = "Error validating access token: The user has not authorized application.";
    for token in world.meta_tokens.of(&consent.id).filter(|token| token.death.is_none()) {
        tx.put(&MetaToken { death: Some(Death { subcode: Some(458), message: message.into() }), ..token.clone() });
    }
    tx.remove::<MetaConsent>(&consent.id);
}

/// Takes one permission back. Tokens lose it at once.
pub fn take_back(tx: &mut Transaction<'_>, consent: &MetaConsent, scope: &str) {
    let mut consent = consent.clone();
    consent.scopes.retain(|known| known != scope);
    consent.declined.push(scope.to_owned());
    tx.put(&consent);
}
