//! Are contacts found, walked, corrected and erased by programs as by people?

use std::collections::HashSet;

use operations::Refusal;
use operations::tools::{ToolError, find};
use serde_json::{Value, json};

use super::World;

/// Further contacts: two companies, with numbers.
const MORE: &str = "insert into contacts (sub_account_id, name, company, phone, email)
  select sub_account_id, 'Person ' || n, case when n % 2 = 0 then 'Caf\u{e9} 50%' else '' end, '+1305555' || lpad(n::text, 4, '0'), 'p' || n || '@example.test'
  from channels, generate_series(1, 7) n";

async fn walked(world: &World, name: &str, query: Option<&str>) -> Vec<String> {
    let (mut cursor, mut names) = (Value::Null, Vec::new());
    loop {
        let mut arguments = json!({ "limit": 3, "cursor": cursor });
        if let Some(query) = query {
            arguments["query"] = json!(query);
        }
        let page = world.call(name, arguments).await.unwrap();
        let contacts = page["contacts"].as_array().unwrap();
        assert!(contacts.len() <= 3);
        names.extend(contacts.iter().map(|one| one["name"].as_str().unwrap().to_owned()));
        cursor = page["next"].clone();
        if cursor.is_null() {
            return names;
        }
    }
}

#[tokio::test]
async fn every_contact_is_walked_once() {
    let world = World::new().await;
    world.test.execute(MORE).await;
    let names = walked(&world, "inbox_list_contacts", None).await;
    assert_eq!((names.len(), names.iter().collect::<HashSet<_>>().len()), (8, 8), "{names:?}");
    world.test.execute("update contacts set erasing_at = now() where name = 'Ada'").await;
    assert_eq!(walked(&world, "inbox_list_contacts", None).await.len(), 7, "one that is being erased is gone");
}

#[tokio::test]
async fn a_search_finds_parts_of_names_companies_addresses_and_numbers() {
    let world = World::new().await;
    world.test.execute(MORE).await;
    for (query, found) in [
        ("person", 7),
        ("ADA", 1),
        ("cafe", 3),
        ("50%", 3),
        ("%", 3),
        ("p4@EXAMPLE", 1),
        ("(305) 555-0006", 1),
        ("305555", 7),
        ("nobody", 0),
    ] {
        assert_eq!(walked(&world, "inbox_search_contacts", Some(query)).await.len(), found, "{query}");
    }
}

#[tokio::test]
async fn what_is_left_out_stays_and_what_is_wrong_is_named() {
    let world = World::new().await;
    let of = |more: Value| {
        let mut arguments = json!({ "contact": world.contact });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    let changed = world.call("inbox_update_contact", of(json!({ "email": "ada@example.test" }))).await.unwrap();
    let changed = (changed["name"].clone(), changed["phone"].clone(), changed["email"].clone());
    assert_eq!(changed, (json!("Ada"), json!("+16505550101"), json!("ada@example.test")));
    let emptied = world.call("inbox_update_contact", of(json!({ "email": "" }))).await.unwrap();
    assert_eq!(emptied["email"], Value::Null);
    let wrong = world.call("inbox_update_contact", of(json!({ "email": "ada@", "phone": "12" }))).await.unwrap_err();
    let ToolError::Invalid(errors) = wrong else { panic!("it names no field") };
    assert_eq!(errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), ["/email", "/phone"]);
    let nobody = json!({ "contact": uuid::Uuid::nil(), "name": "Eve" });
    let missing = world.call("inbox_update_contact", nobody).await;
    assert!(matches!(missing, Err(ToolError::Refused(Refusal::NotFound))), "{missing:?}");
}

#[tokio::test]
async fn contacts_are_erased_all_or_none_and_a_person_reads_which() {
    const ERASE: &str = "inbox_erase_contacts";
    let world = World::new().await;
    world.test.execute(MORE).await;
    let page = world.call("inbox_search_contacts", json!({ "query": "person", "limit": 3 })).await.unwrap();
    let found = page["contacts"].as_array().unwrap();
    let ids: Vec<Value> = found.iter().map(|one| one["id"].clone()).collect();
    let shown = (find(ERASE).unwrap().preview)(world.context(), json!({ "contacts": ids })).await.unwrap();
    assert!(shown.starts_with("Erases 3 contacts") && shown.lines().count() == 4, "{shown}");
    for one in found {
        let line = format!("- {}, {}", one["name"].as_str().unwrap(), one["email"].as_str().unwrap());
        assert!(shown.contains(&line), "{line}: {shown}");
    }
    let with = |more: Value| json!({ "contacts": ids.iter().cloned().chain([more]).collect::<Vec<_>>() });
    let refused = world.call(ERASE, with(json!(uuid::Uuid::max()))).await;
    assert!(matches!(refused, Err(ToolError::Refused(Refusal::NotFound))), "{refused:?}");
    assert_eq!(walked(&world, "inbox_list_contacts", None).await.len(), 8, "none was erased");
    let erased = world.call(ERASE, with(ids[0].clone())).await.unwrap();
    assert_eq!(erased, json!({ "erased": 3 }), "one that is named twice counts once");
    assert_eq!(walked(&world, "inbox_list_contacts", None).await.len(), 5);
    let again = world.call(ERASE, json!({ "contacts": [ids[0]] })).await;
    assert!(matches!(again, Err(ToolError::Refused(Refusal::NotFound))), "{again:?}");
}
