//! Are saved views the person's own, unless they share them, and can each be opened again?

use domain::identity::{Reach, Role};
use domain::saved_view::{LONGEST_QUERY, MOST};
use domain::{AgencyId, UserId};
use store::page::List;
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::{Db, DbRole, Error, saved_views};

const FAILED: &str = "view=failed&status.is=FAILED&sort=-client&cursor=abc&at=50";

fn jobs() -> &'static List {
    saved_views::list_of("jobs").unwrap()
}

async fn begin(db: &Db, agency: AgencyId, user: Option<UserId>) -> TenantTx {
    TenantTx::begin(db, Scope::Agency { user, agency, reach: Reach::All, listed: Vec::new() }).await.unwrap()
}

#[tokio::test]
async fn a_view_is_its_persons_own_unless_it_is_shared() {
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
    let me = test.person(Role::AgencyOwner, Some(mine), None).await;
    let colleague = test.person(Role::AgencyStaff, Some(mine), None).await;
    let mut tx = begin(&db, mine, Some(me)).await;
    let own = saved_views::save(&mut tx, jobs(), "Failed", FAILED, false).await.unwrap();
    let shared = saved_views::save(&mut tx, jobs(), "Ours", "?q=dental", true).await.unwrap();
    let again = saved_views::save(&mut tx, jobs(), "Failed", "view=failed", false).await.unwrap();
    assert_eq!(again, own, "a view of the same name is replaced");
    let listed = saved_views::list(&mut tx, jobs()).await.unwrap();
    let told: Vec<_> = listed.iter().map(|one| (one.name.as_str(), one.query.as_str(), one.is_shared)).collect();
    assert_eq!(told, [("Failed", "view=failed", false), ("Ours", "q=dental", true)]);
    let businesses = saved_views::list_of("businesses").unwrap();
    assert!(saved_views::list(&mut tx, businesses).await.unwrap().is_empty(), "each list has its own");
    tx.commit().await.unwrap();

    let mut tx = begin(&db, mine, Some(colleague)).await;
    let listed = saved_views::list(&mut tx, jobs()).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [shared]);
    assert!(!listed[0].is_mine);
    assert!(
        matches!(saved_views::remove(&mut tx, shared, false).await, Err(Error::NotFound)),
        "it is another person's"
    );
    assert!(matches!(saved_views::rename(&mut tx, shared, "Mine", true, false).await, Err(Error::NotFound)));
    for any_shared in [false, true] {
        let hidden = saved_views::remove(&mut tx, own, any_shared).await;
        assert!(matches!(hidden, Err(Error::NotFound)), "nobody removes what only another person sees");
    }
    saved_views::rename(&mut tx, shared, "Dental", true, true).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&db, other, Some(me)).await;
    assert!(saved_views::list(&mut tx, jobs()).await.unwrap().is_empty(), "nor is it seen in another agency");
    assert!(matches!(saved_views::remove(&mut tx, own, true).await, Err(Error::NotFound)));
    drop(tx);
    let mut tx = begin(&db, mine, Some(me)).await;
    assert_eq!(saved_views::remove(&mut tx, own, false).await.unwrap(), "Failed");
    let left = saved_views::list(&mut tx, jobs()).await.unwrap();
    assert_eq!(left.iter().map(|one| (one.name.as_str(), one.is_mine)).collect::<Vec<_>>(), [("Dental", true)]);
    drop(tx);
    let mut tx = begin(&db, mine, None).await;
    assert!(matches!(saved_views::list(&mut tx, jobs()).await, Err(Error::Refused(_))), "a program has none");
}

#[tokio::test]
async fn only_what_the_list_can_show_is_saved_and_not_without_end() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let me = test.person(Role::AgencyOwner, Some(agency), None).await;
    let mut tx = begin(&db, agency, Some(me)).await;
    for query in ["stage.is=lead", "created.after=soon", &format!("q={}", "x".repeat(LONGEST_QUERY))] {
        let refused = saved_views::save(&mut tx, jobs(), "X", query, false).await;
        assert!(matches!(refused, Err(Error::Refused(why)) if why == saved_views::UNREADABLE), "{query}");
    }
    let long = format!("q={}", "x".repeat(LONGEST_QUERY - 2));
    saved_views::save(&mut tx, jobs(), "Long", &long, false).await.unwrap();
    for number in 1..MOST {
        saved_views::save(&mut tx, jobs(), &format!("View {number}"), "q=a", false).await.unwrap();
    }
    let refused = saved_views::save(&mut tx, jobs(), "One more", "q=a", false).await;
    assert!(matches!(refused, Err(Error::Refused(why)) if why == saved_views::FULL));
    saved_views::save(&mut tx, jobs(), "View 1", "q=b", false).await.unwrap();
    assert_eq!(saved_views::list(&mut tx, jobs()).await.unwrap().len(), usize::try_from(MOST).unwrap());
    assert!(saved_views::list_of("people").is_none(), "an agency has no view of the platform's lists");
}

#[tokio::test]
async fn a_view_takes_no_name_that_its_person_uses_already_and_every_change_is_in_the_log() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let me = test.person(Role::AgencyOwner, Some(agency), None).await;
    let mut tx = begin(&db, agency, Some(me)).await;
    saved_views::save(&mut tx, jobs(), "Failed", "view=failed", false).await.unwrap();
    let id = saved_views::save(&mut tx, jobs(), "Done", "view=done", false).await.unwrap();
    saved_views::rename(&mut tx, id, "Finished", true, false).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&db, agency, Some(me)).await;
    let taken = saved_views::rename(&mut tx, id, "Failed", true, false).await;
    assert!(matches!(taken, Err(Error::Taken(key)) if key == saved_views::NAME_TAKEN));
    drop(tx);
    let mut tx = begin(&db, agency, Some(me)).await;
    saved_views::remove(&mut tx, id, false).await.unwrap();
    let logged = store::audit::list(&mut tx, &domain::page::ListQuery::default()).await.unwrap().rows;
    let logged: Vec<_> = logged.iter().map(|entry| entry.action.as_str()).collect();
    for action in ["saved_view.saved", "saved_view.renamed", "saved_view.removed"] {
        assert!(logged.contains(&action), "{action} is missing in {logged:?}");
    }
}
