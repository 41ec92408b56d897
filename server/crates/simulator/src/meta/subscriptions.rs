//! Which apps are told what happens on a Page, a WhatsApp Business Account or an Instagram account.

use serde_json::{Value, json};

use crate::world::{Transaction, World};

use super::{
    access_records::{MetaToken, Subscription, TokenKind},
    events::app_of,
    graph::GraphCall,
    reply::{Outcome, Refused, error, no_object, success},
    tokens, waba,
};

const PAGE: &str = "page";
const WHATSAPP: &str = "whatsapp_business_account";
const INSTAGRAM: &str = "instagram";

/// Fields to which a Page can be subscribed.
const PAGE_FIELDS: [&str; 16] = [
    "messages",
    "messaging_postbacks",
    "message_echoes",
    "message_deliveries",
    "message_reads",
    "message_reactions",
    "message_edits",
    "messaging_referrals",
    "messaging_optins",
    "messaging_handovers",
    "messaging_account_linking",
    "messaging_policy_enforcement",
    "messaging_feedback",
    "standby",
    "feed",
    "leadgen",
];

/// Fields to which an Instagram account can be subscribed.
const INSTAGRAM_FIELDS: [&str; 10] = [
    "messages",
    "messaging_postbacks",
    "messaging_seen",
    "messaging_referral",
    "messaging_optins",
    "messaging_handover",
    "message_reactions",
    "message_edit",
    "standby",
    "comments",
];

/// The object and account that a call means, if the token may subscribe apps to it.
fn target(world: &World, token: &MetaToken, id: &str) -> Result<(&'static str, String), Refused> {
    if world.wabas.contains_key(id) {
        waba::own(world, token, id)?;
        return Ok((WHATSAPP, id.to_owned()));
    }
    let account = token.account_id.clone().ok_or_else(|| match world.pages.contains_key(id) {
        true => error(403, 210, None, "(#210) A page access token is required to request this resource."),
        false => no_object(id),
    })?;
    if token.kind == TokenKind::Instagram {
        let scoped = world.instagrams.get(&account).map(|account| account.app_scoped_id.as_str());
        tokens::need(token, "instagram_business_manage_messages")?;
        let own = ["me", account.as_str()].contains(&id) || scoped == Some(id);
        return if own { Ok((INSTAGRAM, account)) } else { Err(no_object(id)) };
    }
    tokens::need(token, "pages_manage_metadata")?;
    if id == "me" || id == account { Ok((PAGE, account)) } else { Err(no_object(id)) }
}

/// `GET …/subscribed_apps`.
pub fn list(world: &World, token: &MetaToken, id: &str) -> Outcome {
    let (object, account) = target(world, token, id)?;
    let own = world.subscriptions.of(&account).filter(|subscription| subscription.object == object);
    let rows: Vec<Value> = own.map(|subscription| shape(world, subscription)).collect();
    Ok(json!({"data": rows}))
}

fn shape(world: &World, subscription: &Subscription) -> Value {
    let name = app_of(world, &subscription.app_id).map_or("", |app| app.name.as_str());
    let app = json!({"id": subscription.app_id, "name": name, "link": "https://slipway.example/"});
    if subscription.object != WHATSAPP {
        let mut row = app;
        row["category"] = json!("Business");
        row["subscribed_fields"] = json!(subscription.fields);
        return row;
    }
    let mut row = json!({"whatsapp_business_api_data": app});
    if let Some(url) = &subscription.override_url {
        row["override_callback_uri"] = json!(url);
    }
    row
}

/// `POST …/subscribed_apps`. An overriding callback was verified before.
pub fn add(tx: &mut Transaction<'_>, call: &GraphCall, token: &MetaToken, id: &str) -> Outcome {
    let (object, account) = target(tx.world, token, id)?;
    let fields = fields_of(call);
    let known: &[&str] = match object {
        PAGE => &PAGE_FIELDS,
        INSTAGRAM => &INSTAGRAM_FIELDS,
        _ => &[],
    };
    if object != WHATSAPP {
        if fields.is_empty() {
            return Err(error(400, 100, None, "(#100) The parameter subscribed_fields is required."));
        }
        if let Some(wrong) = fields.iter().find(|field| !known.contains(&field.as_str())) {
            let message =
                format!("(#100) Param subscribed_fields[0] must be one of {{{}}} - got \"{wrong}\".", known.join(", "));
            return Err(error(400, 100, None, message));
        }
    }
    if object == PAGE {
        tokens::need(token, "pages_messaging")?;
    }
    let override_url = Some(call.param("override_callback_uri")).filter(|url| !url.is_empty() && object == WHATSAPP);
    tx.put(&Subscription {
        id: Subscription::key(object, &account, &token.app_id),
        object: object.into(),
        account_id: account,
        app_id: token.app_id.clone(),
        fields,
        override_url: override_url.map(str::to_owned),
        since: tx.now,
    });
    Ok(success())
}

fn fields_of(call: &GraphCall) -> Vec<String> {
    if let Some(list) = call.body["subscribed_fields"].as_array() {
        return list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    }
    let text = call.param("subscribed_fields").split(',').map(str::trim);
    text.filter(|field| !field.is_empty()).map(str::to_owned).collect()
}

/// `DELETE …/subscribed_apps`.
pub fn remove(tx: &mut Transaction<'_>, token: &MetaToken, id: &str) -> Outcome {
    let (object, account) = target(tx.world, token, id)?;
    tx.remove::<Subscription>(&Subscription::key(object, &account, &token.app_id));
    Ok(success())
}
