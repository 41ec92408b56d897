//! The types that the API takes and answers, by the names that features use for them (`domain::feature::ApiDoc`). Their
//! schemas are derived, with the limits that the check of a request reads.

use domain::business::BusinessRow;
use domain::clients::{ClientDetails, ClientView};
use domain::imports::{Importable, NewImport, Progress};
use domain::notifications::Notification;
use domain::page::{ListQuery, Page};
use domain::phone_routes::{Call, Destination, NewPhoneRoute, PhoneRoute};
use domain::provisioning::{JobRow, JobView, NewJob, Resume};
use domain::snapshot::Snapshot;
use domain::todos::{ChangeTodo, Todo};
use domain::webhooks::{Delivery, DeliveryDetail, NewWebhook, Webhook, WebhookSecret};
use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::jobs::{Started, Steered};
use super::tenant_credentials::{NewTenantCredentials, TenantCredentialsStored};
use crate::http::problem::Problem;

/// A type of the API: its name, and what generates its schema.
type Named = (&'static str, fn(&mut SchemaGenerator) -> Schema);

/// What programs send.
const TAKEN: &[Named] = &[
    ("NewJob", NewJob::json_schema),
    ("Resume", Resume::json_schema),
    ("NewPhoneRoute", NewPhoneRoute::json_schema),
    ("PhoneCall", Call::json_schema),
    ("NewWebhook", NewWebhook::json_schema),
    ("BusinessDetails", ClientDetails::json_schema),
    ("ChangeTodo", ChangeTodo::json_schema),
    ("NewImport", NewImport::json_schema),
    ("NewTenantCredentials", NewTenantCredentials::json_schema),
];

/// What programs get.
const ANSWERED: &[Named] = &[
    ("Problem", Problem::json_schema),
    ("Started", Started::json_schema),
    ("Steered", Steered::json_schema),
    ("Job", JobView::json_schema),
    ("Jobs", Page::<JobRow>::json_schema),
    ("Snapshots", Page::<Snapshot>::json_schema),
    ("Notifications", Page::<Notification>::json_schema),
    ("PhoneRoute", PhoneRoute::json_schema),
    ("PhoneRoutes", Page::<PhoneRoute>::json_schema),
    ("PhoneDestination", Destination::json_schema),
    ("Todo", Todo::json_schema),
    ("Todos", Page::<Todo>::json_schema),
    ("Businesses", Page::<BusinessRow>::json_schema),
    ("Webhook", Webhook::json_schema),
    ("Webhooks", Page::<Webhook>::json_schema),
    ("WebhookSecret", WebhookSecret::json_schema),
    ("WebhookDelivery", Delivery::json_schema),
    ("WebhookDeliveries", Page::<Delivery>::json_schema),
    ("WebhookDeliveryDetail", DeliveryDetail::json_schema),
    ("BusinessView", ClientView::json_schema),
    ("ImportableSubAccounts", Page::<Importable>::json_schema),
    ("ImportProgress", Progress::json_schema),
    ("TenantCredentialsStored", TenantCredentialsStored::json_schema),
];

/// Where the description of the API keeps the schemas.
const PLACE: &str = "#/components/schemas/";

/// Every schema of the API with its name: the types above and those they consist of. A type that is answered with other
/// members than it is taken has two: `Name` and `NameOutput`.
#[must_use]
pub fn all() -> Map<String, Value> {
    let mut all = generated(TAKEN, settings().for_deserialize());
    let mut answered = generated(ANSWERED, settings().for_serialize());
    let differs = |answered: &Map<String, Value>| {
        answered
            .iter()
            .find(|(name, schema)| all.get(*name).is_some_and(|taken| taken != *schema))
            .map(|(name, _)| name.clone())
    };
    // A type that refers to a renamed one differs as well, so the search begins anew.
    while let Some(name) = differs(&answered) {
        let schema = answered.remove(&name);
        answered.insert(format!("{name}Output"), schema.unwrap_or_default());
        answered.values_mut().for_each(|schema| refer_to_output(schema, &name));
    }
    all.extend(answered);
    all
}

/// Makes each reference to a type one to what it is answered as.
fn refer_to_output(schema: &mut Value, name: &str) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && reference.strip_prefix(PLACE) == Some(name)
            {
                reference.push_str("Output");
            }
            members.values_mut().for_each(|inner| refer_to_output(inner, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| refer_to_output(inner, name)),
        _ => {}
    }
}

/// The parameters of a list, as they stand in a query.
#[must_use]
pub fn list_query() -> Vec<Value> {
    let mut schema = ListQuery::json_schema(&mut settings().for_deserialize().into_generator());
    simplify(&mut schema);
    let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let parameter = |(name, mut schema): (String, Value)| {
        let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        json!({ "name": name, "in": "query", "description": description, "schema": schema })
    };
    properties.into_iter().map(parameter).collect()
}

/// Returns a reference to a schema by its name.
#[must_use]
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("{PLACE}{name}") })
}

fn settings() -> SchemaSettings {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    settings.with_transform(simplify)
}

fn generated(types: &[Named], settings: SchemaSettings) -> Map<String, Value> {
    let mut generator = settings.into_generator();
    for (name, schema) in types {
        let schema = schema(&mut generator);
        generator.definitions_mut().insert((*name).to_owned(), schema.to_value());
    }
    generator.take_definitions(true)
}

