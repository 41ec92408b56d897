//! Does what is known of an account's templates end as the platform's list says, and is what one says read only when it is
//! chosen?

use domain::messaging::Channel;
use serde_json::json;
use store::Error;
use store::messaging::templates::{self, Listed};

use super::World;

fn listed(name: &str, language: &str, status: &str, text: &str) -> Listed {
    Listed {
        external_id: format!("{name}-{language}"),
        name: name.to_owned(),
        language: language.to_owned(),
        category: "UTILITY".to_owned(),
        status: status.to_owned(),
        components: json!([{ "type": "BODY", "text": text }]),
    }
}

async fn replace(world: &World, all: &[Listed]) {
    let mut tx = world.tx().await;
    templates::replace(&mut tx, "waba", all).await.unwrap();
    tx.commit().await.unwrap();
}

/// The channel sends in the name of an account.
const OWNED: &str = "with i as (insert into integrations (agency_id, sub_account_id, type, platform_id, waba_id) select agency_id, sub_account_id, 'WHATSAPP', 'number', 'waba' from channels returning id)
  update channels set integration_id = i.id from i";

#[tokio::test]
async fn what_stays_keeps_its_row_and_what_is_listed_twice_ends_as_it_was_listed_last() {
    let world = World::new(Channel::Whatsapp).await;
    replace(&world, &[listed("a", "en", "APPROVED", "one"), listed("b", "en", "APPROVED", "two")]).await;
    let before = world.row("select to_jsonb(id) from message_templates where name = 'a'").await;
    let again = [
        listed("a", "en", "PENDING", "old"),
        listed("a", "es", "APPROVED", "uno"),
        listed("a", "en", "APPROVED", "new"),
    ];
    replace(&world, &again).await;
    let kept = "select jsonb_agg(jsonb_build_array(name, language, status, components -> 0 ->> 'text') order by name, language) from message_templates";
    assert_eq!(world.row(kept).await, json!([["a", "en", "APPROVED", "new"], ["a", "es", "APPROVED", "uno"]]));
    assert_eq!(world.row("select to_jsonb(id) from message_templates where language = 'en'").await, before);
    replace(&world, &[]).await;
    assert_eq!(world.number("select count(*) from message_templates").await, 0);
}

#[tokio::test]
async fn a_list_of_any_length_is_stored_whole() {
    let world = World::new(Channel::Whatsapp).await;
    for count in [0_i64, 1, 499, 500, 501, 1_300] {
        let all: Vec<Listed> = (0..count).map(|n| listed(&format!("t{n}"), "en", "APPROVED", "hi")).collect();
        replace(&world, &all).await;
        assert_eq!(world.number("select count(*) from message_templates").await, count);
    }
}

#[tokio::test]
async fn only_approved_ones_are_offered_and_one_says_its_text_when_it_is_chosen() {
    let world = World::new(Channel::Whatsapp).await;
    world.test.execute(OWNED).await;
    let all = [
        listed("b", "en", "approved", "Hi {{1}}"),
        listed("a", "es", "APPROVED", "Hola"),
        listed("c", "en", "PAUSED", "x"),
    ];
    replace(&world, &all).await;
    let mut tx = world.tx().await;
    let names = templates::approved(&mut tx, world.channel.id).await.unwrap();
    assert_eq!(names.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    let chosen = templates::get(&mut tx, world.channel.id, names[1].id).await.unwrap();
    assert_eq!((chosen.text().as_str(), chosen.is_approved()), ("Hi {{1}}", true));
    let none = templates::get(&mut tx, world.channel.id, uuid::Uuid::nil()).await;
    assert!(matches!(none, Err(Error::NotFound)), "{none:?}");
}
