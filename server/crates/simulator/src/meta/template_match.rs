//! Whether a template message fits its template: it exists in that language, is approved, and gets as many parameters as it has
//! variables.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::world::World;

use super::{message_records::Template, refusal::Refusal};

/// The template that a message names, if the message fits it.
pub fn find<'w>(world: &'w World, waba: &str, message: &Value) -> Result<&'w Template, Refusal> {
    let name = message["name"].as_str().unwrap_or_default();
    let language = message["language"]["code"].as_str().unwrap_or_default();
    let mut own = world.templates.of(waba).filter(|template| template.name == name);
    let template = own.find(|template| template.language == language);
    let missing = || {
        let details = format!("template name ({name}) does not exist in {language}");
        Refusal::detailed(132_001, "Template name does not exist in the translation", details)
    };
    let template = template.ok_or_else(missing)?;
    match template.status.as_str() {
        "APPROVED" => {}
        "PAUSED" => {
            return Err(Refusal::detailed(132_015, "Template is Paused", "The template is paused due to low quality."));
        }
        "DISABLED" => return Err(Refusal::detailed(132_016, "Template is Disabled", "The template is disabled.")),
        _ => return Err(missing()),
    }
    let parts = template.components.as_array().map(Vec::as_slice).unwrap_or_default();
    for part in parts {
        match kind_of(part).as_str() {
            "body" => count("body", part, parameters(message, "body"))?,
            "header" => header(part, message)?,
            "buttons" => buttons(part, message)?,
            _ => {}
        }
    }
    Ok(template)
}

fn kind_of(part: &Value) -> String {
    part["type"].as_str().unwrap_or_default().to_lowercase()
}

/// The parameters of a message's component.
fn parameters<'v>(message: &'v Value, kind: &str) -> &'v [Value] {
    let components = message["components"].as_array().map(Vec::as_slice).unwrap_or_default();
    let own = components.iter().find(|component| kind_of(component) == kind);
    own.and_then(|component| component["parameters"].as_array()).map(Vec::as_slice).unwrap_or_default()
}

fn count(name: &str, part: &Value, given: &[Value]) -> Result<(), Refusal> {
    let expected = variables(part["text"].as_str().unwrap_or_default());
    if expected.len() != given.len() {
        let details = format!(
            "{name}: number of localizable_params ({}) does not match the expected number of params ({})",
            given.len(),
            expected.len()
        );
        return Err(Refusal::detailed(
            132_000,
            "Number of parameters does not match the expected number of params",
            details,
        ));
    }
    let named = expected.iter().any(|name| name.parse::<u32>().is_err());
    let known = |parameter: &Value| parameter["parameter_name"].as_str().is_some_and(|name| expected.contains(name));
    if named && !given.iter().all(known) {
        return Err(Refusal::parameter(format!("{name}: Parameter name is missing or empty")));
    }
    let empty = |parameter: &Value| parameter["type"] == "text" && parameter["text"].as_str().is_none_or(str::is_empty);
    if given.iter().any(empty) {
        return Err(Refusal::detailed(
            131_008,
            "Required parameter is missing",
            format!("{name}: a text parameter is empty"),
        ));
    }
    Ok(())
}

fn header(part: &Value, message: &Value) -> Result<(), Refusal> {
    let given = parameters(message, "header");
    let format = part["format"].as_str().unwrap_or("TEXT").to_lowercase();
    if format == "text" {
        return count("header", part, given);
    }
    let fits = given.len() == 1 && given[0]["type"].as_str() == Some(format.as_str()) && given[0][&format].is_object();
    if fits {
        return Ok(());
    }
    let details = format!("header: Format mismatch, expected {}, received UNKNOWN", format.to_uppercase());
    Err(Refusal::detailed(132_012, "Parameter format does not match format in the created template", details))
}

/// A button with a variable in its address needs its parameter.
fn buttons(part: &Value, message: &Value) -> Result<(), Refusal> {
    let components = message["components"].as_array().map(Vec::as_slice).unwrap_or_default();
    let buttons = part["buttons"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (at, button) in buttons.iter().enumerate() {
        let variable = !variables(button["url"].as_str().unwrap_or_default()).is_empty();
        let index =
            |component: &Value| component["index"].as_u64().or_else(|| component["index"].as_str()?.parse().ok());
        let given = components.iter().any(|component| {
            kind_of(component) == "button"
                && index(component) == u64::try_from(at).ok()
                && component["parameters"].as_array().is_some_and(|parameters| !parameters.is_empty())
        });
        if variable && !given {
            let details = format!("buttons: Button at index {at} of type Url requires a parameter");
            return Err(Refusal::detailed(131_008, "Required parameter is missing", details));
        }
    }
    Ok(())
}

/// The variables of a text: what stands between double braces.
pub fn variables(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some((_, from)) = rest.split_once("{{") {
        let Some((name, after)) = from.split_once("}}") else { break };
        found.insert(name.trim().to_owned());
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn world() -> World {
        let mut world = World::default();
        let parts = json!([
            {"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Hi {{1}}, see you {{2}}. {{1}}!"},
            {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Open", "url": "https://a.example/{{1}}"}]},
        ]);
        for (name, status) in [("ready", "APPROVED"), ("paused", "PAUSED"), ("off", "DISABLED"), ("new", "PENDING")] {
            world.templates.insert(Template {
                id: name.into(),
                waba_id: "w".into(),
                name: name.into(),
                language: "en_US".into(),
                status: status.into(),
                components: parts.clone(),
                ..Template::default()
            });
        }
        world
    }

    #[test]
    fn a_message_fits_its_template_or_is_refused_with_the_code_of_what_is_wrong() {
        let texts =
            |count: usize| json!({"type": "body", "parameters": vec![json!({"type": "text", "text": "x"}); count]});
        let image = json!({"type": "header", "parameters": [{"type": "image", "image": {"id": "1"}}]});
        let button =
            json!({"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "x"}]});
        for (name, language, components, code) in [
            ("ready", "en_US", json!([image, texts(2), button]), None),
            ("ready", "en_US", json!([image, texts(3), button]), Some(132_000)),
            ("ready", "en_US", json!([image, texts(2)]), Some(131_008)),
            ("ready", "en_US", json!([texts(2), button]), Some(132_012)),
            ("ready", "de", json!([]), Some(132_001)),
            ("none", "en_US", json!([]), Some(132_001)),
            ("new", "en_US", json!([]), Some(132_001)),
            ("paused", "en_US", json!([]), Some(132_015)),
            ("off", "en_US", json!([]), Some(132_016)),
        ] {
            let message = json!({"name": name, "language": {"code": language}, "components": components});
            assert_eq!(find(&world(), "w", &message).err().map(|refusal| refusal.code), code, "{message}");
        }
        assert_eq!(variables("{{1}} {{first_name}} {{1}} {{").len(), 2);
    }
}
