//! Are snippets kept for their business alone, sorted as people read, and no more than they look through?

use domain::messaging::Channel;
use store::messaging::{files, snippets};

use super::World;

#[tokio::test]
async fn snippets_are_of_one_business_and_sorted_by_their_names() {
    let world = World::new(Channel::Whatsapp).await;
    let mut tx = world.tx().await;
    let mut ids = Vec::new();
    for name in ["zebra", "Ángel", "hours"] {
        ids.push(snippets::add(&mut tx, name, "<b>9 to 5</b>").await.unwrap());
    }
    snippets::change(&mut tx, ids[0], "Always", "24 hours").await.unwrap();
    let names: Vec<String> = snippets::list(&mut tx).await.unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["Always", "Ángel", "hours"]);
    tx.commit().await.unwrap();
    let mut other = files::begin(&world.db, world.test.business(world.agency).await).await.unwrap();
    assert!(snippets::list(&mut other).await.unwrap().is_empty());
    for refused in [snippets::change(&mut other, ids[1], "a", "b").await, snippets::remove(&mut other, ids[1]).await] {
        assert!(matches!(refused, Err(store::Error::NotFound)), "{refused:?}");
    }
    let mut tx = world.tx().await;
    snippets::remove(&mut tx, ids[1]).await.unwrap();
    assert!(matches!(snippets::remove(&mut tx, ids[1]).await, Err(store::Error::NotFound)));
    assert_eq!(snippets::list(&mut tx).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_business_has_as_many_as_people_look_through() {
    let world = World::new(Channel::Whatsapp).await;
    let mut tx = world.tx().await;
    for at in 0..snippets::MOST {
        snippets::add(&mut tx, &format!("{at}"), "x").await.unwrap();
    }
    let more = snippets::add(&mut tx, "one more", "x").await;
    assert!(matches!(more, Err(store::Error::Refused(why)) if why == snippets::FULL));
}
