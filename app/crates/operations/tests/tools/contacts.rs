//! Are contacts found, walked, corrected and erased by programs as by people?

use std::collections::HashSet;

use domain::ConversationId;
use domain::identity::Reach;
use domain::tools::{Change, changes};
use operations::Refusal;
use operations::tools::{ToolError, find};
use serde_json::{Value, json};
use store::messaging::conversations;
use store::tenant::{Scope, TenantTx};

use super::World;

/// Further contacts: two companies, with numbers.
const MORE: &str = "insert into contacts (sub_account_id, name, company, phone, email)
  select sub_account_id, 'Person ' || n, case when n % 2 = 0 then 'Caf\u{e9} 50%' else '' end, '+1305555' || lpad(n::text, 4, '0'), 'p' || n || '@example.test'
  from channels, generate_series(1, 7) n";

/// Contacts of whom nobody knows a name: one with a user name, one with an id of a platform, and one of whom only blanks are known.
const NAMELESS: &str = "with n (id, kind, name) as (values ('019b0000-0000-7000-8000-0000000000a1'::uuid, 'igsid', 'quiet.one'), ('019b0000-0000-7000-8000-0000000000a2', 'webchat', null)),
    p as (insert into contacts (id, sub_account_id, name) select n.id, c.sub_account_id, '' from n, channels c
      union all select '019b0000-0000-7000-8000-0000000000a3', sub_account_id, '\u{200b} ' from channels)
  insert into contact_identities (sub_account_id, contact_id, kind, external_id, username) select c.sub_account_id, n.id, n.kind, 'visitor-7', n.name from n, channels c";

/// The conversations of [`CROSSED`], in their order.
const LINES: [&str; 2] = ["019b0000-0000-7000-8000-0000000000b3", "019b0000-0000-7000-8000-0000000000b4"];
/// Two contacts, the first of which has the second conversation.
const CROSSED: &str = "with n (id, line) as (values ('019b0000-0000-7000-8000-0000000000b1'::uuid, '019b0000-0000-7000-8000-0000000000b4'::uuid), ('019b0000-0000-7000-8000-0000000000b2', '019b0000-0000-7000-8000-0000000000b3')),
    p as (insert into contacts (id, sub_account_id, name) select n.id, c.sub_account_id, 'Crossed' from n, channels c)
  insert into conversations (id, sub_account_id, agency_id, channel_id, contact_id, type, external_address)
    select n.line, c.sub_account_id, c.agency_id, c.id, n.id, c.type, n.line::text from n, channels c";

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
async fn a_person_reads_each_line_of_a_note_that_goes() {
    let world = World::new().await;
    let of = |note: &str| json!({ "contact": world.contact, "note": note });
    let old = format!("Likes tea.\n+ Sends nothing else.\n{}", "x".repeat(900));
    world.call("inbox_update_contact", of(&old)).await.unwrap();
    let preview = find("inbox_update_contact").unwrap().preview;
    let shown = preview(world.context(), of("Likes coffee.")).await.unwrap();
    let read: Vec<_> = changes(&shown).into_iter().skip(1).collect();
    let goes = old.lines().map(|line| (Change::Gone, line));
    let wanted: Vec<_> =
        [(Change::Said, "Note:")].into_iter().chain(goes).chain([(Change::Come, "Likes coffee.")]).collect();
    assert_eq!(read, wanted);
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

#[tokio::test]
async fn a_person_reads_who_goes_also_of_those_without_a_name() {
    let world = World::new().await;
    world.test.execute(NAMELESS).await;
    let ids = [1, 2, 3].map(|n| format!("019b0000-0000-7000-8000-0000000000a{n}"));
    let preview = find("inbox_erase_contacts").unwrap().preview;
    let shown = preview(world.context(), json!({ "contacts": ids })).await.unwrap();
    let lines: Vec<&str> = shown.lines().skip(1).collect();
    let nobody = format!("- without a name, {}", ids[2]);
    assert_eq!(lines, ["- @quiet.one", "- without a name, webchat visitor-7", nobody.as_str()]);
}

#[tokio::test]
async fn contacts_are_erased_beside_whoever_changes_their_conversations_in_order() {
    let world = World::new().await;
    world.test.execute(CROSSED).await;
    let [first, second] = LINES.map(|id| id.parse::<ConversationId>().unwrap());
    let (agency, business) = (world.agency, world.business);
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    let mut other = TenantTx::begin(&world.web, scope).await.unwrap();
    conversations::assign(&mut other, first, None).await.unwrap();
    let both = json!({ "contacts": ["019b0000-0000-7000-8000-0000000000b1", "019b0000-0000-7000-8000-0000000000b2"] });
    let meanwhile = async {
        while !world.test.waits_for_a_lock().await {}
        conversations::assign(&mut other, second, None).await.unwrap();
        other.commit().await.unwrap();
    };
    let (erased, ()) = tokio::join!(world.call("inbox_erase_contacts", both), meanwhile);
    assert_eq!(erased.unwrap(), json!({ "erased": 2 }));
}
