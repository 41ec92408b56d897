//! Validates the shape of a body against a list of allowed properties.
//!
//! As at HighLevel, an unknown property is refused and every mistake is listed in the words of HighLevel's
//! validator (HighLevel API §1).

use serde_json::Value;

use super::countries::COUNTRIES;

/// What a property may hold.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Any text.
    Text,
    /// Text that is not empty.
    Filled,
    /// An e-mail address.
    Email,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// A list of texts.
    Texts,
    /// A list of anything.
    List,
    /// An object with these properties.
    Object(&'static [Field]),
    /// An object with any properties, each of them text.
    Map,
    /// An object with any properties, each of them true or false.
    Flags,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A country code.
    Country,
}

/// One property.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    name: &'static str,
    kind: Kind,
    needed: bool,
}

/// A required property.
pub const fn need(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, needed: true }
}

/// An optional property.
pub const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, needed: false }
}

/// Lists every mistake in a body.
pub fn mistakes(shape: &[Field], body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    look(shape, body, "", &mut found);
    found
}

fn look(shape: &[Field], body: &Value, prefix: &str, found: &mut Vec<String>) {
    let empty = serde_json::Map::new();
    let fields = body.as_object().unwrap_or(&empty);
    for name in fields.keys().filter(|name| shape.iter().all(|field| field.name != name.as_str())) {
        found.push(format!("{prefix}property {name} should not exist"));
    }
    for field in shape {
        let name = format!("{prefix}{}", field.name);
        match fields.get(field.name) {
            None | Some(Value::Null) if field.needed => found.extend(missing(&name, field.kind)),
            None | Some(Value::Null) => {}
            Some(value) => check(&name, field.kind, value, found),
        }
    }
}

fn missing(name: &str, kind: Kind) -> Vec<String> {
    match kind {
        Kind::Texts | Kind::List => vec![format!("{name} must be an array")],
        Kind::Email => vec![format!("{name} must be an email")],
        Kind::Object(_) | Kind::Map | Kind::Flags => vec![format!("{name} must be an object")],
        _ => vec![format!("{name} must be a string"), format!("{name} should not be empty")],
    }
}

fn check(name: &str, kind: Kind, value: &Value, found: &mut Vec<String>) {
    let wrong = match kind {
        Kind::Text => (!value.is_string()).then(|| format!("{name} must be a string")),
        Kind::Filled => match value.as_str() {
            None => Some(format!("{name} must be a string")),
            Some("") => Some(format!("{name} should not be empty")),
            Some(_) => None,
        },
        Kind::Email => (!value.as_str().is_some_and(is_email)).then(|| format!("{name} must be an email")),
        Kind::Number => {
            (!value.is_number()).then(|| format!("{name} must be a number conforming to the specified constraints"))
        }
        Kind::Flag => (!value.is_boolean()).then(|| format!("{name} must be a boolean value")),
        Kind::List => (!value.is_array()).then(|| format!("{name} must be an array")),
        Kind::Texts => match value.as_array() {
            None => Some(format!("{name} must be an array")),
            Some(items) => {
                items.iter().any(|item| !item.is_string()).then(|| format!("each value in {name} must be a string"))
            }
        },
        Kind::OneOf(known) => (!value.as_str().is_some_and(|value| known.contains(&value)))
            .then(|| format!("{name} must be one of the following values: {}", known.join(", "))),
        Kind::Country => (!value.as_str().is_some_and(|value| COUNTRIES.contains(&value)))
            .then(|| format!("{name} must be one of the following values: {}", COUNTRIES.join(", "))),
        Kind::Object(_) | Kind::Map | Kind::Flags if !value.is_object() => Some(format!("{name} must be an object")),
        Kind::Object(shape) => {
            look(shape, value, &format!("{name}."), found);
            None
        }
        Kind::Map => {
            any_value(value, |inner| !inner.is_string()).then(|| format!("each value in {name} must be a string"))
        }
        Kind::Flags => any_value(value, |inner| !inner.is_boolean())
            .then(|| format!("each value in {name} must be a boolean value")),
    };
    found.extend(wrong);
}

fn any_value(value: &Value, test: impl Fn(&Value) -> bool) -> bool {
    value.as_object().is_some_and(|fields| fields.values().any(test))
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let plain = |part: &str| !part.is_empty() && !part.contains([' ', '@', ',']);
    plain(name) && plain(host) && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SHAPE: &[Field] = &[
        need("name", Kind::Filled),
        may("country", Kind::Country),
        may("prospectInfo", Kind::Object(&[need("email", Kind::Email)])),
    ];

    #[test]
    fn every_mistake_is_listed_with_its_place() {
        let body = json!({"country": "us", "prospectInfo": {"email": "x", "age": 3}, "marker": "m"});
        let found = mistakes(SHAPE, &body);
        assert_eq!(found[0], "property marker should not exist");
        assert!(found.contains(&"name should not be empty".to_owned()), "{found:?}");
        assert!(found.contains(&"prospectInfo.email must be an email".to_owned()), "{found:?}");
        assert!(found.contains(&"prospectInfo.property age should not exist".to_owned()), "{found:?}");
        assert!(found.iter().any(|mistake| mistake.starts_with("country must be one of")), "{found:?}");
    }

    #[test]
    fn what_is_optional_may_be_absent_or_null() {
        assert!(mistakes(SHAPE, &json!({"name": "A", "country": null})).is_empty());
    }
}
