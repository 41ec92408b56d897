//! Which message templates does a WhatsApp account have, and how is one submitted or deleted?

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::{Call, Meta, Parts, Result, json};
use crate::ops::{ADD_TEMPLATE, REMOVE_TEMPLATE, TEMPLATES};
use crate::page_of::PageOf;
use crate::tolerant::{id, list, object, text, word};

/// A template in one language. Name and language together identify it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Template {
    /// Meta's id.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Its name.
    #[serde(deserialize_with = "id")]
    pub name: String,
    /// Its language, such as `en_US`.
    #[serde(default, deserialize_with = "word")]
    pub language: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED` and others.
    #[serde(default, deserialize_with = "word")]
    pub status: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    #[serde(default, deserialize_with = "word")]
    pub category: String,
    /// `POSITIONAL` (`{{1}}`) or `NAMED` (`{{first_name}}`); absent means positional.
    #[serde(default, deserialize_with = "text")]
    pub parameter_format: Option<String>,
    /// Why Meta rejected it.
    #[serde(default, deserialize_with = "text")]
    pub rejected_reason: Option<String>,
    /// Its parts, as Meta sent them.
    #[serde(default, deserialize_with = "list")]
    pub components: Vec<Component>,
    #[serde(default, deserialize_with = "object")]
    quality_score: Option<Quality>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Component {
    /// `HEADER`, `BODY`, `FOOTER`, `BUTTONS`, in any case.
    #[serde(rename = "type", deserialize_with = "word")]
    pub kind: String,
    /// Of a header: `TEXT`, `IMAGE`, `VIDEO`, `DOCUMENT`, `LOCATION`.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The text with its variables.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The buttons.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// Examples of its variables, in Meta's form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Value>,
}

/// A button of a template.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Button {
    /// `QUICK_REPLY`, `URL`, `PHONE_NUMBER`, `COPY_CODE` and others.
    #[serde(rename = "type", deserialize_with = "word")]
    pub kind: String,
    /// Its text.
    #[serde(default, deserialize_with = "word")]
    pub text: String,
    /// The address it opens, perhaps with a variable at its end.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The number it calls.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Examples of its variable, in Meta's form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Value>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Quality {
    #[serde(default, deserialize_with = "text")]
    score: Option<String>,
}

impl Template {
    /// Whether it may be sent.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.status.eq_ignore_ascii_case("APPROVED")
    }

    /// How customers take it: `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    #[must_use]
    pub fn quality(&self) -> Option<&str> {
        self.quality_score.as_ref()?.score.as_deref()
    }

    /// The part of a kind, such as `BODY`.
    #[must_use]
    pub fn part(&self, kind: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.kind.eq_ignore_ascii_case(kind))
    }
}

/// The variables of a text in the order in which they first appear: `{{1}}` or `{{first_name}}` without its braces.
#[must_use]
pub fn variables(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for rest in text.split("{{").skip(1) {
        let name = rest.split_once("}}").map(|(name, _)| name.trim());
        let fits = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if let Some(name) = name.filter(|name| !name.is_empty()).filter(fits)
            && !found.contains(&name)
        {
            found.push(name);
        }
    }
    found
}

/// A template to submit. Meta reviews it before it may be sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewTemplate {
    /// Lower-case letters, digits and `_`.
    pub name: String,
    /// Its language, such as `en_US`.
    pub language: String,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    pub category: String,
    /// `positional` or `named`.
    pub parameter_format: &'static str,
    /// Its parts, with an example for each variable.
    pub components: Vec<Component>,
}

/// A template that was submitted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Submitted {
    /// Meta's id.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Its status, usually `PENDING`.
    #[serde(default, deserialize_with = "word")]
    pub status: String,
    /// The category, which Meta may have changed.
    #[serde(default, deserialize_with = "word")]
    pub category: String,
}

const FIELDS: (&str, &str) =
    ("fields", "id,name,status,category,language,components,quality_score,rejected_reason,parameter_format");

/// One page of the templates of an account, from a cursor on.
///
/// # Errors
/// As of any call.
pub async fn some(meta: &Meta, call: Call<'_>, account: &str, after: Option<&str>) -> Result<PageOf<Template>> {
    meta.page(&TEMPLATES, call, Parts { ids: &[account], query: &[FIELDS], body: None }, after).await
}

/// Every template of an account.
///
/// # Errors
/// As of any call.
pub async fn list_all(meta: &Meta, call: Call<'_>, account: &str) -> Result<Vec<Template>> {
    meta.every(&TEMPLATES, call, &[account], &[FIELDS]).await
}

/// Submits a template.
///
/// # Errors
/// `Kind::Template` or `Kind::Invalid` if Meta refuses its form.
pub async fn add(meta: &Meta, call: Call<'_>, account: &str, new: &NewTemplate) -> Result<Submitted> {
    let parts = Parts { ids: &[account], body: json(&ADD_TEMPLATE, new)?, ..Parts::default() };
    meta.call(&ADD_TEMPLATE, call, parts).await
}

/// Deletes one template, in one language. Its name stays blocked for 30 days.
///
/// # Errors
/// As of any call.
pub async fn remove(meta: &Meta, call: Call<'_>, account: &str, id: &str, name: &str) -> Result<()> {
    let query = [("hsm_id", id), ("name", name)];
    meta.act(&REMOVE_TEMPLATE, call, Parts { ids: &[account], query: &query, body: None }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_read_in_any_case_and_with_parts_left_out() {
        let template: Template = serde_json::from_str(
            r#"{"id":1689556908129832,"name":"order_confirmation","language":"en_US","status":"approved","category":"UTILITY",
                "quality_score":{"score":"GREEN"},"components":[{"type":"header","format":"IMAGE","example":{"header_handle":["h"]}},
                {"type":"BODY","text":"Hi {{1}}, your order {{2}} ships."},7,{"type":"BUTTONS","buttons":[
                {"type":"URL","text":"Open","url":"https://shop.example/{{1}}"},{"odd":true},{"type":"QUICK_REPLY","text":"Track"}]}]}"#,
        )
        .unwrap();
        assert!(template.is_approved() && template.quality() == Some("GREEN") && template.components.len() == 3);
        assert_eq!(template.part("Header").unwrap().format.as_deref(), Some("IMAGE"));
        assert_eq!(variables(template.part("body").unwrap().text.as_deref().unwrap()), ["1", "2"]);
        assert_eq!(template.part("BUTTONS").unwrap().buttons.len(), 2);
        let bare: Template = serde_json::from_str(r#"{"id":"1","name":"a","components":null}"#).unwrap();
        assert!(!bare.is_approved() && bare.quality().is_none());
    }

    #[test]
    fn variables_are_named_once_in_their_order() {
        let cases: &[(&str, &[&str])] = &[
            ("Hi {{1}} and {{ 2 }} and {{1}}", &["1", "2"]),
            ("Hi {{first_name}}", &["first_name"]),
            ("{{}} {{a b}} {{x", &[]),
            ("{ {1} } }} {{", &[]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(variables(text), *expected, "{text}");
        }
    }
}
