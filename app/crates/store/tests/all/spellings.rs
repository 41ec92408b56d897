//! Is a name found by either of its spellings, whichever of them is stored, and do both count as one name when
//! businesses are compared?
#![expect(clippy::disallowed_methods, reason = "the database is asked in words of the test's own")]

use domain::identity::Reach;
use domain::page::ListQuery;
use domain::provisioning::Client;
use domain::text;
use store::tenant::{PlatformTx, Scope, TenantTx};
use store::testing::TestDb;
use store::{DbRole, agencies, businesses, provisioning, snapshots};

use crate::orders::{client, start};

/// A name as some Mac programs write it, with letter and accent as separate characters, and as most others do.
const APART: &str = "Cafe\u{301} Mu\u{308}ller";
const TOGETHER: &str = "Caf\u{e9} M\u{fc}ller";

fn wish(q: &str) -> ListQuery {
    ListQuery { q: q.to_owned(), limit: 10, ..ListQuery::default() }
}

#[tokio::test]
async fn a_name_is_found_by_either_spelling_whichever_is_stored() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
    start(&db, scope, TOGETHER, "ana@x.example").await;
    let client = client(TOGETHER, "ana@x.example");
    test.business(agency).await;
    // The first spelling is what was stored before texts were composed.
    for stored in [APART, TOGETHER] {
        for table in [
            "update provisioning_jobs set client_data_json = client_data_json || jsonb_build_object('name', $1::text)",
            "update sub_accounts set name = $1",
            "update agencies set name = $1",
        ] {
            sqlx::query(table).bind(stored).execute(test.superuser()).await.unwrap();
        }
        for typed in
            [APART, TOGETHER, "CAFE\u{301} m", "caf\u{e9}\u{202f}m", "\u{200b}M\u{dc}LLER\u{200e}", "cafe mull"]
        {
            let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
            let mut tx = TenantTx::begin(&db, scope).await.unwrap();
            let at = format!("{} in {}", typed.escape_unicode(), stored.escape_unicode());
            assert_eq!(provisioning::list(&mut tx, &wish(typed)).await.unwrap().rows.len(), 1, "jobs: {at}");
            assert_eq!(businesses::list(&mut tx, &wish(typed)).await.unwrap().rows.len(), 1, "clients: {at}");
            assert!(snapshots::list(&mut tx, &wish(typed)).await.unwrap().rows.is_empty(), "snapshots: {at}");
            drop(tx);
            let mut platform = PlatformTx::begin(&db, None).await.unwrap();
            assert_eq!(agencies::list(&mut platform, &wish(typed)).await.unwrap().rows.len(), 1, "agencies: {at}");
        }
        for typed in [APART, "CAF\u{c9}  M\u{dc}LLER", "caf\u{e9} mu\u{308}ller\u{200b}"] {
            let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
            let mut tx = TenantTx::begin(&db, scope).await.unwrap();
            let same = Client { name: typed.to_owned(), email: "bea@y.example".to_owned(), ..client.clone() };
            let found = provisioning::duplicates(&mut tx, &same).await.unwrap();
            assert!(
                found.iter().any(|one| one.same == ["name"]),
                "{} of {}",
                typed.escape_unicode(),
                stored.escape_unicode()
            );
        }
    }
}

#[tokio::test]
async fn the_database_folds_as_the_program_does() {
    let test = TestDb::new().await;
    for typed in [
        "Bright Dental",
        APART,
        TOGETHER,
        "ΟΔΟΝΤΙΑΤΡΕΙΟΝ ΑΣ",
        "οδος",
        "STRASSE Straße",
        "می\u{200c}خواهم",
        "I ❤\u{fe0f} teeth",
        "א\u{200f}ב",
        "東京\u{3000}歯科",
        "Łódź",
        "José Núñez",
        "Ærø Œuvre Đà Nẵng",
        "서울 치과 ガム",
        "йод",
    ] {
        let stored: String =
            sqlx::query_scalar("select folded($1)").bind(typed).fetch_one(test.superuser()).await.unwrap();
        assert_eq!(stored, text::folded(typed), "{}", typed.escape_unicode());
        let searched: String =
            sqlx::query_scalar("select searchable($1)").bind(typed).fetch_one(test.superuser()).await.unwrap();
        assert_eq!(searched, text::searchable(typed), "{}", typed.escape_unicode());
    }
}
