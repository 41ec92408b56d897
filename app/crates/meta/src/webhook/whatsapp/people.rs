//! Who is meant? The contacts of a change tell names and further ids of the people in it. They are joined by id: their
//! order says nothing (Meta, WhatsApp Cloud API webhooks; business-scoped user ids).

use std::collections::HashMap;

use domain::messaging::inbound::Person;
use serde_json::Value;

use crate::webhook::field::{elements, id, line, wa_id};

/// The contacts of a change by each of their ids.
pub(super) struct People<'a> {
    by_bsuid: HashMap<String, &'a Value>,
    by_wa_id: HashMap<String, &'a Value>,
}

impl<'a> People<'a> {
    /// The contacts of this change.
    pub(super) fn of(value: &'a Value) -> Self {
        let contacts = elements(&value["contacts"]);
        let bsuids = contacts.iter().filter_map(|contact| Some((id(&contact["user_id"])?, contact)));
        let wa_ids = contacts.iter().filter_map(|contact| Some((wa_id(&contact["wa_id"])?, contact)));
        Self { by_bsuid: bsuids.collect(), by_wa_id: wa_ids.collect() }
    }

    /// The person with these ids, and what a contact adds. A contact is asked for ids only if it contradicts none.
    pub(super) fn person(&self, number: &Value, bsuid: &Value, parent: &Value) -> Person {
        let (number, bsuid) = (wa_id(number), id(bsuid));
        let by_bsuid = bsuid.as_ref().and_then(|bsuid| self.by_bsuid.get(bsuid));
        let by_number = || number.as_ref().and_then(|number| self.by_wa_id.get(number));
        let mut person = Person { wa_id: number.clone(), bsuid, parent_bsuid: id(parent), ..Person::default() };
        let Some(contact) = by_bsuid.or_else(by_number) else { return person };
        person.name = line(&contact["profile"]["name"]);
        person.username = line(&contact["profile"]["username"]).or_else(|| line(&contact["username"]));
        person.wa_id = person.wa_id.or_else(|| wa_id(&contact["wa_id"]));
        person.bsuid = person.bsuid.or_else(|| id(&contact["user_id"]));
        if person.bsuid == id(&contact["user_id"]) {
            person.parent_bsuid = person.parent_bsuid.or_else(|| id(&contact["parent_user_id"]));
        }
        person
    }

    /// The person with this id, whichever it is: a number has digits alone.
    pub(super) fn either(&self, either: &Value) -> Person {
        match wa_id(either) {
            Some(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.person(either, &Value::Null, &Value::Null)
            }
            _ => self.person(&Value::Null, either, &Value::Null),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn contacts_are_joined_by_id_in_any_order() {
        let ada = json!({"profile": {"name": "Ada"}, "wa_id": "1", "user_id": "US.1"});
        let bo = json!({"profile": {"name": "Bo", "username": "bo"}, "user_id": "US.2", "parent_user_id": "US.ENT.2"});
        for contacts in [json!([ada, bo]), json!([bo, ada]), json!([null, 7, bo, {}, ada])] {
            let value = json!({"contacts": contacts});
            let people = People::of(&value);
            let by_number = people.person(&json!("+1"), &json!(null), &json!(null));
            assert_eq!(by_number, people.either(&json!(1)));
            assert_eq!((by_number.name.as_deref(), by_number.bsuid.as_deref()), (Some("Ada"), Some("US.1")));
            let by_bsuid = people.person(&json!(null), &json!("US.2"), &json!(null));
            assert_eq!(by_bsuid, people.either(&json!("US.2")));
            assert_eq!(
                (by_bsuid.username.as_deref(), by_bsuid.parent_bsuid.as_deref()),
                (Some("bo"), Some("US.ENT.2"))
            );
            assert_eq!(people.person(&json!("3"), &json!("US.3"), &json!(null)).name, None);
        }
    }

    #[test]
    fn a_contact_replaces_no_id_that_the_message_gives() {
        let value = json!({"contacts": [{"profile": {"name": "Ada"}, "wa_id": "1", "user_id": "US.OLD", "parent_user_id": "P"}]});
        let person = People::of(&value).person(&json!("1"), &json!("US.NEW"), &json!(null));
        assert_eq!((person.bsuid.as_deref(), person.parent_bsuid), (Some("US.NEW"), None));
    }
}
