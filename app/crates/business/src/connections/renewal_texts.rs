//! Which texts do the links to reconnect a channel show? One field for each text, in each language.

use domain::language::Language;

/// The texts of one language.
pub(super) struct Texts {
    /// Business and kind of channel.
    pub title: fn(&str, &str) -> String,
    /// Account.
    pub help: fn(&str) -> String,
    /// Kind of channel.
    pub go_on: fn(&str) -> String,
    pub works_until: &'static str,
    pub renewed: &'static str,
    pub not_renewed: &'static str,
    pub make: &'static str,
    pub is_open: &'static str,
    pub end: &'static str,
    pub ended: &'static str,
    pub send_it: &'static str,
    pub send_help: &'static str,
    pub copy: &'static str,
}

/// The texts of a language.
pub(super) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

const ENGLISH: Texts = Texts {
    title: |business, kind| format!("Reconnect {kind} of {business}"),
    help: |account| {
        format!(
            "Sign in at Meta as somebody who manages {account}, and leave everything ticked. No other account can be connected here."
        )
    },
    go_on: |kind| format!("Reconnect {kind}"),
    works_until: "This link works once, until",
    renewed: "Thank you",
    not_renewed: "Not reconnected",
    make: "Make a renewal link",
    is_open: "A renewal link works until",
    end: "End the link",
    ended: "The link was ended. Nobody can use it any more.",
    send_it: "Send this link to whoever manages the account",
    send_help: "With it they reconnect this channel and nothing else, without an account here. It works once and for seven days. Copy it now: it is not shown again.",
    copy: "Copy the link",
};

const SPANISH: Texts = Texts {
    title: |business, kind| format!("Volver a conectar {kind} de {business}"),
    help: |account| {
        format!(
            "Inicie sesión en Meta como alguien que administra {account} y deje todo marcado. Aquí no se puede conectar ninguna otra cuenta."
        )
    },
    go_on: |kind| format!("Volver a conectar {kind}"),
    works_until: "Este enlace funciona una vez, hasta",
    renewed: "Gracias",
    not_renewed: "No se volvió a conectar",
    make: "Crear un enlace de renovación",
    is_open: "Un enlace de renovación funciona hasta",
    end: "Anular el enlace",
    ended: "El enlace fue anulado. Ya nadie puede usarlo.",
    send_it: "Envíe este enlace a quien administra la cuenta",
    send_help: "Con él vuelve a conectar este canal y nada más, sin tener una cuenta aquí. Funciona una vez y durante siete días. Cópielo ahora: no se muestra de nuevo.",
    copy: "Copiar el enlace",
};
