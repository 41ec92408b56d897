//! What do all mails say around their text? One field for each text and one constant for each language.

use domain::language::Language;

/// The texts of one language.
pub(crate) struct Texts {
    /// Name of the agency: how a mail in plain text is signed.
    pub signed: fn(&str) -> String,
    /// Name of the agency.
    pub sent_by: fn(&str) -> String,
    pub sent_by_product: &'static str,
    pub button_fails: &'static str,
}

static ENGLISH: Texts = Texts {
    signed: |name| format!("{name}, with Slipway"),
    sent_by: |name| format!("Sent by {name} with Slipway"),
    sent_by_product: "Sent by Slipway",
    button_fails: "If the button doesn't work, open this address:",
};

static SPANISH: Texts = Texts {
    signed: |name| format!("{name}, con Slipway"),
    sent_by: |name| format!("Enviado por {name} con Slipway"),
    sent_by_product: "Enviado por Slipway",
    button_fails: "Si el botón no funciona, abra esta dirección:",
};

/// The texts of a language.
pub(crate) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}
