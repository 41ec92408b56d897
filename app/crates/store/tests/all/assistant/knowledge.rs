//! Is what a business knows found in the words of its customers, in any language, and never by another business?

use domain::KnowledgeId;
use domain::assistant::KnowledgeKind;
use domain::page::ListQuery;
use store::Error;
use store::TenantTx;
use store::assistant::knowledge::{self, Passage};

use super::World;

async fn known(tx: &mut TenantTx) -> [KnowledgeId; 4] {
    [
        knowledge::add_qa(tx, "When are you open?", "Monday to Friday, 9 to 5.").await.unwrap(),
        knowledge::add_qa(tx, "¿Cuánto cuesta la limpieza dental?", "La limpieza cuesta $80.").await.unwrap(),
        knowledge::add_qa(tx, "Do you have parking?", "Yes, it is free behind the house.").await.unwrap(),
        knowledge::add_text(tx, "Our team", "Dr. Núñez leads it.\n\nDr. Lee sees children.").await.unwrap(),
    ]
}

#[tokio::test]
async fn the_best_passage_comes_first_whatever_the_language_case_and_accents() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let [hours, price, parking, team] = known(&mut tx).await;
    for (question, expected) in [
        ("what are your opening hours?", hours),
        ("OPEN on friday??", hours),
        ("¿cuanto cuestan las LIMPIEZAS?", price),
        ("is there a parking lot", parking),
        ("Who is dr nunez", team),
        ("Quién es el Dr. Núñez", team),
        ("do you see children?", team),
        ("do you have parkign", parking),
        ("limpiesa dentl", price),
    ] {
        let found = knowledge::search(&mut tx, question, 3).await.unwrap();
        assert_eq!(found.first().map(|best| best.knowledge), Some(expected), "{question}: {found:?}");
        assert!(found.iter().all(|one| (0.0..=1.0).contains(&one.rank)), "{question}: {found:?}");
        assert!(found.is_sorted_by(|one, next| one.rank >= next.rank), "{question}: {found:?}");
    }
    for nothing in
        ["", "hello", "how are you?", "👍", "do you sell pizza", "'; drop table knowledge; --", "a & b | !c:*", "\0"]
    {
        let found = knowledge::search(&mut tx, nothing, 3).await.unwrap();
        assert!(found.iter().all(|one| one.rank < 0.5), "{nothing}: {found:?}");
    }
    let best: Passage = knowledge::search(&mut tx, "parking", 1).await.unwrap().remove(0);
    assert_eq!(best.question.as_deref(), Some("Do you have parking?"));
    assert_eq!((best.title.as_str(), best.content.as_str()), ("", "Yes, it is free behind the house."));
    tx.commit().await.unwrap();
    let mut elsewhere = world.elsewhere().await;
    assert_eq!(knowledge::search(&mut elsewhere, "parking", 3).await.unwrap(), []);
    assert!(matches!(knowledge::get(&mut elsewhere, parking).await, Err(Error::NotFound)));
    assert!(matches!(knowledge::delete(&mut elsewhere, parking).await, Err(Error::NotFound)));
    assert_eq!(knowledge::list(&mut elsewhere, &ListQuery::default()).await.unwrap().rows, []);
}

#[tokio::test]
async fn a_change_replaces_the_passages_and_a_removal_takes_them_along() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let [hours, .., team] = known(&mut tx).await;
    knowledge::change(&mut tx, hours, "When is the clinic open?", "On weekends, too.").await.unwrap();
    let view = knowledge::get(&mut tx, hours).await.unwrap();
    assert_eq!(
        (view.kind, view.title.as_str(), view.question.as_str()),
        (KnowledgeKind::Qa, "", "When is the clinic open?")
    );
    assert_eq!(view.passages, ["On weekends, too."]);
    assert_eq!(knowledge::search(&mut tx, "monday", 3).await.unwrap(), []);
    let long =
        (0..40).map(|number| format!("Paragraph {number}. {}", "word ".repeat(60))).collect::<Vec<_>>().join("\n\n");
    knowledge::change(&mut tx, team, "Our team", &long).await.unwrap();
    let passages = knowledge::get(&mut tx, team).await.unwrap().passages;
    assert!(passages.len() > 5 && passages.concat().contains("Paragraph 39."));
    knowledge::delete(&mut tx, team).await.unwrap();
    assert!(matches!(knowledge::get(&mut tx, team).await, Err(Error::NotFound)));
    assert_eq!(knowledge::search(&mut tx, "paragraph", 3).await.unwrap(), []);
    assert!(matches!(knowledge::change(&mut tx, team, "x", "x").await, Err(Error::NotFound)));
}

#[tokio::test]
async fn the_list_is_walked_searched_and_never_broken() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    known(&mut tx).await;
    for number in 0..20 {
        knowledge::add_text(&mut tx, &format!("Text {number}"), "Content.").await.unwrap();
    }
    let (mut query, mut seen) = (ListQuery { limit: 7, ..ListQuery::default() }, Vec::new());
    loop {
        let page = knowledge::list(&mut tx, &query).await.unwrap();
        seen.extend(page.rows.iter().map(|row| row.id));
        let Some(next) = page.next else { break };
        query.cursor = Some(next);
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 24, "each once");
    let of = |q: &str, view: &str| ListQuery { q: q.into(), view: view.into(), ..ListQuery::default() };
    assert_eq!(knowledge::list(&mut tx, &of("LIMPIEZA", "")).await.unwrap().rows.len(), 1);
    assert_eq!(knowledge::list(&mut tx, &of("", "qa")).await.unwrap().total, Some(3));
    for text in ["'; --", "\0", "%", "_\\", "{user}", "\u{feff}"] {
        for query in [
            of(text, ""),
            of("", text),
            ListQuery { sort: text.into(), ..ListQuery::default() },
            ListQuery { cursor: Some(text.into()), ..ListQuery::default() },
        ] {
            assert!(knowledge::list(&mut tx, &query).await.is_ok(), "{query:?}");
        }
    }
}

/// As many passages as a business may have, each with a long heading in which every letter has to be made plain.
const MUCH: &str = "with source as (
      insert into knowledge (id, sub_account_id, kind, title, content) select gen_random_uuid(), $1, 'text', 'Much', 'Much' returning id)
    insert into knowledge_passages (sub_account_id, knowledge_id, position, heading, content)
      select $1, source.id, number, left(repeat('sección ' || number || ' répétée ', 30), 400), 'página ' || number
      from source cross join generate_series(1, 5000) as number";

#[tokio::test]
async fn words_that_nobody_wrote_are_looked_for_in_a_moment() {
    let world = World::new().await;
    sqlx::query(MUCH).bind(world.business.0).execute(world.test.superuser()).await.unwrap();
    let mut tx = world.tx().await;
    let unknown: Vec<String> = (0..15).map(|number| format!("zyxwvut{number}qq")).collect();
    let question = format!("{} limpiesa", unknown.join(" "));
    // The machine may do something else during one of them.
    let mut fastest = std::time::Duration::MAX;
    for _ in 0..3 {
        let begun = std::time::Instant::now();
        assert!(knowledge::search(&mut tx, &question, 6).await.unwrap().iter().all(|one| one.rank < 0.1));
        fastest = fastest.min(begun.elapsed());
    }
    assert!(fastest.as_secs() < 8, "{fastest:?}");
}
