//! What happened to a WhatsApp Business account? Reviews of its templates, the quality of its numbers, restrictions, and
//! businesses that joined or left.

use domain::messaging::inbound::{Account, What};
use serde_json::Value;

use crate::webhook::field::{elements, id, time};
use crate::webhook::items::Items;
use crate::webhook::key::fingerprint;

/// The fields that concern the account as a whole.
pub(super) const FIELDS: [&str; 14] = [
    "account_alerts",
    "account_review_update",
    "account_settings_update",
    "account_update",
    "business_capability_update",
    "business_status_update",
    "flows",
    "message_template_components_update",
    "message_template_quality_update",
    "message_template_status_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "security",
    "template_category_update",
];

/// Reads a fact. Facts about partners may come under the business's id: then the value names the account.
pub(super) fn fact(entry: &Value, field: &str, value: &Value, items: &mut Items) {
    let account = id(&value["waba_info"]["waba_id"]).map_or_else(|| items.account().clone(), Account::Waba);
    let said = Value::String(field.to_owned());
    let print = fingerprint(&[&entry["id"], &said, value, &entry["time"]]);
    let what = What::AccountEvent { field: field.to_owned(), value: spelled_alike(value) };
    items.with(account, |items| items.push(value, time(&entry["time"]), (field, &[&print]), what));
}

/// Reads each element of a list as a fact of its own.
pub(super) fn each(entry: &Value, field: &str, list: &Value, items: &mut Items) {
    for one in elements(list) {
        let said = Value::String(field.to_owned());
        let print = fingerprint(&[&said, one, &entry["time"]]);
        let what = What::AccountEvent { field: field.to_owned(), value: one.clone() };
        let at = [&one["timestamp"], &one["metadata"]["timestamp"], &entry["time"]].into_iter().find_map(time);
        items.push(one, at, (field, &[&print]), what);
    }
}

/// The value with the id and the language of a template spelled as in the answers of the API: the id is a text there, and
/// the language has an underscore.
fn spelled_alike(value: &Value) -> Value {
    let mut alike = value.clone();
    if let Some(template) = id(&value["message_template_id"]) {
        alike["message_template_id"] = Value::String(template);
    }
    if let Some(language) = value["message_template_language"].as_str() {
        alike["message_template_language"] = Value::String(language.replace('-', "_"));
    }
    alike
}
