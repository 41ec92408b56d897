//! What businesses read of the customers who wrote to them, and of their own profile.

use serde_json::{Value, json};

use crate::world::World;

use super::{
    customers,
    message_records::{Channel, Customer},
    records::PhoneNumber,
    refusal::Refusal,
    statuses,
};

/// `GET /{psid}` or `GET /{igsid}`: a customer's profile for one account.
pub fn of_customer(
    world: &World,
    channel: Channel,
    account: &str,
    customer: &Customer,
    fields: &str,
) -> Result<Value, Refusal> {
    let wrote = customers::last_of(world, account, &customer.id, false).is_some();
    if !wrote {
        return Err(match channel {
            Channel::Instagram => Refusal::detailed(230, "User consent is required to access user profile", ""),
            _ => Refusal::with_subcode(100, 2_018_218, "No profile available for this user."),
        });
    }
    let (first, last) = customer.name.split_once(' ').unwrap_or((&customer.name, ""));
    let username = || customer.name.to_lowercase().replace(' ', ".");
    let all = json!({
        "name": customer.name, "first_name": first, "last_name": last, "locale": "en_US", "timezone": -5,
        "username": customer.username.clone().unwrap_or_else(username), "follower_count": 128,
        "is_user_follow_business": true, "is_business_follow_user": false, "is_verified_user": false,
    });
    let mut shown = json!({"id": statuses::scoped_id(customer, channel)});
    for field in fields.split(',').map(str::trim) {
        if let Some(value) = all.get(field) {
            shown[field] = value.clone();
        }
    }
    Ok(shown)
}

/// `GET /{phone-number-id}/whatsapp_business_profile`.
pub fn of_business(number: &PhoneNumber) -> Value {
    json!({"data": [{
        "messaging_product": "whatsapp", "about": "Hey there! I am using WhatsApp.", "description": number.verified_name,
        "vertical": "PROF_SERVICES", "address": "", "email": "", "websites": [],
    }]})
}
