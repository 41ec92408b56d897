//! How far is the connecting of a channel? Stores its step, why the step failed, and what is known of the account besides.

use domain::IntegrationId;
use domain::channel_setup::Step;
use serde_json::json;

use super::{changed, notify, observe};
use crate::audit::Act;
use crate::{Result, TenantTx, found};

/// Stores the step that is to be done next, and why it failed if it did. `None` ends the setup.
pub async fn set_setup(tx: &mut TenantTx, id: IntegrationId, step: Option<Step>, error: Option<&str>) -> Result<()> {
    let done = sqlx::query!(
        "update integrations set setup_step = $2, setup_error = left($3, 200) where id = $1 and is_active",
        id.0,
        step.map(Step::key),
        error
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    if let Some(error) = error {
        observe(tx, id, "setup", false, Some(error)).await?;
    }
    notify(tx, id).await
}

/// Ends the wait for the first event because a person does not want to wait.
pub async fn skip_test(tx: &mut TenantTx, id: IntegrationId) -> Result<()> {
    let done = sqlx::query!(
        "update integrations set setup_step = null, setup_error = null where id = $1 and is_active and setup_step = 'test'",
        id.0
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    changed(tx, id, Act::new("channel.test_skipped", "integration").payload(json!({}))).await
}

/// Stores the WhatsApp Business account of a number, and who consented at the platform (an id that only our app knows).
pub async fn set_owner(
    tx: &mut TenantTx,
    id: IntegrationId,
    waba: Option<&str>,
    person: Option<&str>,
    page: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "update integrations set waba_id = coalesce($2, waba_id),
           metadata = metadata || jsonb_strip_nulls(jsonb_build_object('person', $3::text, 'page', $4::text)) where id = $1",
        id.0,
        waba,
        person,
        page
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What the setup of a channel needs to know of its account beside the facts that pages show.
pub struct SetupFacts {
    /// The WhatsApp Business account of a number.
    pub waba: Option<String>,
    /// The page through which a page-linked Instagram account is reached.
    pub page: Option<String>,
}

/// Reads what the setup of a channel needs.
pub async fn setup_facts(tx: &mut TenantTx, id: IntegrationId) -> Result<SetupFacts> {
    let row = sqlx::query_as!(
        SetupFacts,
        r#"select waba_id as waba, metadata ->> 'page' as page from integrations where id = $1"#,
        id.0
    );
    Ok(row.fetch_one(tx.conn()).await?)
}
