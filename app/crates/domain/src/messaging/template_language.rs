//! What is the language of a template called? The platform gives codes such as `es_MX`; people read names, each in their own
//! language. A code that nobody knows here stays as it is.

use crate::language::Language;

/// Languages of templates: the code, and the name in English and in Spanish.
const LANGUAGES: &[(&str, [&str; 2])] = &[
    ("af", ["Afrikaans", "Afrikáans"]),
    ("ar", ["Arabic", "Árabe"]),
    ("bg", ["Bulgarian", "Búlgaro"]),
    ("bn", ["Bengali", "Bengalí"]),
    ("ca", ["Catalan", "Catalán"]),
    ("cs", ["Czech", "Checo"]),
    ("da", ["Danish", "Danés"]),
    ("de", ["German", "Alemán"]),
    ("el", ["Greek", "Griego"]),
    ("en", ["English", "Inglés"]),
    ("es", ["Spanish", "Español"]),
    ("fa", ["Persian", "Persa"]),
    ("fi", ["Finnish", "Finés"]),
    ("fil", ["Filipino", "Filipino"]),
    ("fr", ["French", "Francés"]),
    ("he", ["Hebrew", "Hebreo"]),
    ("hi", ["Hindi", "Hindi"]),
    ("hr", ["Croatian", "Croata"]),
    ("hu", ["Hungarian", "Húngaro"]),
    ("id", ["Indonesian", "Indonesio"]),
    ("it", ["Italian", "Italiano"]),
    ("ja", ["Japanese", "Japonés"]),
    ("ko", ["Korean", "Coreano"]),
    ("nb", ["Norwegian", "Noruego"]),
    ("nl", ["Dutch", "Neerlandés"]),
    ("pl", ["Polish", "Polaco"]),
    ("pt", ["Portuguese", "Portugués"]),
    ("ro", ["Romanian", "Rumano"]),
    ("ru", ["Russian", "Ruso"]),
    ("sv", ["Swedish", "Sueco"]),
    ("th", ["Thai", "Tailandés"]),
    ("tr", ["Turkish", "Turco"]),
    ("uk", ["Ukrainian", "Ucraniano"]),
    ("vi", ["Vietnamese", "Vietnamita"]),
    ("zh", ["Chinese", "Chino"]),
];

/// Countries in the codes of templates, and what each is called in short.
const COUNTRIES: &[(&str, [&str; 2])] = &[
    ("AR", ["Argentina", "Argentina"]),
    ("BR", ["Brazil", "Brasil"]),
    ("CL", ["Chile", "Chile"]),
    ("CN", ["China", "China"]),
    ("CO", ["Colombia", "Colombia"]),
    ("ES", ["Spain", "España"]),
    ("GB", ["UK", "Reino Unido"]),
    ("HK", ["Hong Kong", "Hong Kong"]),
    ("MX", ["Mexico", "México"]),
    ("PE", ["Peru", "Perú"]),
    ("PT", ["Portugal", "Portugal"]),
    ("TW", ["Taiwan", "Taiwán"]),
    ("US", ["US", "EE. UU."]),
];

/// The name of a template's language in the language of the reader: "English (US)", "Inglés (EE. UU.)".
#[must_use]
pub fn language_name(code: &str, reader: Language) -> String {
    let said = |[english, spanish]: [&'static str; 2]| match reader {
        Language::English => english,
        Language::Spanish => spanish,
    };
    let of = |known: &[(&str, [&'static str; 2])], part: &str| {
        known.iter().find(|(key, _)| *key == part).map(|(_, names)| said(*names))
    };
    let (language, country) = code.split_once('_').unwrap_or((code, ""));
    match (of(LANGUAGES, language), country) {
        (Some(language), "") => language.to_owned(),
        (Some(language), country) => format!("{language} ({})", of(COUNTRIES, country).unwrap_or(country)),
        (None, _) => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_called_by_its_name_in_the_language_of_the_reader() {
        for (code, english, spanish) in [
            ("en_US", "English (US)", "Inglés (EE. UU.)"),
            ("en", "English", "Inglés"),
            ("es_MX", "Spanish (Mexico)", "Español (México)"),
            ("es_EC", "Spanish (EC)", "Español (EC)"),
            ("pt_BR", "Portuguese (Brazil)", "Portugués (Brasil)"),
            ("xx_YY", "xx_YY", "xx_YY"),
            ("", "", ""),
        ] {
            let said = Language::ALL.map(|reader| language_name(code, reader));
            assert_eq!(said, [english.to_owned(), spanish.to_owned()], "{code}");
        }
    }
}
