//! Serves the message templates of WhatsApp Business Accounts: list, create, edit and delete, and their review.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::world::Transaction;

use super::{
    customers::random_digits,
    events::{self, MetaEvent},
    message_records::Template,
    refusal::Refusal,
    template_match::variables,
};

/// Parameters of a query, by name.
pub type Query = BTreeMap<String, String>;

/// Fields that a template shows if the caller names none.
const USUAL: &str = "name,parameter_format,components,language,status,category,id";

/// `GET /{waba}/message_templates`: a page of them, filtered by name, language, status and category.
pub fn list(tx: &Transaction<'_>, waba: &str, query: &Query, here: &str) -> Result<Value, Refusal> {
    let asked = |name: &str| query.get(name).map(String::as_str);
    let is = |name: &str, value: &str| asked(name).is_none_or(|asked| asked.eq_ignore_ascii_case(value));
    let limit = asked("limit").and_then(|limit| limit.parse().ok()).unwrap_or(25_usize).clamp(1, 1_000);
    let from: usize = asked("after").and_then(|after| after.strip_prefix("T")?.parse().ok()).unwrap_or(0);
    let fits = |template: &&Template| {
        is("name", &template.name)
            && is("language", &template.language)
            && is("status", &template.status)
            && is("category", &template.category)
    };
    let all: Vec<&Template> = tx.world.templates.of(waba).rev().filter(fits).collect();
    let fields = asked("fields").unwrap_or(USUAL);
    let rows: Vec<Value> = all.iter().skip(from).take(limit).map(|template| shown(template, fields)).collect();
    let mut paging = json!({"cursors": {"before": format!("T{from}"), "after": format!("T{}", from + rows.len())}});
    if from + rows.len() < all.len() {
        paging["next"] = json!(format!("{here}?limit={limit}&fields={fields}&after=T{}", from + rows.len()));
    }
    Ok(json!({"data": rows, "paging": paging}))
}

/// `GET /{template}`.
pub fn get(template: &Template, query: &Query) -> Value {
    shown(template, query.get("fields").map_or(USUAL, String::as_str))
}

fn shown(template: &Template, fields: &str) -> Value {
    let text = template.components.to_string();
    let named = variables(&text).iter().any(|name| name.parse::<u32>().is_err());
    let all = json!({
        "name": template.name, "language": template.language, "status": template.status, "category": template.category,
        "components": template.components, "parameter_format": if named { "NAMED" } else { "POSITIONAL" },
        "rejected_reason": if template.reason.is_empty() { "NONE" } else { &template.reason },
        "quality_score": {"score": "UNKNOWN", "date": template.at.timestamp()},
    });
    let mut row = json!({"id": template.id});
    for field in fields.split(',').map(str::trim) {
        if let Some(value) = all.get(field) {
            row[field] = value.clone();
        }
    }
    row
}

/// `POST /{waba}/message_templates`.
pub fn create(tx: &mut Transaction<'_>, waba: &str, body: &Value) -> Result<Value, Refusal> {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let template = Template {
        id: format!("1{}", random_digits(15)),
        waba_id: waba.into(),
        name: text("name"),
        language: text("language"),
        category: text("category").to_uppercase(),
        status: "PENDING".into(),
        reason: String::new(),
        components: body["components"].clone(),
        at: tx.now,
    };
    let spelled = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if template.name.is_empty() || template.name.len() > 512 || !template.name.chars().all(spelled) {
        return Err(Refusal::parameter("Param name must be lower-case letters, digits and underscores."));
    }
    if template.language.is_empty() {
        return Err(Refusal::parameter("Param language is required."));
    }
    if !["MARKETING", "UTILITY", "AUTHENTICATION"].contains(&template.category.as_str()) {
        return Err(Refusal::parameter("Param category must be one of {UTILITY, MARKETING, AUTHENTICATION}."));
    }
    let twin = |other: &Template| other.name == template.name && other.language == template.language;
    if tx.world.templates.of(waba).any(twin) {
        return Err(Refusal::with_subcode(100, 2_388_024, "Content in this language already exists"));
    }
    check(&template.components)?;
    submit(tx, &template);
    Ok(json!({"id": template.id, "status": "PENDING", "category": template.category}))
}

/// `POST /{template}`: replaces the components; the template is reviewed again.
pub fn edit(tx: &mut Transaction<'_>, template: &Template, body: &Value) -> Result<Value, Refusal> {
    if !["APPROVED", "REJECTED", "PAUSED"].contains(&template.status.as_str()) {
        return Err(Refusal::with_subcode(100, 2_388_039, "This template cannot be edited in its current state"));
    }
    if template.status == "APPROVED" && tx.now - template.at < TimeDelta::hours(24) {
        return Err(Refusal::with_subcode(100, 2_388_039, "An approved template can be edited once in 24 hours"));
    }
    let components = if body["components"].is_null() { &template.components } else { &body["components"] };
    check(components)?;
    let category = body["category"].as_str().map_or_else(|| template.category.clone(), str::to_uppercase);
    let (components, status) = (components.clone(), "PENDING".into());
    submit(tx, &Template { components, category, status, reason: String::new(), at: tx.now, ..template.clone() });
    Ok(json!({"success": true}))
}

