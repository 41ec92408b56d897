//! How does the process that runs a call hear that the program which made it does not wait any more? By a notice that names
//! the call and says nothing of it.

use domain::ApiTokenId;
use domain::identity::Reach;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::tenant::{Scope, TenantTx};
use store::{Db, outbox};
use uuid::Uuid;

use super::Caller;
use crate::Refusal;

/// The topic of such a notice. Its subject is the name of the call.
pub const TOPIC: &str = "tool_call.cancelled";

/// The name of a call: of its token, and of the id that the program gave it. No other token names the same.
#[must_use]
pub fn name(token: ApiTokenId, id: &Value) -> Uuid {
    let hash: [u8; 32] = Sha256::digest(format!("{token} {id}")).into();
    let mut name = [0; 16];
    name.copy_from_slice(&hash[..16]);
    Uuid::from_bytes(name)
}

/// Tells every process that nobody waits for this call of the token any more.
///
/// # Errors
/// `Store` if the database fails.
pub async fn tell(db: &Db, caller: &Caller, call: Uuid) -> Result<(), Refusal> {
    let Caller { agency, business, .. } = *caller;
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::Listed, listed: vec![business] };
    let mut tx = TenantTx::begin(db, scope).await?;
    outbox::add(&mut tx, "tool_call.cancelled", Some(call), &json!({})).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_token_and_id_has_a_name_of_its_own() {
        let (one, other) = (ApiTokenId(Uuid::from_u128(1)), ApiTokenId(Uuid::from_u128(2)));
        let ids = [json!(1), json!("1"), json!(2), json!(-1), json!(""), json!("1 2")];
        let names: BTreeSet<Uuid> =
            [one, other].iter().flat_map(|token| ids.iter().map(|id| name(*token, id))).collect();
        assert_eq!(names.len(), 2 * ids.len());
        assert_eq!(name(one, &json!(1)), name(one, &json!(1)));
    }
}
