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
    /// What comes next after a renewal, and after one that failed.
    pub next_renewed: &'static str,
    pub next_failed: &'static str,
    /// The title for a link that no longer works.
    pub over: &'static str,
    /// The agency that answers questions.
    pub ask: fn(&str) -> String,
    pub home: &'static str,
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
    title: |business, kind| format!("Reconnect {kind} for {business}"),
    help: |account| {
        format!(
            "Sign in to Meta as a manager of {account} and keep every box checked. You can't connect another account here."
        )
    },
    go_on: |kind| format!("Reconnect {kind}"),
    works_until: "This link works once, until",
    renewed: "Thank you",
    not_renewed: "Not reconnected",
    next_renewed: "There's nothing else for you to do. You can close this page.",
    next_failed: "To try again, open the link from the message you got. If it no longer works, ask for a new one.",
    over: "No longer available",
    ask: |agency| format!("Questions? Ask {agency}."),
    home: "Go to your account",
    make: "Create renewal link",
    is_open: "Renewal link active until",
    end: "Revoke link",
    ended: "Link revoked. It no longer works.",
    send_it: "Send this link to the account manager",
    send_help: "They can reconnect this channel and nothing else, with no account here. It works once, for seven days. Copy it now: you won't see it again.",
    copy: "Copy link",
};

const SPANISH: Texts = Texts {
    title: |business, kind| format!("Volver a conectar {kind} de {business}"),
    help: |account| {
        format!(
            "Inicie sesión en Meta como alguien que administra {account} y deje todo marcado. Aquí no se puede conectar ninguna otra cuenta."
        )
    },
    go_on: |kind| format!("Volver a conectar {kind}"),
    works_until: "Este enlace funciona una vez, hasta el",
    renewed: "Gracias",
    not_renewed: "No se volvió a conectar",
    next_renewed: "No tiene que hacer nada más. Puede cerrar esta página.",
    next_failed: "Para intentarlo otra vez, abra el enlace del mensaje que recibió. Si ya no funciona, pida uno nuevo.",
    over: "Ya no está disponible",
    ask: |agency| format!("¿Tiene preguntas? Consulte a {agency}."),
    home: "Ir a su cuenta",
    make: "Crear un enlace de renovación",
    is_open: "Enlace de renovación activo hasta",
    end: "Revocar el enlace",
    ended: "Enlace revocado. Ya no funciona.",
    send_it: "Envíe este enlace a quien administra la cuenta",
    send_help: "Con él vuelve a conectar este canal y nada más, sin tener una cuenta aquí. Funciona una vez y durante siete días. Cópielo ahora: no se muestra de nuevo.",
    copy: "Copiar el enlace",
};
