//! Calls about messages: which handler takes a call, and whether the caller's token covers the account.

use serde_json::Value;

use crate::world::{Transaction, World};

use super::{
    access_records::{MetaToken, TokenKind},
    media,
    message_records::{Channel, Customer, Media},
    multipart::Part,
    profiles,
    refusal::Refusal,
    send_messenger::{self, Sender},
    send_whatsapp,
    templates::{self, Query},
};

/// A call whose token was found valid.
pub struct MessageCall<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Id in the path: an account, a file, a template, a customer, or `me`.
    pub id: &'a str,
    /// What of it is meant, such as `messages`. Empty for the thing itself.
    pub edge: &'a str,
    /// Query.
    pub query: &'a Query,
    /// Body as JSON. Null if it is a form with files.
    pub body: &'a Value,
    /// Parts of a body that is a form with files.
    pub parts: &'a [Part],
    /// The caller's token.
    pub token: &'a MetaToken,
    /// Address of the simulator, without a slash at the end.
    pub base: &'a str,
    /// The path of the call.
    pub path: &'a str,
}

/// Handles a call. `None` if it is not about messages.
pub fn handle(tx: &mut Transaction<'_>, call: &MessageCall<'_>) -> Option<Result<Value, Refusal>> {
    match (call.method, call.edge) {
        ("POST", "messages") => Some(send(tx, call)),
        ("POST", "media") => Some(number(tx.world, call).and_then(|id| media::upload(tx, &id, call.parts))),
        ("POST", "message_attachments") => {
            Some(page(tx.world, call).and_then(|(_, id)| media::attach(tx, &id, call.body, call.parts)))
        }
        (_, "message_templates") => template_list(tx, call),
        ("GET", "whatsapp_business_profile") => Some(number(tx.world, call).and_then(|id| {
            let number = tx.world.phone_numbers.get(&id).ok_or_else(|| Refusal::no_object(&id))?;
            Ok(profiles::of_business(number))
        })),
        (_, "") => node(tx, call),
        _ => None,
    }
}

fn send(tx: &mut Transaction<'_>, call: &MessageCall<'_>) -> Result<Value, Refusal> {
    if tx.world.phone_numbers.contains_key(call.id) {
        permit(call.token, "whatsapp_business_messaging")?;
        let id = number(tx.world, call)?;
        return send_whatsapp::send(tx, &id, call.body);
    }
    let (channel, account) = page(tx.world, call)?;
    if call.token.kind == TokenKind::Instagram {
        permit(call.token, "instagram_business_manage_messages")?;
        return send_messenger::send(tx, &Sender { channel, account: &account, app: &call.token.app_id }, call.body);
    }
    // A Page sends for its Instagram account too: the recipient's id says which of both.
    let recipient = call.body["recipient"]["id"].as_str().unwrap_or_default();
    let linked = tx.world.pages.get(&account).and_then(|page| page.instagram_id.clone());
    let on_instagram = tx.world.customers.of(recipient).any(|customer| customer.igsid == recipient);
    let (channel, account) = match linked {
        Some(linked) if on_instagram => (Channel::Instagram, linked),
        _ => (Channel::Facebook, account),
    };
    let needed = if channel == Channel::Instagram { "instagram_manage_messages" } else { "pages_messaging" };
    permit(call.token, needed)?;
    send_messenger::send(tx, &Sender { channel, account: &account, app: &call.token.app_id }, call.body)
}

fn permit(token: &MetaToken, scope: &str) -> Result<(), Refusal> {
    if token.scopes.iter().any(|known| known == scope) {
        return Ok(());
    }
    let message = format!("Requires {scope} permission to manage the object");
    Err(Refusal::detailed(200, &message, ""))
}

/// The number of a call, if the token covers its account.
fn number(world: &World, call: &MessageCall<'_>) -> Result<String, Refusal> {
    let number = world.phone_numbers.get(call.id).filter(|number| call.token.assets.wabas.contains(&number.waba_id));
    number.map(|number| number.id.clone()).ok_or_else(|| Refusal::no_object(call.id))
}

/// The Page or Instagram account that the token speaks for, if the call names it.
fn page(world: &World, call: &MessageCall<'_>) -> Result<(Channel, String), Refusal> {
    let account = call.token.account_id.clone().unwrap_or_default();
    let linked = world.pages.get(&account).and_then(|page| page.instagram_id.as_deref());
    let scoped = world.instagrams.get(&account).map(|instagram| instagram.app_scoped_id.as_str());
    let named = ["me", account.as_str()].contains(&call.id) || linked == Some(call.id) || scoped == Some(call.id);
    if account.is_empty() || !named {
        return Err(Refusal::no_object(call.id));
    }
    let instagram = call.token.kind == TokenKind::Instagram;
    Ok((if instagram { Channel::Instagram } else { Channel::Facebook }, account))
}

fn template_list(tx: &mut Transaction<'_>, call: &MessageCall<'_>) -> Option<Result<Value, Refusal>> {
    let known = tx.world.wabas.contains_key(call.id) && call.token.assets.wabas.iter().any(|waba| waba == call.id);
    if !known {
        return Some(Err(Refusal::no_object(call.id)));
    }
    if let Err(refusal) = permit(call.token, "whatsapp_business_management") {
        return Some(Err(refusal));
    }
    match call.method {
        "GET" => Some(templates::list(tx, call.id, call.query, &format!("{}{}", call.base, call.path))),
        "POST" => Some(templates::create(tx, call.id, call.body)),
        "DELETE" => Some(templates::delete(tx, call.id, call.query)),
        _ => None,
    }
}

/// A call to a file, a template or a customer.
fn node(tx: &mut Transaction<'_>, call: &MessageCall<'_>) -> Option<Result<Value, Refusal>> {
    let world = tx.world;
    if let Some(file) = world.media.get(call.id) {
        let waba = world.phone_numbers.get(&file.account_id).map(|number| &number.waba_id);
        let own = waba.is_some_and(|waba| call.token.assets.wabas.contains(waba));
        return Some(match call.method {
            _ if !own => Err(Refusal::no_object(call.id)),
            "DELETE" => {
                tx.remove::<Media>(call.id);
                Ok(serde_json::json!({"success": true}))
            }
            _ => media::locate(tx, file, call.query.get("phone_number_id").map(String::as_str), call.base),
        });
    }
    if let Some(template) = world.templates.get(call.id) {
        let own = call.token.assets.wabas.contains(&template.waba_id);
        return Some(match call.method {
            _ if !own => Err(Refusal::no_object(call.id)),
            "POST" => templates::edit(tx, template, call.body),
            _ => Ok(templates::get(template, call.query)),
        });
    }
    let customer = world.customers.of(call.id).next().filter(|_| call.method == "GET")?;
    Some(profile(world, call, customer))
}

fn profile(world: &World, call: &MessageCall<'_>, customer: &Customer) -> Result<Value, Refusal> {
    let account = call.token.account_id.as_deref().unwrap_or_default();
    let fields = call.query.get("fields").map_or("name,first_name,last_name", String::as_str);
    let linked = world.pages.get(account).and_then(|page| page.instagram_id.as_deref());
    if customer.igsid == call.id {
        let instagram = linked.unwrap_or(account);
        return profiles::of_customer(world, Channel::Instagram, instagram, customer, fields);
    }
    if customer.psid == call.id && call.token.kind == TokenKind::Page {
        return profiles::of_customer(world, Channel::Facebook, account, customer, fields);
    }
    Err(Refusal::no_object(call.id))
}
