//! Is a page or file read once for each wish, does what was read stay whatever happens, and is a page read again in time?

use std::time::Duration;

use domain::KnowledgeId;
use domain::assistant::KnowledgeKind;
use domain::assistant::sources::{Problem, SourceState};
use store::assistant::knowledge::{self, FULL};
use store::assistant::sources::{self, BUSY, KNOWN, Read, Settled};
use store::{Error, TenantTx};

use super::World;

const ADDRESS: &str = "https://shop.example.com/prices";
const HOUR: Duration = Duration::from_secs(3600);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

const fn read(content: &str, sha256: [u8; 32]) -> Read<'_> {
    Read { title: Some("Prices"), content, sha256 }
}

async fn state(tx: &mut TenantTx, id: KnowledgeId) -> (SourceState, Option<Problem>, String) {
    let view = knowledge::get(tx, id).await.unwrap();
    (view.state, view.problem, view.content)
}

#[tokio::test]
async fn a_page_waits_once_and_what_was_read_stays_until_something_new_is_read() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let page = sources::add_page(&mut tx, ADDRESS).await.unwrap();
    assert_eq!(state(&mut tx, page).await, (SourceState::Waiting, None, String::new()));
    tx.commit().await.unwrap();
    let again = sources::add_page(&mut world.tx().await, ADDRESS).await;
    assert!(matches!(again, Err(Error::Refused(what)) if what == KNOWN));
    let mut tx = world.tx().await;
    sources::read_again(&mut tx, page).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.number("select count(*) from work_ready where kind = 'knowledge.read'").await, 1, "asked once");

    let mut tx = world.tx().await;
    assert_eq!(sources::waiting(&mut tx, page).await.unwrap().unwrap().origin, ADDRESS);
    let settled = sources::settle(&mut tx, page, &read("A cleaning costs $80.", [1; 32])).await.unwrap();
    assert_eq!(settled, Settled::New);
    assert_eq!(sources::waiting(&mut tx, page).await.unwrap(), None);
    let late = sources::settle(&mut tx, page, &read("Something else.", [2; 32])).await.unwrap();
    assert_eq!(late, Settled::Gone, "it does not wait any more");
    assert!(!sources::fail(&mut tx, page, Problem::Empty).await.unwrap());
    let found = knowledge::search(&mut tx, "what does a cleaning cost", 3).await.unwrap();
    assert_eq!((found[0].title.as_str(), found[0].origin.as_deref()), ("Prices", Some(ADDRESS)));

    sources::read_again(&mut tx, page).await.unwrap();
    let same = sources::settle(&mut tx, page, &read("A cleaning costs $80.", [1; 32])).await.unwrap();
    assert_eq!(same, Settled::Same);
    sources::read_again(&mut tx, page).await.unwrap();
    assert!(sources::fail(&mut tx, page, Problem::NotFound).await.unwrap());
    let kept = (SourceState::Failed, Some(Problem::NotFound), "A cleaning costs $80.".to_owned());
    assert_eq!(state(&mut tx, page).await, kept);
    assert_eq!(knowledge::search(&mut tx, "cleaning", 3).await.unwrap().len(), 1, "it goes on answering");
    sources::read_again(&mut tx, page).await.unwrap();
    sources::settle(&mut tx, page, &read("A polish costs $90.", [3; 32])).await.unwrap();
    assert_eq!(state(&mut tx, page).await.1, None);
    assert_eq!(knowledge::search(&mut tx, "cleaning", 3).await.unwrap(), []);
    tx.commit().await.unwrap();

    let mut elsewhere = world.elsewhere().await;
    assert_eq!(sources::waiting(&mut elsewhere, page).await.unwrap(), None);
    assert!(matches!(sources::read_again(&mut elsewhere, page).await, Err(Error::NotFound)));
    sources::add_page(&mut elsewhere, ADDRESS).await.unwrap();
}

#[tokio::test]
async fn sources_that_are_never_read_do_not_grow_for_ever() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let first = sources::add_page(&mut tx, ADDRESS).await.unwrap();
    assert!(sources::fail(&mut tx, first, Problem::NotFound).await.unwrap());
    tx.commit().await.unwrap();
    let copies = "insert into knowledge (id, sub_account_id, kind, title, content, origin, state, problem)
        select gen_random_uuid(), sub_account_id, kind, title, content, origin || n, state, problem from knowledge, generate_series(1, 999) n";
    world.test.execute(copies).await;
    let more = sources::add_page(&mut world.tx().await, "https://shop.example.com/more").await;
    assert!(matches!(more, Err(Error::Refused(what)) if what == FULL));
    let mut tx = world.tx().await;
    knowledge::delete(&mut tx, first).await.unwrap();
    sources::add_page(&mut tx, "https://shop.example.com/more").await.unwrap();
}

