//! Which messages wait although nobody works on them? Their work was given up, their business was taken out of the trash,
//! their connection works again and nobody said so, or it never does. A sweep looks at their channels.

use std::time::Duration;

use domain::{AgencyId, BusinessId, ChannelId};
use uuid::Uuid;

use super::holding::release;
use super::outgoing::{business, wake};
use super::stale;
use crate::{Db, PlatformTx, Result, TenantTx, removal};

/// The most channels that are found at once.
const FOUND: i64 = 500;

/// A channel with messages on which nobody works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The agency.
    pub agency: AgencyId,
    /// The business.
    pub business: BusinessId,
    /// The channel.
    pub channel: ChannelId,
}

/// Some of the channels with lost messages, and where the search goes on.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The channels.
    pub lost: Vec<Lost>,
    /// Behind which channel the next ones are; `None` if these are all.
    pub next: Option<(BusinessId, ChannelId)>,
}

/// Channels where something waits for longer than `age`, is held although the connection works, is held for so long that it may
/// not be sent any more, or has a time that a clock wrote that was ahead, in the order of their ids, behind one of them. Those of
/// businesses and agencies in the trash are left out. Only what is not decided yet is read, by its index.
pub async fn lost(db: &Db, age: Duration, after: Option<(BusinessId, ChannelId)>) -> Result<Found> {
    let (business, channel) = after.map_or((Uuid::nil(), Uuid::nil()), |(business, channel)| (business.0, channel.0));
    let mut tx = removal::begin(db, age).await?;
    let rows = sqlx::query!(
        r#"select sub_account_id as "business: BusinessId", channel_id as "channel: ChannelId",
                  bool_or(state <> 'held' or coalesce(not_before, created_at) < now() - interval '1 hour') as "is_due!" from message_sends
           where state in ('queued', 'held', 'sending', 'in_doubt') and (sub_account_id, channel_id) > ($1, $2)
             and (case state when 'queued' then coalesce(not_before, created_at) when 'held' then created_at else sent_at end < now() - make_interval(secs => $3)
               or greatest(not_before, sent_at) > now() + interval '2 days')
           group by sub_account_id, channel_id order by sub_account_id, channel_id limit $4"#,
        business,
        channel,
        age.as_secs_f64(),
        FOUND
    )
    .fetch_all(tx.conn())
    .await?;
    drop(tx);
    let is_whole = i64::try_from(rows.len()).is_ok_and(|count| count < FOUND);
    let next = rows.last().filter(|_| !is_whole).map(|last| (last.business, last.channel));
    let (businesses, channels): (Vec<_>, Vec<_>) = rows.iter().map(|row| (row.business.0, row.channel.0)).unzip();
    let due: Vec<_> = rows.iter().map(|row| row.is_due).collect();
    let mut tx = PlatformTx::begin(db, None).await?;
    let lost = sqlx::query_as!(
        Lost,
        r#"select b.agency_id as "agency: AgencyId", h.sub_account_id as "business: BusinessId", h.id as "channel: ChannelId"
           from unnest($1::uuid[], $2::uuid[], $3::boolean[]) as w (business, channel, is_due)
             join channels h on h.sub_account_id = w.business and h.id = w.channel
             join sub_accounts b on b.id = h.sub_account_id and b.deleted_at is null
             join agencies a on a.id = b.agency_id and a.deleted_at is null
             left join integrations i on i.sub_account_id = h.sub_account_id and i.id = h.integration_id
           where w.is_due or h.is_active and i.is_active and i.needs_reauth_at is null and coalesce(i.setup_step, 'test') = 'test'"#,
        &businesses,
        &channels,
        &due
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Found { lost, next })
}

/// Lets a worker look at the channel. What is held there goes out if the connection works, and ends if it waits for too
/// long already.
pub async fn take_up(tx: &mut TenantTx, channel: ChannelId) -> Result<()> {
    let business = business(tx)?;
    let works = sqlx::query_scalar!(
        r#"select exists (select from channels h join integrations i on i.sub_account_id = h.sub_account_id and i.id = h.integration_id
             where h.sub_account_id = $1 and h.id = $2 and h.is_active and i.is_active and i.needs_reauth_at is null
               and coalesce(i.setup_step, 'test') = 'test') as "works!""#,
        business.0,
        channel.0
    )
    .fetch_one(tx.conn())
    .await?;
    if works {
        release(tx, channel).await?;
    } else {
        stale::end(tx, channel).await?;
    }
    wake(tx, channel).await
}
