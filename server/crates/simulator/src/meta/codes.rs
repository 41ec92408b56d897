//! What Meta says for each code with which a message fails: at once as an error, or later as a status.

use serde_json::{Value, json};

/// Title and details of the codes that messages of WhatsApp fail with.
const CODES: [(u32, &str, &str); 24] = [
    (130_429, "Rate limit hit", "Cloud API message throughput has been reached."),
    (
        130_472,
        "User's number is part of an experiment",
        "Failed to send the message because this user's phone number is part of an experiment.",
    ),
    (
        130_497,
        "Business account is restricted from messaging users in this country.",
        "The account may not message users in this country.",
    ),
    (131_000, "Something went wrong", "Message failed to send due to an unknown error."),
    (131_005, "Access denied", "Permission is either not granted or has been removed."),
    (131_008, "Required parameter is missing", "The request is missing a required parameter."),
    (131_009, "Parameter value is not valid", "One or more parameter values are invalid."),
    (131_016, "Service unavailable", "A service is temporarily unavailable."),
    (131_021, "Recipient cannot be sender", "Sender and recipient phone number is the same."),
    (131_026, "Message undeliverable", "Unable to deliver message."),
    (
        131_030,
        "Recipient phone number not in allowed list",
        "Add the recipient phone number to the recipient list and try again.",
    ),
    (
        131_031,
        "Business Account locked",
        "The account has been restricted or disabled for violating a platform policy.",
    ),
    (131_042, "Business eligibility payment issue", "There was an error related to your payment method."),
    (131_045, "Incorrect certificate", "Message failed to send due to a phone number registration error."),
    (
        131_047,
        "Re-engagement message",
        "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
    ),
    (
        131_048,
        "Spam rate limit hit",
        "Message failed to send because there are restrictions on how many messages can be sent from this phone number.",
    ),
    (
        131_049,
        "This message was not delivered to maintain healthy ecosystem engagement.",
        "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
    ),
    (
        131_050,
        "User has stopped marketing messages",
        "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp from your business.",
    ),
    (131_051, "Unsupported message type", "Message type is not supported."),
    (131_052, "Media download error", "Unable to download the media sent by the user."),
    (
        131_053,
        "Media upload error",
        "Unsupported media type. Please use one of audio/ogg; codecs=opus, audio/mpeg, audio/amr, audio/mp4, audio/aac.",
    ),
    (
        131_056,
        "(Business Account, Consumer Account) pair rate limit hit",
        "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.",
    ),
    (131_057, "Account in maintenance mode", "Business Account is in maintenance mode."),
    (133_010, "Account not registered", "The phone number is not registered on the WhatsApp Business Platform."),
];

/// Title and details of a code.
pub fn words(code: u32) -> (&'static str, &'static str) {
    let known = CODES.iter().find(|(known, ..)| *known == code);
    known.map_or(("Something went wrong", "Message failed to send."), |(_, title, details)| (title, details))
}

/// The error that a status with `failed` carries.
pub fn in_status(code: u32) -> Value {
    let (title, details) = words(code);
    json!({
        "code": code, "title": title, "message": title, "error_data": {"details": details},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    })
}

/// The HTTP status with which Meta refuses a message with a code.
pub const fn http_status(code: u32) -> u16 {
    match code {
        0 | 102 | 190 => 401,
        3 | 10 | 200..=299 | 131_005 | 131_031 | 368 => 403,
        4 | 130_429 => 429,
        1 | 2 | 131_000 => 500,
        131_016 => 503,
        _ => 400,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_words_and_codes_are_in_order() {
        assert!(CODES.windows(2).all(|two| two[0].0 < two[1].0));
        for (code, title, details) in CODES {
            assert_eq!(words(code), (title, details));
            assert_eq!(in_status(code)["error_data"]["details"], details);
            assert!((400..=503).contains(&http_status(code)));
        }
        assert_eq!(words(1).0, "Something went wrong");
    }
}