#[tokio::test]
async fn only_the_text_of_a_file_stays() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let read_one = sources::add_file(&mut tx, "prices.csv", b"a,b").await.unwrap();
    let broken = sources::add_file(&mut tx, "broken.pdf", b"%PDF-").await.unwrap();
    let waiting = sources::waiting(&mut tx, read_one).await.unwrap().unwrap();
    assert_eq!((waiting.origin.as_str(), waiting.upload.as_deref()), ("prices.csv", Some(&b"a,b"[..])));
    let untitled = Read { title: None, ..read("a: 1", [1; 32]) };
    sources::settle(&mut tx, read_one, &untitled).await.unwrap();
    sources::fail(&mut tx, broken, Problem::Unreadable).await.unwrap();
    let view = knowledge::get(&mut tx, read_one).await.unwrap();
    assert_eq!((view.kind, view.title.as_str(), view.passages.len()), (KnowledgeKind::File, "prices.csv", 1));
    assert!(matches!(sources::read_again(&mut tx, read_one).await, Err(Error::NotFound)), "the file is gone");
    tx.commit().await.unwrap();
    assert_eq!(world.number("select count(*) from knowledge where upload is not null").await, 0);
}

#[tokio::test]
async fn neither_what_waits_nor_what_is_searched_grows_without_bounds() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    for number in 0..20 {
        sources::add_file(&mut tx, &format!("{number}.txt"), b"x").await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = world.tx().await;
    let more = sources::add_page(&mut tx, ADDRESS).await;
    assert!(matches!(more, Err(Error::Refused(what)) if what == BUSY));
    drop(tx);
    world
        .test
        .execute("update knowledge set state = 'ready'; update knowledge set state = 'waiting' where title = '0.txt'")
        .await;
    world
        .test
        .execute("insert into knowledge_passages (sub_account_id, knowledge_id, position, content)
            select sub_account_id, id, number, 'x' from knowledge cross join generate_series(1, 5000) as number where title = '1.txt'")
        .await;
    let id = KnowledgeId(
        sqlx::query_scalar("select id from knowledge where title = '0.txt'")
            .fetch_one(world.test.superuser())
            .await
            .unwrap(),
    );
    let full = sources::settle(&mut world.tx().await, id, &read("One more.", [1; 32])).await;
    assert!(matches!(full, Err(Error::Refused(what)) if what == FULL));
}

#[tokio::test]
async fn a_page_is_read_again_after_a_week_and_lost_work_is_taken_up() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let [fresh, old, failed, lost] = {
        let mut made = Vec::new();
        for name in ["fresh", "old", "failed", "lost"] {
            made.push(sources::add_page(&mut tx, &format!("https://shop.example.com/{name}")).await.unwrap());
        }
        <[KnowledgeId; 4]>::try_from(made).unwrap()
    };
    let file = sources::add_file(&mut tx, "old.txt", b"x").await.unwrap();
    for id in [fresh, old, file] {
        sources::settle(&mut tx, id, &read("Text.", [1; 32])).await.unwrap();
    }
    sources::fail(&mut tx, failed, Problem::Unreachable).await.unwrap();
    tx.commit().await.unwrap();
    let due = async || {
        let mut ids: Vec<_> =
            sources::due(&world.db, WEEK, HOUR, None).await.unwrap().due.iter().map(|one| one.id).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(due().await, []);
    world
        .test
        .execute(
            "alter table knowledge disable trigger set_updated_at;
             update knowledge set created_at = now() - interval '30 days';
             update knowledge set read_at = now() - interval '8 days' where origin ~ '(old|failed)';
             update knowledge set updated_at = now() - interval '2 hours' where origin ~ 'lost';
             alter table knowledge enable trigger set_updated_at;
             delete from work_ready",
        )
        .await;
    let mut expected = vec![old, failed, lost];
    expected.sort_unstable();
    assert_eq!(due().await, expected, "a file is never read again");
    let mut tx = world.tx().await;
    for id in [old, lost] {
        sources::take_up(&mut tx, id).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(world.number("select count(*) from work_ready where kind = 'knowledge.read'").await, 2);
    assert_eq!(state(&mut world.tx().await, old).await.0, SourceState::Waiting);
    world.test.execute("update sub_accounts set deleted_at = now(), status = 'deleted'").await;
    assert_eq!(due().await, [], "what is in the trash rests");
}
