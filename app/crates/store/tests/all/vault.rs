//! Do secrets open only with the right key, and can a key be replaced while it is in use?

use domain::AgencyId;
use secrecy::ExposeSecret;
use store::testing::TestDb;
use store::vault::{AssociatedData, Keyring, Vault};
use store::{DbRole, Error, new_id};

const A: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const B: &str = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";

fn ring(text: &str) -> Keyring {
    Keyring::parse(&text.to_owned().into()).unwrap()
}

fn associated_data(agency: Option<AgencyId>) -> AssociatedData {
    AssociatedData { table: "t", column: "c", row: uuid::Uuid::from_u128(5), agency, business: None }
}

#[tokio::test]
async fn a_wrong_or_missing_master_key_does_not_start() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    Vault::start(&db, ring(A)).await.unwrap();
    Vault::start(&db, ring(A)).await.unwrap();
    let wrong = Vault::start(&db, ring(B)).await.unwrap_err();
    assert!(wrong.to_string().contains("not the one this database was sealed with"), "{wrong}");
    let missing = Vault::start(&db, ring(&format!("2:{B}"))).await.unwrap_err();
    assert!(missing.to_string().contains("lacks the key \"1\""), "{missing}");
}

#[tokio::test]
async fn a_value_opens_for_its_own_agency_in_any_process() {
    let test = TestDb::new().await;
    let (web, worker) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await);
    let (one, two) = (test.agency().await, test.agency().await);
    let vault = Vault::start(&web, ring(A)).await.unwrap();
    let other = Vault::start(&worker, ring(A)).await.unwrap();
    let (sealed, _) = vault.seal(&associated_data(Some(one)), b"pit-secret").await.unwrap();
    assert_eq!(other.open(&associated_data(Some(one)), &sealed).await.unwrap().expose_secret(), "pit-secret");
    for agency in [Some(two), None] {
        assert!(matches!(other.open(&associated_data(agency), &sealed).await, Err(Error::Sealed(_))));
        assert!(matches!(vault.open(&associated_data(agency), &sealed).await, Err(Error::Sealed(_))));
    }
    let (sealed, _) = vault.seal(&associated_data(None), b"seed").await.unwrap();
    assert_eq!(other.open(&associated_data(None), &sealed).await.unwrap().expose_secret(), "seed");
    let unknown: AgencyId = new_id();
    assert!(
        vault.seal(&associated_data(Some(unknown)), b"x").await.is_err(),
        "no key for an agency that does not exist"
    );
}

#[tokio::test]
async fn a_master_key_is_replaced_while_values_are_read() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let vault = Vault::start(&db, ring(A)).await.unwrap();
    let mut values = Vec::new();
    for _ in 0..5 {
        let agency = test.agency().await;
        values.push((agency, vault.seal(&associated_data(Some(agency)), b"v").await.unwrap().0));
    }
    let both = Vault::start(&db, ring(&format!("new:{B},1:{A}"))).await.unwrap();
    let mut steps = Vec::new();
    let done = both.rotate_master(|at| steps.push((at.done, at.total))).await.unwrap();
    assert_eq!((done.done, done.total, steps.len()), (6, 6, 7));
    for (agency, sealed) in &values {
        vault.open(&associated_data(Some(*agency)), sealed).await.unwrap();
    }
    assert_eq!(both.rotate_master(|_| ()).await.unwrap().total, 0, "a second run has nothing to do");
    let fresh = Vault::start(&db, ring(&format!("new:{B}"))).await.unwrap();
    for (agency, sealed) in &values {
        fresh.open(&associated_data(Some(*agency)), sealed).await.unwrap();
    }
}
