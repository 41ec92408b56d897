//! Does a customer who wanted no automatic messages get them again by writing so, or by telling somebody?

use domain::ContactId;
use store::messaging::{consent, contacts};
use uuid::Uuid;

use super::World;

const REFUSED: &str = "select count(*) from contacts where opted_out_at is not null";
const NOTES: &str = "select count(*) from messages where direction = 'internal'";

#[tokio::test]
async fn the_last_word_of_a_customer_counts_however_late_the_others_come() {
    // What was written how many seconds ago, in the order in which it comes, and whether automatic messages are refused then.
    let table: [(&[(&str, i64)], i64); 8] = [
        (&[("STOP", 60)], 1),
        (&[("STOP", 60), ("START", 30)], 0),
        (&[("BAJA", 60), ("Alta", 30), ("When are you open?", 20)], 0),
        (&[("STOP", 60), ("START", 50), ("STOP", 40)], 1),
        (&[("STOP", 60), ("When do you start?", 30)], 1),
        // The platform was late with it.
        (&[("STOP", 30), ("START", 60)], 1),
        (&[("STOP", 30), ("START", 20), ("Thanks", 10)], 0),
        (&[("START", 30)], 0),
    ];
    let world = World::new().await;
    for (said, refused) in table {
        world.test.execute("delete from contacts").await;
        for (text, ago) in said {
            world.hear("16505550101", text, *ago).await;
        }
        assert_eq!(world.number(REFUSED).await, refused, "{said:?}");
    }
}

#[tokio::test]
async fn a_late_word_counts_less_than_a_later_one_behind_many_messages() {
    let world = World::new().await;
    for at in 0..60 {
        world.hear("16505550101", "Are you there?", 200 - at).await;
    }
    world.hear("16505550101", "STOP", 30).await;
    world.hear("16505550101", "START", 300).await;
    assert_eq!(world.number(REFUSED).await, 1);
}

#[tokio::test]
async fn what_is_taken_back_is_noted_once_and_only_for_the_contact() {
    let world = World::new().await;
    world.hear("16505550101", "STOP", 60).await;
    world.hear("16505550102", "STOP", 60).await;
    world.hear("16505550101", "START", 30).await;
    world.hear("16505550101", "START", 20).await;
    assert_eq!((world.number(REFUSED).await, world.number(NOTES).await), (1, 1));
    let contact: Uuid = sqlx::query_scalar("select id from contacts where opted_out_at is not null")
        .fetch_one(world.test.superuser())
        .await
        .unwrap();
    let contact = ContactId(contact);
    assert!(!consent::opt_in(&mut world.elsewhere().await, contact).await.unwrap(), "of another business");
    let mut tx = world.tx().await;
    assert_eq!(consent::conversations(&mut tx, contact).await.unwrap().len(), 1);
    assert!(consent::opt_in(&mut tx, contact).await.unwrap());
    assert!(!consent::opt_in(&mut tx, contact).await.unwrap(), "it was taken back");
    assert!(contacts::get(&mut tx, contact).await.unwrap().opted_out_at.is_none());
}
