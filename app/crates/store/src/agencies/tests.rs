//! Tests that the platform lists all agencies with the counts of what they contain, and that an agency sees only
//! itself.

use domain::brand::{BrandChoice, Color};
use domain::identity::Role;
use domain::integration;
use domain::page::ListQuery;

use super::*;
use crate::fixtures::{agency, begin, connected};
use crate::testing::TestDb;
use crate::{DbRole, Error, Scope};

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

#[tokio::test]
async fn a_business_reads_the_brand_of_its_agency_and_changes_nothing_of_it() {
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
    let business = test.business(mine).await;
    let choice = BrandChoice {
        accent: Color::parse("#1d4ed8"),
        reply_to: Some("hello@harbor.test".into()),
        logo: Some("0123456789abcdef".into()),
    };
    let mut tx = begin(&db, agency(mine)).await;
    set_settings(&mut tx, &Settings::default()).await.unwrap();
    set_brand(&mut tx, &choice).await.unwrap();
    set_logo(&mut tx, Some(b"picture")).await.unwrap();
    assert_eq!(settings(&mut tx).await.unwrap(), Settings::default(), "other settings stay");
    tx.commit().await.unwrap();
    let own = Scope::Business { user: None, business };
    let mut tx = begin(&db, own.clone()).await;
    let seen = brand(&mut tx).await.unwrap();
    assert_eq!((seen.agency, &seen.choice), (mine, &choice));
    assert_eq!(seen.logo_path(), Some(format!("/brand/{mine}?v=0123456789abcdef")));
    assert!(set_brand(&mut tx, &BrandChoice::default()).await.is_err(), "a business has no brand to change");
    let mut tx = begin(&db, agency(other)).await;
    assert_eq!(brand(&mut tx).await.unwrap().choice, BrandChoice::default());
    drop(tx);

    assert_eq!(logo(&db, mine).await.unwrap().as_deref(), Some(b"picture".as_slice()));
    assert_eq!(logo(&db, other).await.unwrap(), None);
    let mut tx = PlatformTx::begin(&db, None).await.unwrap();
    set_deleted(&mut tx, mine, true).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(logo(&db, mine).await.unwrap(), None, "nobody sees what lies in the trash");
}

#[tokio::test]
async fn a_business_reads_what_its_own_job_set_up_and_who_looks_after_it() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Web).await, test.agency().await);
    let (business, neighbour) = (test.business(mine).await, test.business(mine).await);
    let staff = test.person(Role::AgencyStaff, Some(mine), Some(business)).await;
    let job = r#"insert into provisioning_jobs (agency_id, sub_account_id, number, status, finished_at, client_data_json)
        select agency_id, id, row_number() over (), 'COMPLETED', now(), '{"tags": ["dental", 7], "custom_values": {"Hours": "9 to 5", "Odd": 1}}' from sub_accounts"#;
    test.execute("alter table provisioning_jobs disable trigger user").await;
    test.execute(job).await;
    test.execute("update provisioning_jobs set client_data_json = '{\"tags\": [\"secret\"]}' where sub_account_id <> (select sub_account_id from user_sub_account_memberships)").await;
    let mut tx = begin(&db, Scope::Business { user: None, business }).await;
    let own = crate::businesses::get(&mut tx, business).await.unwrap();
    let setup = for_business::setup(&mut tx, &own).await.unwrap().unwrap();
    assert_eq!(setup.tags, ["dental"]);
    assert_eq!(setup.values, [("Hours".to_owned(), "9 to 5".to_owned())]);
    let contacts = for_business::contacts(&mut tx).await.unwrap();
    assert_eq!(contacts.len(), 1);
    assert!(contacts[0].email.contains(&staff.to_string()), "{contacts:?}");
    let foreign = domain::business::Business { id: neighbour, ..own.clone() };
    assert!(for_business::setup(&mut tx, &foreign).await.unwrap().is_none(), "nothing of another business");
    drop(tx);
    let side = for_business::agency_side(&db, "https://app.example.com", &own, None).await.unwrap();
    assert_eq!((side.highlevel, side.snapshot), (None, None), "it has no location yet");
    let located = domain::business::Business { ghl_location_id: Some("L1".to_owned()), ..own };
    let side = for_business::agency_side(&db, "https://app.example.com", &located, None).await.unwrap();
    assert_eq!(side.highlevel.as_deref(), Some("https://app.example.com/v2/location/L1/dashboard"));
}
