//! How a phone number is verified and registered, and what a wrong PIN does.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::world::Transaction;

use super::{
    access_records::MetaToken,
    graph::GraphCall,
    records::PhoneNumber,
    reply::{Outcome, Refused, error, success},
    waba::own_number,
};

/// The code that verifies a number.
const CODE: &str = "123830";
/// Wrong PINs in a row after which more are refused for a while.
const MOST_WRONG_PINS: u32 = 5;
/// How long the number has to wait after these.
const PIN_PAUSE: TimeDelta = TimeDelta::minutes(30);
/// Registrations and deregistrations of a number in 72 hours.
const MOST_REGISTRATIONS: usize = 10;

fn failed(code: u32, title: &str, details: &str) -> Refused {
    let mut refused = error(400, code, None, format!("(#{code}) {title}"));
    refused.body["error"]["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
    refused
}

fn is_pin(pin: &str) -> bool {
    pin.len() == 6 && pin.chars().all(|c| c.is_ascii_digit())
}

fn pin_of(call: &GraphCall) -> Result<String, Refused> {
    let given = match &call.body["pin"] {
        Value::Number(number) => number.to_string(),
        _ => call.param("pin").to_owned(),
    };
    if is_pin(&given) {
        return Ok(given);
    }
    Err(failed(100, "Invalid parameter", "Param pin must be 6 characters long and contain digits only."))
}

fn product(call: &GraphCall) -> Result<(), Refused> {
    if call.param("messaging_product") == "whatsapp" {
        return Ok(());
    }
    Err(failed(100, "Invalid parameter", "The parameter messaging_product is required."))
}

/// `POST /{phone-number}/register`. The first PIN becomes the PIN of two-step verification; later ones have to match it.
/// What a wrong PIN leaves behind is put down by [`note_wrong_pin`], because a refused call changes nothing.
pub fn register(tx: &mut Transaction<'_>, call: &GraphCall, token: &MetaToken, id: &str) -> Outcome {
    let number = own_number(tx.world, token, id)?;
    product(call)?;
    let pin = pin_of(call)?;
    if number.coexistence {
        return Err(failed(100, "Invalid parameter", "A number of the WhatsApp Business app cannot be registered."));
    }
    if number.code_verification_status != "VERIFIED" && !number.registered {
        let details = "You need to verify your phone number ownership before registering.";
        return Err(failed(133_006, "Phone number needs to be verified before registering", details));
    }
    let mut number = counted(tx, number)?;
    check_pin(tx, &number, &pin)?;
    number.pin = Some(pin);
    number.wrong_pins = 0;
    number.registered = true;
    tx.put(&number);
    Ok(success())
}

/// Refuses a PIN that differs from the number's, and any PIN after too many wrong ones.
fn check_pin(tx: &Transaction<'_>, number: &PhoneNumber, pin: &str) -> Result<(), Refused> {
    let since = number.wrong_pin_at.map(|at| tx.now - at);
    if number.wrong_pins >= MOST_WRONG_PINS && since.is_some_and(|since| since < PIN_PAUSE) {
        return Err(failed(
            133_008,
            "Too many two-step verification PIN guesses",
            "Try again after the time that the account shows.",
        ));
    }
    if number.pin.as_ref().is_some_and(|known| known != pin) {
        return Err(failed(
            133_005,
            "Two-step verification PIN mismatch",
            "The PIN is not the one that was set for this number.",
        ));
    }
    Ok(())
}

/// Counts a wrong PIN after a call was refused for it.
pub fn note_wrong_pin(tx: &mut Transaction<'_>, call: &GraphCall, refused: &Refused) {
    let number = call.segments.first().and_then(|id| tx.world.phone_numbers.get(id)).cloned();
    let Some(mut number) = number.filter(|_| refused.body["error"]["code"] == json!(133_005)) else { return };
    let pause_over = number.wrong_pin_at.is_some_and(|at| tx.now - at >= PIN_PAUSE);
    number.wrong_pins = if pause_over { 1 } else { number.wrong_pins + 1 };
    number.wrong_pin_at = Some(tx.now);
    tx.put(&number);
}

/// Counts a registration or deregistration, ten of which are allowed in 72 hours.
fn counted(tx: &Transaction<'_>, mut number: PhoneNumber) -> Result<PhoneNumber, Refused> {
    number.registrations.retain(|at| tx.now - *at < TimeDelta::hours(72));
    if number.registrations.len() >= MOST_REGISTRATIONS {
        let details = "The phone number was registered and deregistered too often. Try again later.";
        return Err(failed(133_016, "Account register or deregister rate limit exceeded", details));
    }
    number.registrations.push(tx.now);
    Ok(number)
}

/// `POST /{phone-number}/deregister`.
pub fn deregister(tx: &mut Transaction<'_>, token: &MetaToken, id: &str) -> Outcome {
    let number = own_number(tx.world, token, id)?;
    if !number.registered {
        return Err(failed(133_010, "Phone number not registered", "The phone number is not registered."));
    }
    let number = counted(tx, number)?;
    tx.put(&PhoneNumber { registered: false, ..number });
    Ok(success())
}

/// `POST /{phone-number}` with a new PIN.
pub fn set_pin(tx: &mut Transaction<'_>, call: &GraphCall, token: &MetaToken, id: &str) -> Outcome {
    let number = own_number(tx.world, token, id)?;
    let pin = pin_of(call)?;
    tx.put(&PhoneNumber { pin: Some(pin), wrong_pins: 0, ..number });
    Ok(success())
}

/// `POST /{phone-number}/request_code`.
pub fn request_code(tx: &mut Transaction<'_>, call: &GraphCall, token: &MetaToken, id: &str) -> Outcome {
    let number = own_number(tx.world, token, id)?;
    if !["SMS", "VOICE"].contains(&call.param("code_method")) || call.param("language").is_empty() {
        return Err(failed(100, "Invalid parameter", "Give code_method, which is SMS or VOICE, and language."));
    }
    if number.code_verification_status == "VERIFIED" {
        return Err(failed(136_024, "Request code error", "The phone number is verified already."));
    }
    tx.put(&PhoneNumber { verification_code: Some(CODE.into()), ..number });
    Ok(success())
}

/// `POST /{phone-number}/verify_code`.
pub fn verify_code(tx: &mut Transaction<'_>, call: &GraphCall, token: &MetaToken, id: &str) -> Outcome {
    let number = own_number(tx.world, token, id)?;
    let given = call.param("code").replace('-', "");
    if number.verification_code.is_none_or(|code| code != given) {
        return Err(failed(136_025, "Verify code error", "The code is not the one that was sent."));
    }
    let number = own_number(tx.world, token, id)?;
    tx.put(&PhoneNumber { verification_code: None, code_verification_status: "VERIFIED".into(), ..number });
    Ok(success())
}

/// `POST /{phone-number}/smb_app_data`: asks the phone app for its contacts or history.
pub fn share_app_data(tx: &mut Transaction<'_>, call: &GraphCall, token: &MetaToken, id: &str) -> Outcome {
    let mut number = own_number(tx.world, token, id)?;
    product(call)?;
    let kind = call.param("sync_type").to_owned();
    if !number.coexistence || !["smb_app_state_sync", "history"].contains(&kind.as_str()) {
        return Err(failed(100, "Invalid parameter", "The number shares no data of a phone app."));
    }
    if number.syncs.contains(&kind) {
        return Err(failed(100, "Invalid parameter", "This data was shared already."));
    }
    number.syncs.push(kind);
    tx.put(&number);
    Ok(json!({"messaging_product": "whatsapp", "request_id": crate::ids::new_id(16)}))
}
