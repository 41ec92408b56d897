//! Which texts does the choice of the business's language show, in each language?

use domain::language::Language;

/// The texts of one language.
pub(crate) struct LanguageTexts {
    pub title: &'static str,
    pub label: &'static str,
    pub help: &'static str,
    /// The language of the country, by its own name.
    pub of_country: fn(&str) -> String,
    pub save: &'static str,
    pub saved: &'static str,
    pub choose: &'static str,
}

/// The texts of a language.
pub(crate) const fn language(language: Language) -> &'static LanguageTexts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

static ENGLISH: LanguageTexts = LanguageTexts {
    title: "Language of the business",
    label: "Business language",
    help: "For the pages and emails of people here who chose no language, and for what the assistant says by itself.",
    of_country: |name| format!("Language of its country ({name})"),
    save: "Save language",
    saved: "The language of the business is saved.",
    choose: "Choose a language.",
};

static SPANISH: LanguageTexts = LanguageTexts {
    title: "Idioma del negocio",
    label: "Idioma del negocio",
    help: "Para las páginas y los correos de las personas de aquí que no eligieron idioma, y para lo que el asistente dice por su cuenta.",
    of_country: |name| format!("El de su país ({name})"),
    save: "Guardar idioma",
    saved: "El idioma del negocio se guardó.",
    choose: "Elija un idioma.",
};
