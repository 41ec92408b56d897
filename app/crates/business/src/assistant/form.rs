//! How are the settings of the assistant read from their form, and filled in? Each field has the name of the setting; a
//! list has an entry on each line, and a service is `name | price | description`.

use std::collections::BTreeMap;

use domain::assistant::settings::{Service, Settings};
use domain::field::FieldError;
use domain::language::Language;

/// What was typed, by field name.
pub(super) type Fields = BTreeMap<String, String>;

/// What stands between the parts of a service.
const PART: char = '|';

/// Reads the form.
///
/// # Errors
/// One entry for each field that holds no number.
pub(super) fn read(fields: &Fields) -> Result<Settings, Vec<FieldError>> {
    let text = |name: &str| fields.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
    let lines = |name: &str| {
        text(name).lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect::<Vec<_>>()
    };
    let mut errors = Vec::new();
    let settings = Settings {
        name: text("name"),
        personality: text("personality"),
        greeting: text("greeting"),
        instructions: text("instructions"),
        services: text("services").lines().filter(|line| !line.trim().is_empty()).map(service).collect(),
        disclosure: text("disclosure"),
        never: lines("never"),
        hand_over_words: lines("hand_over_words"),
        hand_over_line: text("hand_over_line"),
        links: lines("links"),
        max_replies: number(fields, "max_replies", &mut errors),
        per_hour: number(fields, "per_hour", &mut errors),
        batch_seconds: number(fields, "batch_seconds", &mut errors),
        daily_tokens: number(fields, "daily_tokens", &mut errors),
        language: Language::parse(&text("language")),
    };
    if errors.is_empty() { Ok(settings) } else { Err(errors) }
}

/// A number, or zero with an error.
fn number<T: TryFrom<u32> + Default>(fields: &Fields, name: &'static str, errors: &mut Vec<FieldError>) -> T {
    let typed = fields.get(name).map_or("", |value| value.trim());
    let found = typed.parse::<u32>().ok().and_then(|number| T::try_from(number).ok());
    found.unwrap_or_else(|| {
        errors.push(FieldError::new(name, "Enter a whole number."));
        T::default()
    })
}

/// The service of a line.
fn service(line: &str) -> Service {
    let mut parts = line.splitn(3, PART).map(|part| part.trim().to_owned());
    let mut next = || parts.next().unwrap_or_default();
    Service { name: next(), price: next(), description: next() }
}

/// The settings as the fields of their form.
pub(super) fn write(settings: &Settings) -> Fields {
    let services = settings.services.iter().map(|service| {
        let line = [&service.name, &service.price, &service.description].map(|part| one_line(part)).join(" | ");
        line.trim_end_matches([' ', PART]).to_owned()
    });
    let services = services.collect::<Vec<_>>().join("\n");
    let fields = [
        ("name", settings.name.clone()),
        ("personality", settings.personality.clone()),
        ("greeting", settings.greeting.clone()),
        ("instructions", settings.instructions.clone()),
        ("services", services),
        ("disclosure", settings.disclosure.clone()),
        ("never", settings.never.join("\n")),
        ("hand_over_words", settings.hand_over_words.join("\n")),
        ("hand_over_line", settings.hand_over_line.clone()),
        ("links", settings.links.join("\n")),
        ("max_replies", settings.max_replies.to_string()),
        ("per_hour", settings.per_hour.to_string()),
        ("batch_seconds", settings.batch_seconds.to_string()),
        ("daily_tokens", settings.daily_tokens.to_string()),
        ("language", settings.language.map_or("", Language::key).to_owned()),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The text without line breaks.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        let service = |name: &str, price: &str, description: &str| Service {
            name: name.into(),
            price: price.into(),
            description: description.into(),
        };
        Settings {
            greeting: "Hello!\nHow can I help?".into(),
            services: vec![
                service("Cleaning", "$80", "One hour | by appointment"),
                service("Whitening", "", "At home"),
                service("Check-up", "", ""),
            ],
            never: vec!["Diagnoses".into(), "Refunds".into()],
            links: vec!["shop.example".into()],
            language: Some(Language::Spanish),
            daily_tokens: 0,
            ..Settings::default()
        }
    }

    #[test]
    fn settings_survive_their_form() {
        for settings in [Settings::default(), settings()] {
            assert_eq!(read(&write(&settings)).unwrap(), settings);
        }
    }

    #[test]
    fn the_form_has_a_field_for_each_setting() {
        let stored = serde_json::to_value(Settings::default()).unwrap();
        let stored: std::collections::BTreeSet<_> = stored.as_object().unwrap().keys().cloned().collect();
        assert_eq!(write(&Settings::default()).into_keys().collect::<std::collections::BTreeSet<_>>(), stored);
    }

    #[test]
    fn what_is_no_number_is_marked_at_its_field() {
        for typed in ["", "-1", "1.5", "70000", "many", "99999999999"] {
            let mut fields = write(&Settings::default());
            fields.insert("per_hour".into(), typed.into());
            let errors = read(&fields).unwrap_err();
            assert_eq!(errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), ["per_hour"], "{typed}");
        }
    }

    #[test]
    fn empty_lines_and_spaces_are_no_entries() {
        let mut fields = write(&Settings::default());
        fields.insert("never".into(), " \r\n Refunds \r\n\r\n".into());
        fields.insert("services".into(), "\r\n Cleaning |$80 \r\n".into());
        let read = read(&fields).unwrap();
        assert_eq!(read.never, ["Refunds"]);
        assert_eq!((read.services[0].name.as_str(), read.services[0].price.as_str()), ("Cleaning", "$80"));
    }
}