/// `DELETE /{waba}/message_templates`: all languages of a name, or one template.
pub fn delete(tx: &mut Transaction<'_>, waba: &str, query: &Query) -> Result<Value, Refusal> {
    let (name, id) = (query.get("name"), query.get("hsm_id"));
    if name.is_none() && id.is_none() {
        return Err(Refusal::parameter("The parameter name is required."));
    }
    let meant =
        |template: &&Template| id.is_none_or(|id| *id == template.id) && name.is_none_or(|name| *name == template.name);
    let gone: Vec<String> = tx.world.templates.of(waba).filter(meant).map(|template| template.id.clone()).collect();
    if gone.is_empty() {
        return Err(Refusal::with_subcode(100, 2_593_002, "Message Template Not Found"));
    }
    for id in &gone {
        tx.remove::<Template>(id);
    }
    Ok(json!({"success": true}))
}

/// Keeps a template that waits for its review, and queues what becomes of it.
fn submit(tx: &mut Transaction<'_>, template: &Template) {
    tx.put(template);
    let knobs = tx.world.meta_knobs();
    let verdict = match knobs.review.as_str() {
        "approve" => "APPROVED",
        "reject" => "REJECTED",
        _ => return,
    };
    let due_at = tx.now + tx.delay(knobs.review_ms);
    events::queue(tx, MetaEvent { due_at, ..decided(template, verdict) });
}

/// The event that a template has another status. The template gets the status when the event is sent.
pub fn decided(template: &Template, status: &str) -> MetaEvent {
    let reason = if status == "REJECTED" { "INVALID_FORMAT" } else { "NONE" };
    MetaEvent {
        object: "whatsapp_business_account".into(),
        entry_id: template.waba_id.clone(),
        field: "message_template_status_update".into(),
        item: json!({
            "event": status, "message_template_id": template.id.parse::<u64>().unwrap_or_default(),
            "message_template_name": template.name, "message_template_language": template.language,
            "message_template_category": template.category, "reason": reason,
        }),
        ..MetaEvent::default()
    }
}

/// Applies an event that says which status a template has.
pub fn apply(tx: &mut Transaction<'_>, event: &MetaEvent) {
    if event.field != "message_template_status_update" {
        return;
    }
    let id = event.item["message_template_id"].to_string();
    if let Some(template) = tx.world.templates.get(&id).cloned() {
        let status = event.item["event"].as_str().unwrap_or_default().to_owned();
        let reason = if status == "REJECTED" { "INVALID_FORMAT".into() } else { String::new() };
        tx.put(&Template { status, reason, ..template });
    }
}

fn check(components: &Value) -> Result<(), Refusal> {
    let parts = components.as_array().map(Vec::as_slice).unwrap_or_default();
    let of = |kind: &str| {
        parts.iter().find(|part| part["type"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(kind)))
    };
    let Some(body) = of("BODY").and_then(|part| part["text"].as_str()).filter(|text| !text.is_empty()) else {
        return Err(Refusal::with_subcode(100, 2_388_072, "The BODY component needs a text"));
    };
    let trimmed = body.trim();
    if trimmed.starts_with("{{") || trimmed.ends_with("}}") {
        return Err(Refusal::with_subcode(100, 2_388_299, "Variables can't be at the start or end of the template"));
    }
    let example = of("BODY").is_some_and(|part| !part["example"].is_null());
    if !variables(body).is_empty() && !example {
        return Err(Refusal::with_subcode(100, 2_388_072, "The BODY component is missing the expected field example"));
    }
    let length = |kind: &str| of(kind).and_then(|part| part["text"].as_str()).map_or(0, |text| text.chars().count());
    if length("BODY") > 1_024 || length("HEADER") > 60 || length("FOOTER") > 60 {
        return Err(Refusal::with_subcode(100, 2_388_040, "The text of a component exceeds the limit"));
    }
    if !variables(of("FOOTER").and_then(|part| part["text"].as_str()).unwrap_or_default()).is_empty() {
        return Err(Refusal::with_subcode(100, 2_388_073, "The FOOTER component can't have variables"));
    }
    let buttons = of("BUTTONS").and_then(|part| part["buttons"].as_array()).map_or(0, Vec::len);
    if buttons > 10 {
        return Err(Refusal::parameter("A template has at most 10 buttons."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_that_no_review_would_pass_are_refused_at_once() {
        for (text, example, subcode) in [
            ("Hello there", false, None),
            ("Hi {{1}}, come in.", true, None),
            ("Hi {{1}}, come in.", false, Some(2_388_072)),
            ("{{1}}, come in.", true, Some(2_388_299)),
            ("Come in, {{1}}", true, Some(2_388_299)),
            ("", false, Some(2_388_072)),
        ] {
            let mut part = json!({"type": "body", "text": text});
            if example {
                part["example"] = json!({"body_text": [["x"]]});
            }
            assert_eq!(check(&json!([part])).err().and_then(|refusal| refusal.subcode), subcode, "{text}");
        }
    }
}
