//! What does Find say, in each language? Agencies and the platform have it in English alone.

use domain::language::Language;

/// The texts of Find in one language.
pub struct FindTexts {
    /// The name of the page and of the dialog.
    pub title: &'static str,
    /// What the button that opens it says, with its keys.
    pub with_keys: &'static str,
    /// The hover text of that button.
    pub hover: &'static str,
    /// The heading of the pages that were opened last.
    pub recent: &'static str,
    /// The label of the field, and what the keys do, by the key of the area.
    pub label: fn(&str) -> &'static str,
    /// What stands in the empty field, by the key of the area.
    pub placeholder: fn(&str) -> &'static str,
    /// The signs that narrow the search, by the key of the area.
    pub tip: fn(&str) -> &'static str,
    /// Said when nothing fits what was typed.
    pub nothing: fn(&str) -> String,
    /// The heading of pages.
    pub pages: &'static str,
    /// The heading of what can be done.
    pub actions: &'static str,
    /// The heading of the contacts of a business.
    pub contacts: &'static str,
}

/// The texts of Find in a language.
#[must_use]
pub const fn find_texts(language: Language) -> &'static FindTexts {
    language.of(&ENGLISH, &SPANISH)
}

static ENGLISH: FindTexts = FindTexts {
    title: "Find",
    with_keys: "Find, Ctrl K",
    hover: "Find (Ctrl K)",
    recent: "Recent",
    label: |area| if area == "business" { "Find a page or contact" } else { "Find a page, client, job or person" },
    placeholder: |area| {
        if area == "business" { "A page, or a contact's name, phone or email" } else { "A page, client, job or person" }
    },
    tip: |area| {
        if area == "business" {
            "Tip: @ contacts \u{b7} / pages"
        } else {
            "Tip: # jobs \u{b7} @ people and clients \u{b7} / pages \u{b7} > actions"
        }
    },
    nothing: |typed| format!("Nothing here is called \u{201c}{typed}\u{201d}. Try fewer letters."),
    pages: "Go to",
    actions: "Actions",
    contacts: "Contacts",
};

static SPANISH: FindTexts = FindTexts {
    title: "Buscar",
    with_keys: "Buscar, Ctrl K",
    hover: "Buscar (Ctrl K)",
    recent: "Recientes",
    label: |area| {
        if area == "business" {
            "Buscar una página o un contacto"
        } else {
            "Buscar una página, un cliente, un trabajo o una persona"
        }
    },
    placeholder: |area| {
        if area == "business" {
            "Una página, o el nombre, teléfono o correo de un contacto"
        } else {
            "Una página, un cliente, un trabajo o una persona"
        }
    },
    tip: |area| {
        if area == "business" {
            "Consejo: @ contactos \u{b7} / páginas"
        } else {
            "Consejo: # trabajos \u{b7} @ personas y clientes \u{b7} / páginas \u{b7} > acciones"
        }
    },
    nothing: |typed| format!("Aquí nada se llama «{typed}». Pruebe con menos letras."),
    pages: "Ir a",
    actions: "Acciones",
    contacts: "Contactos",
};
