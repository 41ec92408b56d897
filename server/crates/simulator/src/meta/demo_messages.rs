//! The customers and the message templates of the demo world.

use serde_json::{Value, json};

use crate::world::Transaction;

use super::message_records::{Customer, Template};

/// The WhatsApp Business Account that has the templates.
const WABA: &str = "102290000000001";

/// Adds customers and templates.
pub fn make(tx: &mut Transaction<'_>) {
    for (number, name, wa_id) in
        [(1, "Ada Example", "16505550101"), (2, "Bo Sample", "16505550102"), (3, "Zoë Möller", "4915150000103")]
    {
        tx.put(&Customer {
            id: format!("customer-{number}"),
            name: name.into(),
            wa_id: wa_id.into(),
            bsuid: format!("US.1349120865530000010{number}"),
            psid: format!("710000000000010{number}"),
            igsid: format!("810000000000010{number}"),
            ..Customer::default()
        });
    }
    for (id, name, category, components) in templates() {
        tx.put(&Template {
            id: id.into(),
            waba_id: WABA.into(),
            name: name.into(),
            language: "en_US".into(),
            category: category.into(),
            status: "APPROVED".into(),
            reason: String::new(),
            components,
            at: tx.now - chrono::TimeDelta::days(30),
        });
    }
}

fn templates() -> [(&'static str, &'static str, &'static str, Value); 3] {
    [
        (
            "1689556900000001",
            "appointment_reminder",
            "UTILITY",
            json!([
                {"type": "BODY", "text": "Hi {{1}}, this is a reminder of your appointment on {{2}}. See you soon!",
                    "example": {"body_text": [["Ada", "Monday at 10:00"]]}},
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Confirm"}, {"type": "QUICK_REPLY", "text": "Reschedule"}]},
            ]),
        ),
        (
            "1689556900000002",
            "welcome_back",
            "MARKETING",
            json!([
                {"type": "HEADER", "format": "TEXT", "text": "We miss you"},
                {"type": "BODY", "text": "It has been a while. Book this month and the first visit is on us."},
                {"type": "FOOTER", "text": "Reply STOP to opt out"},
                {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Book", "url": "https://brightdental.test/book"},
                    {"type": "QUICK_REPLY", "text": "Stop promotions"}]},
            ]),
        ),
        (
            "1689556900000003",
            "visit_summary",
            "UTILITY",
            json!([
                {"type": "HEADER", "format": "DOCUMENT"},
                {"type": "BODY", "text": "Dear {{1}}, here is the summary of your visit.", "example": {"body_text": [["Ada"]]}},
            ]),
        ),
    ]
}
