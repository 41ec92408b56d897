//! The calls on a location's records: one of each with every field it can send, and how their answers are passed on.

use chrono::DateTime;
use ghl::Kind;
use ghl::crm::calendars::{self, NewAppointment};
use ghl::crm::contacts::{self, ContactFields, ContactSearch, CustomFieldValue};
use ghl::crm::conversations::{self, ConversationSearch, ConversationStatus, MessageType, NewMessage};
use ghl::crm::opportunities::{self, NewOpportunity, OpportunityChange, OpportunitySearch, OpportunityStatus};
use ghl::crm::{self, Request, location};
use serde_json::{Value, json};

use crate::calls::{Caller, LOCATION, ghl};
use crate::server::{Act, Server};

const CONTACT: &str = "seD4PfOuKoVMLkEZqohJ";
const CALENDAR: &str = "CVokAlI8fgw4WYWoCtQz";
const PIPELINE: &str = "VDm7RPYC2GLUvdpKmBfC";
const STAGE: &str = "7915dedc-8f18-44d5-8bc3-77c04e994a10";
const USER: &str = "082goXVW3lIExEQPOnd3";

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn fields() -> ContactFields {
    ContactFields {
        first_name: some("Rosan"),
        last_name: some("Deo"),
        email: some("rosan@example.com"),
        phone: some("+18887324197"),
        address1: some("3535 1st St N"),
        city: some("Dolomite"),
        state: some("AL"),
        postal_code: some("35061"),
        country: some("US"),
        website: some("https://rosan.example.com"),
        timezone: some("America/Chihuahua"),
        source: some("public api"),
        dnd: Some(true),
        assigned_to: some(USER),
        custom_fields: vec![CustomFieldValue { id: "6dvNaf7VhkQ9snc5vnjJ".into(), field_value: json!("9039160788") }],
    }
}

fn appointment() -> NewAppointment {
    let time = |text: &str| DateTime::parse_from_rfc3339(text).unwrap();
    NewAppointment {
        calendar_id: CALENDAR.into(),
        contact_id: CONTACT.into(),
        start_time: time("2026-06-23T03:30:00+05:30"),
        end_time: Some(time("2026-06-23T04:30:00+05:30")),
        title: some("Consultation"),
        assigned_user_id: some(USER),
    }
}

fn opportunity() -> NewOpportunity {
    NewOpportunity {
        pipeline_id: PIPELINE.into(),
        name: "First Opp".into(),
        pipeline_stage_id: some(STAGE),
        status: OpportunityStatus::Open,
        contact_id: CONTACT.into(),
        monetary_value: Some(220.5),
        assigned_to: some(USER),
    }
}

/// One request of each operation, by the operation's name. The time after which conversations go on is left out, because
/// the published contract gives it no type.
pub fn requests() -> Vec<(&'static str, Request)> {
    let tags = ["web lead".to_owned(), "vip".to_owned()];
    let after = [json!(1_767_607_200_000_i64), json!(CONTACT)];
    let first = ContactSearch { query: Some("Rosan Deo"), limit: 20, after: None };
    let next = ContactSearch { query: None, limit: 100, after: Some(&after) };
    let mut all = vec![
        contacts::search(LOCATION, &first),
        contacts::search(LOCATION, &next),
        contacts::get(CONTACT),
        contacts::create(LOCATION, &fields(), &tags),
        contacts::update(CONTACT, &ContactFields { city: some("Miami"), ..ContactFields::default() }),
        contacts::add_tags(CONTACT, &tags),
        contacts::remove_tags(CONTACT, &tags),
        location::get(LOCATION),
        location::custom_values(LOCATION),
    ];
    all.extend(talk());
    all.extend(calendar());
    all.extend(business());
    all.into_iter().map(|request| (request.operation().name, request)).collect()
}

fn talk() -> [Request; 4] {
    let find = ConversationSearch {
        query: Some("price"),
        contact: Some(CONTACT),
        status: Some(ConversationStatus::Unread),
        limit: 20,
        after: None,
    };
    let text = NewMessage { kind: MessageType::Sms, contact: CONTACT, text: "Hello", subject: None };
    let mail =
        NewMessage { kind: MessageType::Email, text: "<p>Hello</p>", subject: Some("Your visit"), ..text.clone() };
    [
        conversations::search(LOCATION, &find),
        conversations::messages("ABC12h2F6uBrIkfXYazb", 50, Some("t22c6DQcTDf3MjRhwf77")),
        conversations::send(&text),
        conversations::send(&mail),
    ]
}

fn calendar() -> [Request; 5] {
    let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
    [
        calendars::list(LOCATION),
        calendars::free_slots(CALENDAR, at(1_767_607_200), at(1_767_693_600), Some("America/New_York")),
        calendars::book(LOCATION, &appointment()),
        calendars::get("0TkCdp9PfvLeWKYRRvIz"),
        calendars::cancel("0TkCdp9PfvLeWKYRRvIz"),
    ]
}

fn business() -> [Request; 5] {
    let find = OpportunitySearch {
        query: Some("First"),
        pipeline: Some(PIPELINE),
        stage: Some(STAGE),
        contact: Some(CONTACT),
        status: Some(OpportunityStatus::Won),
        limit: 20,
        page: 2,
    };
    let change = OpportunityChange {
        pipeline_id: some(PIPELINE),
        name: some("Second Opp"),
        pipeline_stage_id: some(STAGE),
        status: Some(OpportunityStatus::Lost),
        monetary_value: Some(99.5),
        assigned_to: some(USER),
    };
    [
        opportunities::search(LOCATION, &find),
        opportunities::pipelines(LOCATION),
        opportunities::get("yWQobCRIhRguQtD2llvk"),
        opportunities::create(LOCATION, &opportunity()),
        opportunities::update("yWQobCRIhRguQtD2llvk", &change),
    ]
}

async fn answered(act: Act, request: &Request) -> ghl::Result<Value> {
    let server = Server::play(vec![act]).await;
    let caller = Caller::new();
    crm::send(&ghl(&server.url), caller.call(), request).await
}

#[tokio::test]
async fn an_answer_is_passed_on_with_fields_that_nobody_knows() {
    let body = r#"{"contact":{"id":"c1","new2027":{"deep":[1,null]}},"traceId":"t"}"#;
    let passed = answered(Act::json(200, body), &contacts::get(CONTACT)).await.unwrap();
    assert_eq!(passed, serde_json::from_str::<Value>(body).unwrap());
    let empty = answered(Act::json(200, ""), &contacts::get(CONTACT)).await.unwrap();
    assert_eq!(empty, Value::Null);
    let broken = answered(Act::json(200, r#"{"contact":"#), &contacts::get(CONTACT)).await.unwrap_err();
    assert_eq!(broken.kind, Kind::Unclear);
}

#[tokio::test]
async fn an_id_that_leads_elsewhere_is_not_sent() {
    for id in ["../locations", "a/b", "a?locationId=x", ""] {
        let refused = answered(Act::json(200, "{}"), &contacts::get(id)).await.unwrap_err();
        assert!(matches!(refused.kind, Kind::Invalid(_)) && refused.status.is_none(), "{id:?}");
    }
}

#[test]
fn only_what_changes_nothing_counts_as_reading() {
    for (name, request) in requests() {
        let reads = !["create", "update", "add", "remove", "send", "book"].iter().any(|verb| name.starts_with(verb));
        assert_eq!(request.reads(), reads, "{name}");
        assert!(
            ghl::scope(name).is_some_and(|scope| ghl::auth::SCOPES.contains(&scope)),
            "{name} has a scope we ask for"
        );
    }
}