/// Writes a choice of words as one `enum`, speaks of JSON where the documentation of our types speaks of Rust, and
/// leaves out defaults that say nothing.
fn simplify(schema: &mut Schema) {
    if let Some(words) = words(schema) {
        schema.remove("oneOf");
        schema.insert("type".to_owned(), "string".into());
        schema.insert("enum".to_owned(), words);
    }
    let says_nothing = [Value::Null, json!(""), json!([]), json!(0)];
    if schema.get("default").is_some_and(|value| says_nothing.contains(value)) {
        schema.remove("default");
    }
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace("`None`", "`null`").replace('\n', " ");
    }
    transform_subschemas(&mut simplify, schema);
}

/// The words of a schema that is a choice of constant texts.
fn words(schema: &Schema) -> Option<Value> {
    let choices = schema.get("oneOf")?.as_array()?;
    choices.iter().map(|choice| choice.get("const").cloned()).collect::<Option<Vec<Value>>>().map(Value::Array)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::integration::State;
    use domain::provisioning::{EffectState, JobStatus, Operation, Step};

    use super::*;

    #[test]
    fn a_name_means_one_type() {
        for (name, _) in TAKEN {
            assert!(ANSWERED.iter().all(|(other, _)| other != name), "{name} is taken and answered: use two names");
        }
        for (name, _) in ANSWERED {
            assert!(all().contains_key(*name), "{name}");
        }
        // The generator numbers a type whose name another one has already.
        for name in all().keys() {
            assert!(!name.ends_with(char::is_numeric), "{name}: give one of the two types #[schemars(rename = …)]");
        }
    }

    #[test]
    fn references_lead_to_what_is_answered() {
        let mut schema =
            json!({ "anyOf": [{ "$ref": "#/components/schemas/Week" }, { "$ref": "#/components/schemas/Weekday" }] });
        refer_to_output(&mut schema, "Week");
        assert_eq!(schema["anyOf"][0]["$ref"], "#/components/schemas/WeekOutput");
        assert_eq!(schema["anyOf"][1]["$ref"], "#/components/schemas/Weekday");
    }

    #[test]
    fn words_are_those_of_the_types() {
        let all = all();
        for (name, words) in [
            ("JobStatus", json!(JobStatus::ALL)),
            ("StepName", json!(Step::ALL)),
            ("Operation", json!(Operation::ALL)),
            ("EffectState", json!(EffectState::ALL)),
            ("IntegrationState", json!(State::ALL)),
            ("UserRole", json!(["admin", "user"])),
        ] {
            assert_eq!(all[name]["enum"], words, "{name}");
        }
    }

    #[test]
    fn an_answer_carries_every_member_and_a_request_those_it_needs() {
        let all = all();
        for name in ["Job", "JobRow", "Step", "Effect", "Question", "Snapshot", "Business", "Jobs"] {
            let (members, required) = (all[name]["properties"].as_object(), all[name]["required"].as_array());
            assert_eq!(members.map(Map::len), required.map(Vec::len), "{name}");
        }
        assert_eq!(all["Problem"]["required"], json!(["type", "title", "status", "detail", "instance"]));
        assert_eq!(all["NewJob"]["required"], json!(["client"]));
        assert_eq!(all["Client"]["required"], json!(["name", "country", "timezone"]));
        for name in ["NewJob", "Client", "NewUser", "Resume", "ClientChange"] {
            assert_eq!(all[name]["additionalProperties"], json!(false), "{name}");
        }
        assert_eq!(all["NewJob"]["properties"]["snapshot_id"]["format"], "uuid");
        assert_eq!(all["JobRow"]["properties"]["created_at"]["format"], "date-time");
    }

    #[test]
    fn a_list_is_asked_for_as_before() {
        let parameters: BTreeMap<String, Value> = list_query()
            .into_iter()
            .map(|mut one| (one["name"].as_str().unwrap().to_owned(), one["schema"].take()))
            .collect();
        assert_eq!(parameters.keys().collect::<Vec<_>>(), ["cursor", "limit", "q", "sort", "view"]);
        for name in ["cursor", "q", "sort", "view"] {
            assert_eq!(parameters[name], json!({ "type": "string" }), "{name}");
        }
        assert_eq!((&parameters["limit"]["minimum"], &parameters["limit"]["maximum"]), (&json!(1), &json!(100)));
    }

    /// The limits that are described are those that the check of an order has.
    #[test]
    fn a_text_of_the_greatest_length_is_taken_and_a_longer_one_is_not() {
        let client = all()["Client"]["properties"].take();
        for name in ["name", "first_name", "last_name", "address", "city", "state", "postal_code"] {
            let most = usize::try_from(client[name]["maxLength"].as_u64().unwrap()).unwrap();
            for (length, fits) in [(most, true), (most + 1, false)] {
                let mut order = json!({ "client": { "name": "N", "email": "a@b.test", "country": "US",
                    "timezone": "America/New_York" } });
                order["client"][name] = "x".repeat(length).into();
                let checked = serde_json::from_value::<NewJob>(order).unwrap().check();
                assert_eq!(checked.is_ok(), fits, "{name} of {length}: {checked:?}");
            }
        }
    }
}
