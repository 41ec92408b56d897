//! What a token shows of WhatsApp Business Accounts and their phone numbers.

use serde_json::{Value, json};

use crate::world::World;

use super::{
    access_records::MetaToken,
    fields,
    graph::GraphCall,
    records::{PhoneNumber, Waba},
    reply::{Outcome, Refused, no_object},
    tokens,
};

/// Fields of a number that are shown if the call names none.
const USUAL: &str =
    "id,display_phone_number,verified_name,code_verification_status,quality_rating,platform_type,throughput";

/// A WhatsApp Business Account that the token may manage.
pub fn own<'w>(world: &'w World, token: &MetaToken, id: &str) -> Result<&'w Waba, Refused> {
    let waba = world.wabas.get(id).filter(|waba| token.assets.wabas.contains(&waba.id));
    let waba = waba.ok_or_else(|| no_object(id))?;
    tokens::need(token, "whatsapp_business_management")?;
    Ok(waba)
}

/// A phone number whose account the token may manage.
pub fn own_number(world: &World, token: &MetaToken, id: &str) -> Result<PhoneNumber, Refused> {
    let number = world.phone_numbers.get(id).ok_or_else(|| no_object(id))?;
    own(world, token, &number.waba_id)
        .map_err(|refused| if refused.status == 404 { no_object(id) } else { refused })?;
    Ok(number.clone())
}

/// `GET /{waba}`.
pub fn show(world: &World, call: &GraphCall, token: &MetaToken, id: &str) -> Outcome {
    let waba = own(world, token, id)?;
    let owner = world.businesses.get(&waba.business_id).map(|owner| json!({"id": owner.id, "name": owner.name}));
    let all = json!({
        "id": waba.id, "name": waba.name, "currency": waba.currency, "timezone_id": waba.timezone_id,
        "message_template_namespace": waba.namespace, "account_review_status": waba.review_status,
        "business_verification_status": "verified", "owner_business_info": owner,
    });
    Ok(fields::pick(&all, &fields::asked(call, "id,name,timezone_id,message_template_namespace")))
}

/// `GET /{business}/owned_whatsapp_business_accounts`, and those of clients, of which there are none.
pub fn of_business(world: &World, token: &MetaToken, business: &str, owned: bool) -> Outcome {
    tokens::need(token, "business_management")?;
    let in_it = |waba: &&Waba| owned && waba.business_id == business && token.assets.wabas.contains(&waba.id);
    let rows: Vec<Value> =
        world.wabas.values().filter(in_it).map(|waba| json!({"id": waba.id, "name": waba.name})).collect();
    Ok(json!({"data": rows}))
}

/// `GET /{waba}/phone_numbers`, the newest first.
pub fn numbers(world: &World, call: &GraphCall, token: &MetaToken, id: &str) -> Outcome {
    own(world, token, id)?;
    let asked = fields::asked(call, USUAL);
    let rows = world.phone_numbers.of(id).rev().map(|number| fields::pick(&shape(number), &asked)).collect();
    Ok(fields::page(call, rows))
}

/// `GET /{phone-number}`.
pub fn number(world: &World, call: &GraphCall, token: &MetaToken, id: &str) -> Outcome {
    let number = own_number(world, token, id)?;
    Ok(fields::pick(&shape(&number), &fields::asked(call, USUAL)))
}

fn shape(number: &PhoneNumber) -> Value {
    let can_send = if number.can_send() && number.trouble.is_none() { "AVAILABLE" } else { "BLOCKED" };
    let mut all = json!({
        "id": number.id, "display_phone_number": number.display, "verified_name": number.verified_name,
        "code_verification_status": number.code_verification_status, "quality_rating": number.quality_rating,
        "status": number.status(), "name_status": number.name_status, "account_mode": "LIVE",
        "is_official_business_account": false, "is_on_biz_app": number.coexistence,
        "platform_type": if number.can_send() { "CLOUD_API" } else { "NOT_APPLICABLE" },
        "health_status": {"can_send_message": can_send, "entities": [{"entity_type": "PHONE_NUMBER", "id": number.id, "can_send_message": can_send}]},
    });
    if number.can_send() {
        all["throughput"] = json!({"level": "STANDARD"});
        all["messaging_limit_tier"] = json!(number.tier);
    }
    all
}
