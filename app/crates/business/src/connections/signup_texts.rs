//! Which texts does WhatsApp's Embedded Signup show where it ends without a connection? One field for each text, in each
//! language.

use domain::language::Language;

/// The texts of one language.
pub(super) struct Texts {
    /// `{step}` stands for Meta's name of the step.
    pub stopped: &'static str,
    pub canceled: &'static str,
    /// `{fault}` stands for what Meta says.
    pub failed: &'static str,
    pub in_app: &'static str,
}

/// The texts of a language.
pub(super) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

const ENGLISH: Texts = Texts {
    stopped: "You left Meta at the step \u{201c}{step}\u{201d}. Nothing was changed.",
    canceled: "You canceled at Meta. Nothing was changed.",
    failed: "Meta reported a problem: {fault} Nothing was changed.",
    in_app: "This number is still in the WhatsApp Business app, which can't be connected here. Nothing was changed.",
};

const SPANISH: Texts = Texts {
    stopped: "Usted se detuvo en Meta en el paso «{step}». No se cambió nada.",
    canceled: "Usted canceló en Meta. No se cambió nada.",
    failed: "Meta no pudo continuar: {fault} No se cambió nada.",
    in_app: "Este número sigue en la aplicación WhatsApp Business, que no se puede conectar aquí. No se cambió nada.",
};
