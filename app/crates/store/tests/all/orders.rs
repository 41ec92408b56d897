//! Which jobs do these tests start? Orders for clients that differ by their name and address alone.

use domain::JobId;
use domain::provisioning::{Client, NewJob};
use store::{Db, Scope, TenantTx, provisioning};

/// A client whom an order may name.
pub fn client(name: &str, email: &str) -> Client {
    Client {
        name: name.to_owned(),
        email: email.to_owned(),
        country: "US".to_owned(),
        timezone: "America/New_York".to_owned(),
        ..Client::default()
    }
}

/// The smallest order for a client.
pub fn order(name: &str, email: &str) -> NewJob {
    NewJob { client: client(name, email), ..NewJob::default() }
}

/// Starts a job with such an order. No worker runs it.
pub async fn start(db: &Db, scope: Scope, name: &str, email: &str) -> JobId {
    let mut tx = TenantTx::begin(db, scope).await.unwrap();
    let job = provisioning::start(&mut tx, &order(name, email).check().unwrap(), None).await.unwrap().job;
    tx.commit().await.unwrap();
    job
}
