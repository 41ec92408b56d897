//! What is an approved message template, which values does it need, and what do they make of it? A template is kept as the
//! platform lists it; its variables stand in the header, in the body and at the end of a button's address.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::field::FieldError;
use crate::language::Language;

/// The longest value of a variable, in characters.
const LONGEST: usize = 500;

/// A template of a WhatsApp account, in one language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// Its row.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its language, such as `en_US`.
    pub language: String,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    pub category: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED` and others.
    pub status: String,
    /// Its parts, as the platform lists them.
    pub components: Value,
}

/// What people choose a template by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateName {
    /// Its row.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its language, such as `en_US`.
    pub language: String,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    pub category: String,
}

/// A place of a template that a value fills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its key in forms: `header.1`, `body.first_name`, `button.0.1`, or `header.media` for the address of a file.
    pub key: String,
    /// What people read beside the field.
    pub label: String,
}

/// A template with its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// The text as the customer reads it.
    pub text: String,
    /// The parameters in the platform's form (WhatsApp, template messages).
    pub parameters: Value,
}

/// A part of a template.
#[derive(Clone, Copy)]
struct Part<'a> {
    kind: &'static str,
    value: &'a Value,
}

impl<'a> Part<'a> {
    fn text(self) -> &'a str {
        self.value.get("text").and_then(Value::as_str).unwrap_or_default()
    }

    /// The kind of file in a header, if it holds one: `image`, `video` or `document`.
    fn media(self) -> Option<&'static str> {
        let format = self.value.get("format").and_then(Value::as_str)?;
        ["image", "video", "document"].into_iter().find(|kind| kind.eq_ignore_ascii_case(format))
    }

    /// The buttons that take a value, with their place and their address.
    fn addresses(self) -> impl Iterator<Item = (usize, &'a str)> {
        let buttons = self.value.get("buttons").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        buttons.iter().enumerate().filter_map(|(at, button)| Some((at, button.get("url")?.as_str()?)))
    }
}

/// Whether templates of this category are advertising.
#[must_use]
pub fn is_marketing(category: &str) -> bool {
    category.eq_ignore_ascii_case("MARKETING")
}

impl Template {
    /// Whether it may be sent.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.status.eq_ignore_ascii_case("APPROVED")
    }

    /// Whether it is advertising, which a customer may refuse.
    #[must_use]
    pub fn is_marketing(&self) -> bool {
        is_marketing(&self.category)
    }

    fn part(&self, kind: &'static str) -> Option<Part<'_>> {
        let is_meant = |part: &&Value| {
            part.get("type").and_then(Value::as_str).is_some_and(|word| word.eq_ignore_ascii_case(kind))
        };
        self.components.as_array()?.iter().find(is_meant).map(|value| Part { kind, value })
    }

    /// The parts with text, in the order in which they are read.
    fn texts(&self) -> impl Iterator<Item = Part<'_>> {
        ["header", "body", "footer"].into_iter().filter_map(|kind| self.part(kind))
    }

    /// The text with its variables, as people choose it.
    #[must_use]
    pub fn text(&self) -> String {
        joined(self.texts().map(|part| part.text().to_owned()))
    }

    /// Every value that it needs, in the order of its text, called in English.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        self.variables_in(Language::English)
    }

    /// Every value that it needs, in the order of its text, called in a language.
    #[must_use]
    pub fn variables_in(&self, language: Language) -> Vec<Variable> {
        let mut all = Vec::new();
        if let Some(media) = self.part("header").and_then(Part::media) {
            all.push(Variable { key: "header.media".to_owned(), label: address_of(language, media) });
        }
        for part in self.texts() {
            all.extend(names(part.text()).into_iter().map(|name| Variable {
                key: format!("{}.{name}", part.kind),
                label: value_in(language, name, part.kind),
            }));
        }
        for (at, url) in self.part("buttons").into_iter().flat_map(Part::addresses) {
            all.extend(
                names(url).into_iter().map(|name| Variable {
                    key: format!("button.{at}.{name}"),
                    label: end_of_address(language, at + 1),
                }),
            );
        }
        all
    }

    /// Fills it with the values under the keys of its variables. Values for other keys are ignored.
    ///
    /// # Errors
    /// One error for each value that is missing, too long, or cannot be sent.
    pub fn fill(&self, values: &BTreeMap<String, String>) -> Result<Filled, Vec<FieldError>> {
        let wrong: Vec<_> = self
            .variables()
            .iter()
            .filter_map(|variable| {
                let value = values.get(&variable.key).map(|value| value.trim()).unwrap_or_default();
                fault(&variable.key, value).map(|text| FieldError::new(format!("/values/{}", variable.key), text))
            })
            .collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let value = |key: &str| values.get(key).map(|value| value.trim()).unwrap_or_default();
        let text =
            joined(self.texts().map(|part| replaced(part.text(), |name| value(&format!("{}.{name}", part.kind)))));
        let mut parameters = Vec::new();
        for part in self.texts() {
            let media = part
                .media()
                .filter(|_| part.kind == "header")
                .map(|media| json!({ "type": media, media: { "link": value("header.media") } }));
            let of_text =
                names(part.text()).into_iter().map(|name| parameter(name, value(&format!("{}.{name}", part.kind))));
            let all: Vec<_> = media.into_iter().chain(of_text).collect();
            if !all.is_empty() {
                parameters.push(json!({ "type": part.kind, "parameters": all }));
            }
        }
        for (at, url) in self.part("buttons").into_iter().flat_map(Part::addresses) {
            for name in names(url) {
                let text = value(&format!("button.{at}.{name}"));
                parameters.push(json!({ "type": "button", "sub_type": "url", "index": at.to_string(), "parameters": [{ "type": "text", "text": text }] }));
            }
        }
        Ok(Filled { text, parameters: Value::Array(parameters) })
    }
}

/// The parameter of a text. A variable with a name carries it; a number is its place.
fn parameter(name: &str, text: &str) -> Value {
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        json!({ "type": "text", "text": text })
    } else {
        json!({ "type": "text", "parameter_name": name, "text": text })
    }
}

/// What is wrong with a value, if anything is. WhatsApp takes no line break and no long run of spaces in one.
fn fault(key: &str, value: &str) -> Option<&'static str> {
    match value {
        "" => Some("Fill this in."),
        _ if value.chars().count() > LONGEST => Some("Use at most 500 characters."),
        _ if key == "header.media" && !value.starts_with("https://") => {
            Some("Enter an address that begins with https://.")
        }
        _ if value.contains(['\n', '\r', '\t']) || value.contains("     ") => {
            Some("Use one line, without tabs and long gaps.")
        }
        _ => None,
    }
}

/// The variables of a text in the order in which they first appear, without their braces.
fn names(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (name, _) in text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")) {
        let name = name.trim();
        if is_name(name) && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn shown(language: Language, name: &str) -> String {
    if !name.bytes().all(|byte| byte.is_ascii_digit()) {
        return name.replace('_', " ");
    }
    match language {
        Language::English => format!("Value {name}"),
        Language::Spanish => format!("Valor {name}"),
    }
}

/// What a variable in one of the parts with text is called.
fn value_in(language: Language, name: &str, part: &str) -> String {
    let name = shown(language, name);
    match (language, part) {
        (_, "body") => name,
        (Language::English, _) => format!("{name} in the {part}"),
        (Language::Spanish, "header") => format!("{name} en el encabezado"),
        (Language::Spanish, _) => format!("{name} en el pie"),
    }
}

/// What the address of the file in the header is called.
fn address_of(language: Language, media: &str) -> String {
    match (language, media) {
        (Language::English, _) => format!("Web address of the {media}"),
        (Language::Spanish, "image") => "Dirección web de la imagen".to_owned(),
        (Language::Spanish, "video") => "Dirección web del video".to_owned(),
        (Language::Spanish, _) => "Dirección web del documento".to_owned(),
    }
}

/// What the end of the address of a button is called.
fn end_of_address(language: Language, button: usize) -> String {
    match language {
        Language::English => format!("End of the address of button {button}"),
        Language::Spanish => format!("Final de la dirección del botón {button}"),
    }
}

/// The text with each variable replaced.
fn replaced<'a>(text: &str, value: impl Fn(&str) -> &'a str) -> String {
    let mut pieces = text.split("{{");
    let mut done = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once("}}").filter(|(name, _)| is_name(name.trim())) {
            Some((name, rest)) => {
                done.push_str(value(name.trim()));
                done.push_str(rest);
            }
            None => {
                done.push_str("{{");
                done.push_str(piece);
            }
        }
    }
    done
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(components: Value) -> Template {
        let [name, language, category] = ["order", "en_US", "UTILITY"].map(str::to_owned);
        Template { id: Uuid::nil(), name, language, category, status: "approved".to_owned(), components }
    }

    fn values(of: &[(&str, &str)]) -> BTreeMap<String, String> {
        of.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn each_place_is_filled_once_and_in_the_platforms_form() {
        let order = template(json!([
            { "type": "HEADER", "format": "IMAGE" },
            { "type": "Body", "text": "Hi {{1}}, {{ 2 }} ships. Bye {{1}} {{}} {{x" },
            { "type": "FOOTER", "text": "Reply STOP to opt out" },
            { "type": "BUTTONS", "buttons": [{ "type": "QUICK_REPLY", "text": "Track" }, { "type": "URL", "text": "Open", "url": "https://shop.example/{{1}}" }, 7] }
        ]));
        let keys: Vec<_> = order.variables().into_iter().map(|variable| variable.key).collect();
        assert_eq!(keys, ["header.media", "body.1", "body.2", "button.1.1"]);
        let given = values(&[
            ("header.media", "https://shop.example/a.png"),
            ("body.1", " Ada {{2}} "),
            ("body.2", "A-1"),
            ("button.1.1", "a"),
            ("other", "x"),
        ]);
        let filled = order.fill(&given).unwrap();
        assert_eq!(filled.text, "Hi Ada {{2}}, A-1 ships. Bye Ada {{2}} {{}} {{x\n\nReply STOP to opt out");
        assert_eq!(
            filled.parameters,
            json!([
                { "type": "header", "parameters": [{ "type": "image", "image": { "link": "https://shop.example/a.png" } }] },
                { "type": "body", "parameters": [{ "type": "text", "text": "Ada {{2}}" }, { "type": "text", "text": "A-1" }] },
                { "type": "button", "sub_type": "url", "index": "1", "parameters": [{ "type": "text", "text": "a" }] }
            ])
        );
    }

    #[test]
    fn every_value_that_is_missing_or_unfit_is_named() {
        let named = template(json!([{ "type": "BODY", "text": "Hi {{first_name}}, see {{place}}" }]));
        let fields = |given: &[(&str, &str)]| -> Vec<String> {
            named.fill(&values(given)).unwrap_err().into_iter().map(|error| error.pointer).collect()
        };
        assert_eq!(fields(&[]), ["/values/body.first_name", "/values/body.place"]);
        assert_eq!(fields(&[("body.first_name", "Ada"), ("body.place", "a\nb")]), ["/values/body.place"]);
        assert_eq!(fields(&[("body.first_name", &"a".repeat(501)), ("body.place", "b")]).len(), 1);
        let filled = named.fill(&values(&[("body.first_name", "Ada"), ("body.place", "b")])).unwrap();
        assert_eq!(filled.parameters[0]["parameters"][0]["parameter_name"], "first_name");
    }

    #[test]
    fn anything_that_a_platform_lists_is_read() {
        for components in [json!(null), json!("x"), json!([7, null, { "type": 3 }, { "type": "body", "text": 9 }])] {
            let odd = template(components);
            assert_eq!((odd.text(), odd.variables()), (String::new(), Vec::new()));
            assert_eq!(odd.fill(&BTreeMap::new()).unwrap().parameters, json!([]));
        }
    }
}
