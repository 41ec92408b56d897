//! Which texts does the card of web chat show? One field for each text, in each language.

use domain::language::Language;

/// The texts of one language.
pub(super) struct Texts {
    pub title: &'static str,
    pub help: &'static str,
    pub on: &'static str,
    pub off: &'static str,
    pub snippet: &'static str,
    pub copy: &'static str,
    /// Our address.
    pub policy: fn(&str) -> String,
    pub inbox: &'static str,
    pub ask_owner: &'static str,
    pub is_on: &'static str,
    pub origins: &'static str,
    pub origins_help: &'static str,
    pub greeting: &'static str,
    pub greeting_help: &'static str,
    pub save: &'static str,
    pub turn_on: &'static str,
    pub told_on: &'static str,
    pub told_off: &'static str,
}

/// The texts of a language.
pub(super) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

const ENGLISH: Texts = Texts {
    title: "Web chat",
    help: "A button on your own website. What visitors write lands in your inbox, and your answers appear on their page.",
    on: "On",
    off: "Off",
    snippet: "Add this line to every page of your website, anywhere in it:",
    copy: "Copy the line",
    policy: |url| format!("If your site has a content security policy, allow {url} for script-src and frame-src."),
    inbox: "Open inbox",
    ask_owner: "Ask the owner of the business or your agency to change it.",
    is_on: "Visitors can write to you",
    origins: "Your websites",
    origins_help: "One address on each line. On other sites the chat is not shown.",
    greeting: "Greeting",
    greeting_help: "What visitors read first. Leave it empty for the usual words.",
    save: "Save web chat",
    turn_on: "Turn on web chat",
    told_on: "Saved. The web chat is on.",
    told_off: "Saved. The web chat is off; its conversations stay in your inbox.",
};

const SPANISH: Texts = Texts {
    title: "Chat web",
    help: "Un botón en su propio sitio web. Lo que escriben los visitantes llega a su bandeja, y sus respuestas aparecen en la página de ellos.",
    on: "Activado",
    off: "Desactivado",
    snippet: "Agregue esta línea a cada página de su sitio web, en cualquier lugar:",
    copy: "Copiar la línea",
    policy: |url| {
        format!("Si su sitio tiene una política de seguridad de contenido, permita {url} en script-src y frame-src.")
    },
    inbox: "Abrir la bandeja",
    ask_owner: "Pida al propietario del negocio o a su agencia que lo cambie.",
    is_on: "Los visitantes pueden escribirle",
    origins: "Sus sitios web",
    origins_help: "Una dirección por línea. En otros sitios el chat no se muestra.",
    greeting: "Saludo",
    greeting_help: "Lo primero que leen los visitantes. Déjelo vacío para usar el texto habitual.",
    save: "Guardar el chat web",
    turn_on: "Activar el chat web",
    told_on: "Guardado. El chat web está activado.",
    told_off: "Guardado. El chat web está desactivado; sus conversaciones siguen en la bandeja.",
};
