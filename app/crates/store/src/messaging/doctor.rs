//! What is stored about a channel that tells whether it works, beside the facts of its integration?

use domain::IntegrationId;
use domain::channel_doctor::Seen;

use super::outgoing::business;
use crate::{Result, TenantTx};

/// Reads what the checks of a channel need. Of what was sent, the newest five hundred messages of the business count.
pub async fn seen(tx: &mut TenantTx, id: IntegrationId) -> Result<Seen> {
    let business = business(tx)?;
    let row = sqlx::query_as!(
        Seen,
        r#"with own as (select id from channels where sub_account_id = $1 and integration_id = $2),
           latest as (select message_id, channel_id from message_sends where sub_account_id = $1 order by id desc limit 500),
           sent as (select m.delivered_at, m.status, m.updated_at from latest s join messages m on m.sub_account_id = $1 and m.id = s.message_id
                    where s.channel_id in (select id from own)),
           known as (select t.status, t.synced_at from message_templates t join integrations i on i.waba_id = t.waba_id
                     where t.sub_account_id = $1 and i.id = $2)
           select (select checked_at from integrations where id = $2) as checked_at,
                  (select max(delivered_at) from sent) as delivered_at,
                  (select max(updated_at) from sent where status = 'failed') as failed_at,
                  (select count(*) from message_sends where sub_account_id = $1 and channel_id in (select id from own) and state = 'held') as "held!",
                  (select count(*) from known where lower(status) = 'approved') as "templates!",
                  (select max(synced_at) from known) as templates_at"#,
        business.0,
        id.0
    );
    Ok(row.fetch_one(tx.conn()).await?)
}
