//! Which texts does the page of incoming webhooks show? One field for each text, in each language.

use domain::language::Language;

/// The texts of one language.
pub(super) struct Texts {
    pub title: &'static str,
    pub help: &'static str,
    pub views: &'static str,
    /// Outcome; empty for all of them.
    pub outcome: fn(&str) -> &'static str,
    /// Kind of event.
    pub kind: fn(&str) -> &'static str,
    pub open: &'static str,
    pub none: (&'static str, &'static str),
    pub none_here: &'static str,
    pub show_all: &'static str,
    pub first_page: &'static str,
    pub next: &'static str,
}

/// The texts of a language.
pub(super) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

const ENGLISH: Texts = Texts {
    title: "What arrived",
    help: "Everything WhatsApp, Instagram, Facebook and HighLevel sent for you in the last 30 days, and what happened with it.",
    views: "Views",
    outcome: |key| match key {
        "" => "All",
        "processed" => "Processed",
        "duplicate" => "Duplicate",
        "ignored" => "Ignored",
        "quarantined" => "Failed",
        _ => "Waiting",
    },
    kind: |key| match key {
        "message" => "Message",
        "status" => "Message status",
        "watermark" => "Read receipt",
        "reaction" => "Reaction",
        "edit" => "Edited message",
        "revoke" => "Deleted message",
        "moved" => "Changed number",
        "preference" => "Marketing preference",
        "account" => "Account update",
        "INSTALL" => "App installed in HighLevel",
        "UNINSTALL" => "App removed in HighLevel",
        "LocationUpdate" => "Sub-account updated in HighLevel",
        _ => "Other event",
    },
    open: "Open conversation",
    none: ("Nothing yet", "When someone writes to one of your channels, it shows up here."),
    none_here: "Nothing here.",
    show_all: "Show all",
    first_page: "First page",
    next: "Next",
};

const SPANISH: Texts = Texts {
    title: "Lo que llegó",
    help: "Todo lo que WhatsApp, Instagram, Facebook y HighLevel enviaron para usted en los últimos 30 días, y qué pasó con ello.",
    views: "Vistas",
    outcome: |key| match key {
        "" => "Todo",
        "processed" => "Procesado",
        "duplicate" => "Duplicado",
        "ignored" => "Ignorado",
        "quarantined" => "Fallido",
        _ => "En espera",
    },
    kind: |key| match key {
        "message" => "Mensaje",
        "status" => "Estado de un mensaje",
        "watermark" => "Confirmación de lectura",
        "reaction" => "Reacción",
        "edit" => "Mensaje editado",
        "revoke" => "Mensaje eliminado",
        "moved" => "Cambio de número",
        "preference" => "Preferencia de publicidad",
        "account" => "Cambio en la cuenta",
        "INSTALL" => "Aplicación instalada en HighLevel",
        "UNINSTALL" => "Aplicación eliminada de HighLevel",
        "LocationUpdate" => "Subcuenta actualizada en HighLevel",
        _ => "Otro evento",
    },
    open: "Abrir la conversación",
    none: ("Aún no ha llegado nada", "En cuanto alguien escriba a uno de sus canales, aparecerá aquí."),
    none_here: "No hay nada aquí.",
    show_all: "Mostrar todo",
    first_page: "Primera página",
    next: "Siguiente",
};
