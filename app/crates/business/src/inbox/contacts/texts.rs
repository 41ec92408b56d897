//! Which texts do the pages of contacts show? One field for each text, in each language.

use domain::language::Language;

/// The texts of one language.
pub(super) struct Texts {
    pub contacts: &'static str,
    pub help: &'static str,
    pub search: &'static str,
    pub none: (&'static str, &'static str),
    pub none_here: &'static str,
    pub show_all: &'static str,
    pub first_page: &'static str,
    pub next: &'static str,
    pub somebody: &'static str,
    pub opted_out: &'static str,

    pub channels: &'static str,
    pub no_channels: &'static str,
    /// Before how long ago it was.
    pub last_wrote: &'static str,
    pub never_wrote: &'static str,
    pub open_newest: &'static str,
    pub conversations: &'static str,
    pub no_conversation: &'static str,
    pub no_text: &'static str,
    pub merge: &'static str,
    /// What the button under the preview does.
    pub merge_now: &'static str,
    pub merged: &'static str,
    /// Name of the contact that became part of this one.
    pub undo_what: fn(&str) -> String,
    pub undo: &'static str,
    /// Day.
    pub merged_on: fn(&str) -> String,
    pub undo_later_first: &'static str,
    pub told_merged: &'static str,
    pub told_undone: &'static str,

    /// Name of the contact that stays.
    pub merge_into: fn(&str) -> String,
    pub merge_help: &'static str,
    /// Names of both: the one that stays, and the one that becomes part of it.
    pub preview: fn(&str, &str) -> String,
    pub preview_help: &'static str,
    pub not_kept: &'static str,
    pub moves: &'static str,
    pub moves_nothing: &'static str,
    /// Names of channels.
    pub shared: fn(&str) -> String,
    pub choose_other: &'static str,
}

/// The texts of a language.
pub(super) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

static ENGLISH: Texts = Texts {
    contacts: "Contacts",
    help: "Everyone you have messages with, last added first. If someone writes on two channels, merge the two into one contact.",
    search: "Search names, phones or emails",
    none: (
        "No contacts yet",
        "Anyone who writes to you on WhatsApp, Instagram, Messenger or your website chat shows up here.",
    ),
    none_here: "No contact matches.",
    show_all: "Show all",
    first_page: "First page",
    next: "Next",
    somebody: "A contact without a name",
    opted_out: "No automatic messages",

    channels: "Channels",
    no_channels: "This contact has no channel yet.",
    last_wrote: "Last wrote",
    never_wrote: "Hasn't written yet",
    open_newest: "Open conversation",
    conversations: "Conversations",
    no_conversation: "Nothing was said yet.",
    no_text: "No text",
    merge: "Merge with another contact",
    merge_now: "Merge contacts",
    merged: "Merged contacts",
    undo_what: |name| {
        format!(
            "{name} becomes a contact of its own again, with what was known of it, its channels and its conversations. Messages that came since stay in their conversations."
        )
    },
    undo: "Undo merge",
    merged_on: |day| format!("Merged on {day}. It can be undone for 30 days."),
    undo_later_first: "A contact that was merged later has to be taken out first.",
    told_merged: "The contacts are merged.",
    told_undone: "The merge is undone.",

    merge_into: |name| format!("Merge into {name}"),
    merge_help: "Choose the contact that becomes part of this one.",
    preview: |kept, gone| format!("{gone} becomes part of {kept}"),
    preview_help: "This is what the contact will be. The merge can be undone for 30 days.",
    not_kept: "Comes back if the merge is undone:",
    moves: "Conversations that move",
    moves_nothing: "None",
    shared: |channels| {
        format!("Both write on {channels}, so they can't be merged: a reply there could only reach one of them.")
    },
    choose_other: "Choose another contact",
};

static SPANISH: Texts = Texts {
    contacts: "Contactos",
    help: "Todas las personas con las que tiene mensajes, la última agregada primero. Si alguien escribe por dos canales, combine los dos en un solo contacto.",
    search: "Buscar nombres, teléfonos o correos",
    none: (
        "Aún no hay contactos",
        "Quien le escriba por WhatsApp, Instagram, Messenger o el chat de su sitio web aparecerá aquí automáticamente.",
    ),
    none_here: "Ningún contacto coincide.",
    show_all: "Mostrar todos",
    first_page: "Primera página",
    next: "Siguiente",
    somebody: "Un contacto sin nombre",
    opted_out: "Sin mensajes automáticos",

    channels: "Canales",
    no_channels: "Este contacto aún no tiene canales.",
    last_wrote: "Escribió por última vez",
    never_wrote: "Aún no ha escrito",
    open_newest: "Abrir conversación",
    conversations: "Conversaciones",
    no_conversation: "Todavía no se ha dicho nada.",
    no_text: "Sin texto",
    merge: "Combinar con otro contacto",
    merge_now: "Combinar contactos",
    merged: "Contactos combinados",
    undo_what: |name| {
        format!(
            "{name} vuelve a ser un contacto propio, con lo que se sabía de él, sus canales y sus conversaciones. Los mensajes que llegaron desde entonces se quedan en sus conversaciones."
        )
    },
    undo: "Deshacer la combinación",
    merged_on: |day| format!("Combinado el {day}. Se puede deshacer durante 30 días."),
    undo_later_first: "Primero hay que separar el contacto que se combinó después.",
    told_merged: "Los contactos están combinados.",
    told_undone: "La combinación está deshecha.",

    merge_into: |name| format!("Combinar con {name}"),
    merge_help: "Elija el contacto que pasará a formar parte de este.",
    preview: |kept, gone| format!("{gone} pasa a formar parte de {kept}"),
    preview_help: "Así quedará el contacto. La combinación se puede deshacer durante 30 días.",
    not_kept: "Vuelve si se deshace la combinación:",
    moves: "Conversaciones que pasan",
    moves_nothing: "Ninguna",
    shared: |channels| {
        format!(
            "Ambos escriben por {channels}, así que no se pueden combinar: una respuesta allí solo llegaría a uno de ellos."
        )
    },
    choose_other: "Elegir otro contacto",
};
