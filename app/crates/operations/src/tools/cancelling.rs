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

/// The name of a call: of its token, of the session of its program if there is one, and of the id that the program gave it. No
/// other token names the same, and no other session: two programs that share a token both count from one.
#[must_use]
pub fn name(token: ApiTokenId, session: Option<&str>, id: &Value) -> Uuid {
    let call = json!([token.to_string(), session, id]);
    let hash: [u8; 32] = Sha256::digest(call.to_string()).into();
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
    fn each_token_session_and_id_has_a_name_of_its_own() {
        let (one, other) = (ApiTokenId(Uuid::from_u128(1)), ApiTokenId(Uuid::from_u128(2)));
        let ids = [json!(1), json!("1"), json!(2), json!(-1), json!(""), json!("1 2")];
        let mut names = BTreeSet::<Uuid>::new();
        for token in [one, other] {
            for session in [None, Some(""), Some("a"), Some("a\",1")] {
                names.extend(ids.iter().map(|id| name(token, session, id)));
            }
        }
        assert_eq!(names.len(), 2 * 4 * ids.len());
        assert_eq!(name(one, Some("a"), &json!(1)), name(one, Some("a"), &json!(1)));
    }
}
