//! Which vault do tests open? One with a master key that every test has, so that several processes of a test share it.

use crate::Db;
use crate::vault::{Keyring, Vault};

/// The master key of tests, which the vault of each database asks for.
const MASTER: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A vault over these connections, as a process of the product opens it.
pub async fn vault(db: &Db) -> Vault {
    let keyring = Keyring::parse(&MASTER.into()).expect("a good key");
    Vault::start(db, keyring).await.expect("the vault opens")
}
