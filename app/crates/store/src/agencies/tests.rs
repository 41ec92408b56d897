//! Tests that the platform lists all agencies with the counts of what they contain, and that an agency sees only
//! itself.

use domain::integration;
use domain::page::ListQuery;

use super::*;
use crate::fixtures::{agency, begin, connected};
use crate::testing::TestDb;
use crate::{DbRole, Error};

#[tokio::test]
async fn the_platform_lists_what_each_holds() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let mut tx = PlatformTx::begin(&db, None).await.unwrap();
    let harbor = add(&mut tx, &NewAgency { name: " Harbor Marketing ".into(), slug: "harbor".into() }).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = PlatformTx::begin(&db, None).await.unwrap();
    assert!(matches!(add(&mut tx, &NewAgency { name: "X".into(), slug: "harbor".into() }).await, Err(Error::Taken(_))));
    let mut tx = PlatformTx::begin(&db, None).await.unwrap();
    assert!(matches!(
        add(&mut tx, &NewAgency { name: "X".into(), slug: "No Slug".into() }).await,
        Err(Error::Refused(_))
    ));
    test.business(harbor).await;
    connected(&db, harbor).await;
    let mut tx = PlatformTx::begin(&db, None).await.unwrap();
    let rows = list(&mut tx, &ListQuery::default()).await.unwrap().rows;
    assert_eq!((rows.len(), rows[0].agency.name.as_str(), rows[0].businesses), (1, "Harbor Marketing", 1));
    assert_eq!(rows[0].highlevel, integration::State::Quiet);
    for named in ["harbor", &harbor.to_string()] {
        assert_eq!(find_ref(&mut tx, named).await.unwrap().unwrap().id, harbor);
    }
    assert_eq!(platform_counts(&mut tx).await.unwrap().agencies, 1);
    set_deleted(&mut tx, harbor, true).await.unwrap();
    assert!(find_ref(&mut tx, "harbor").await.unwrap().is_none());
    assert_eq!(
        list(&mut tx, &ListQuery { view: "trash".into(), ..ListQuery::default() }).await.unwrap().total,
        Some(1)
    );
    set_deleted(&mut tx, harbor, false).await.unwrap();
    set_status(&mut tx, harbor, "paused", "unpaid").await.unwrap();
    assert_eq!(find_ref(&mut tx, "harbor").await.unwrap().unwrap().status, "paused");
}

#[tokio::test]
async fn lists_page_by_name_and_by_age() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    for name in ["bravo", "Alpha", "charlie"] {
        let mut tx = PlatformTx::begin(&db, None).await.unwrap();
        add(&mut tx, &NewAgency { name: name.into(), slug: name.to_lowercase() }).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = PlatformTx::begin(&db, None).await.unwrap();
    let newest = ["charlie", "Alpha", "bravo"];
    for (sort, expected) in [("name", ["Alpha", "bravo", "charlie"]), ("", newest), ("-created", newest)] {
        let mut query = ListQuery { sort: sort.into(), limit: 1, ..ListQuery::default() };
        let mut names = Vec::new();
        loop {
            let page = list(&mut tx, &query).await.unwrap();
            names.extend(page.rows.into_iter().map(|row| row.agency.name));
            query.cursor = page.next;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!(names, expected);
    }
}

#[tokio::test]
async fn settings_have_defaults_and_limits_and_leave_others_alone() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Web).await, test.agency().await);
    let mut tx = begin(&db, agency(mine)).await;
    assert_eq!(settings(&mut tx).await.unwrap(), Settings::default());
    let wild =
        Settings { max_retries: 99, name_marker: false, jobs_at_once: 0, app_address: "javascript:alert(1)".into() };
    set_settings(&mut tx, &wild).await.unwrap();
    rename(&mut tx, "New name").await.unwrap();
    tx.commit().await.unwrap();
    test.execute("update agencies set settings_json = settings_json || '{\"other\": 1}'").await;
    let mut tx = begin(&db, agency(mine)).await;
    let tame = Settings { max_retries: 20, name_marker: false, jobs_at_once: 1, app_address: String::new() };
    assert_eq!(settings(&mut tx).await.unwrap(), tame);
    set_settings(&mut tx, &Settings::default()).await.unwrap();
    tx.commit().await.unwrap();
    let kept = sqlx::query_scalar!(r#"select settings_json ? 'other' as "kept!" from agencies"#)
        .fetch_one(test.superuser())
        .await
        .unwrap();
    assert!(kept);
    let mut tx = begin(&db, agency(mine)).await;
    assert_eq!(get(&mut tx).await.unwrap().name, "New name");
}
