//! Which conversations are there? A business sees its own, an agency those of every client that it reaches, each with what
//! its line shows.

use chrono::{DateTime, Utc};
use domain::messaging::view::ConversationLine;
use domain::messaging::{AiMode, Channel, ConversationStatus, Direction, Owner, Sender};
use domain::page::{COUNTED_IN_VIEW, ListQuery, Page};
use domain::{BusinessId, ChannelId, ContactId, ConversationId, UserId};
use uuid::Uuid;

use crate::page::{Filter, Key, Kind, List, Search, View, Within};
use crate::{Error, Result, TenantTx};

/// The sort orders that `list` accepts: the newest first, who waits longest, whose window closes first.
pub const ORDERS: &[&str] = &["-newest", "waiting", "window"];

/// The keys of channels, for the filter.
const KINDS: &[&str] = &["webchat", "voice", "whatsapp", "instagram", "facebook", "sms", "email"];

/// The conversations of clients that are not in the trash.
pub static LIST: List = CONVERSATIONS;

/// The same where the numbers of the views are enough: in one business, and for a whole view that has a number.
static UNCOUNTED: List = List { is_counted: false, ..CONVERSATIONS };

const CONVERSATIONS: List = List {
    key: "conversations",
    from: "conversations c join sub_accounts b on b.id = c.sub_account_id and b.deleted_at is null",
    id: "c.id",
    agency: Some("c.agency_id"),
    business: Some("c.sub_account_id"),
    views: &[
        View::new("", "c.status = 'open'"),
        View::new("mine", "c.status = 'open' and c.assigned_to = {user}"),
        View::new("unassigned", "c.status = 'open' and c.assigned_to is null"),
        // In the words of the index: nobody waits since that time.
        View::new("waiting", "c.status = 'open' and c.waiting_order < '9999-01-01 00:00:00+00'"),
        View::new("unread", "c.status = 'open' and c.unread > 0"),
        View::new("snoozed", "c.status = 'snoozed'"),
        View::new("closed", "c.status = 'closed'"),
        View::new("all", ""),
    ],
    search: Search::by("c.id", "lookup.find_conversations"),
    filters: &[
        Filter::new("client", "c.sub_account_id", Kind::Id),
        Filter::new("channel", "c.channel_id", Kind::Id),
        Filter::new("assigned", "c.assigned_to", Kind::Id),
        Filter::new("kind", "lower(c.type::text)", Kind::Choice(KINDS)),
    ],
    keys: &[
        Key::time("newest", "c.last_message_at"),
        Key::time("waiting", "c.waiting_order"),
        Key::time("window", "c.window_order"),
    ],
    orders: ORDERS,
    is_counted: true,
    ..List::EMPTY
};

/// A page of conversations: those of the business in scope, or else of all businesses that the agency reaches. `q` is part
/// of a name, of the last message or of a number. The view `mine` is that of `me`. What the numbers of the views count is not
/// counted as well.
pub async fn list(tx: &mut TenantTx, query: &ListQuery, me: Option<UserId>) -> Result<Page<ConversationLine>> {
    let within = Within { user: me, ..Within::of(tx) };
    let is_counted = tx.business().is_none() && !has_number(query);
    let list = if is_counted { &LIST } else { &UNCOUNTED };
    let found = list.find(tx.conn(), within, query).await?;
    let rows = lines(tx, &found.ids).await?;
    Ok(found.page(rows, |row| row.id.0))
}

/// True if the rows of a query are those that a number beside a view counts.
fn has_number(query: &ListQuery) -> bool {
    query.q.is_empty() && query.filters.is_empty() && InboxCounts::default().of_view(&query.view).is_some()
}

/// The line of one conversation, which is one of the business in scope if there is one.
pub async fn line(tx: &mut TenantTx, id: ConversationId) -> Result<ConversationLine> {
    let business = tx.business();
    let found = lines(tx, &[id.0]).await?.pop();
    found.filter(|line| business.is_none_or(|business| line.business == business)).ok_or(Error::NotFound)
}

struct Row {
    id: ConversationId,
    business: BusinessId,
    business_name: String,
    contact: ContactId,
    contact_name: String,
    channel: ChannelId,
    kind: Channel,
    channel_name: String,
    status: String,
    snoozed_until: Option<DateTime<Utc>>,
    assigned_to: Option<UserId>,
    assigned_name: Option<String>,
    owner: String,
    ai_mode: String,
    ai_paused_until: Option<DateTime<Utc>>,
    last_message_at: DateTime<Utc>,
    preview: String,
    last_direction: Option<String>,
    last_sender: Option<String>,
    last_failed: bool,
    unread: i32,
    waiting_since: Option<DateTime<Utc>>,
    window_closes_at: Option<DateTime<Utc>>,
    late_answers: bool,
}

impl From<Row> for ConversationLine {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            business: row.business,
            business_name: row.business_name,
            contact: row.contact,
            contact_name: row.contact_name,
            channel: row.channel,
            kind: row.kind,
            channel_name: row.channel_name,
            status: ConversationStatus::parse(&row.status).unwrap_or(ConversationStatus::Open),
            snoozed_until: row.snoozed_until,
            assigned_to: row.assigned_to,
            assigned_name: row.assigned_name,
            owner: Owner::parse(&row.owner).unwrap_or(Owner::Human),
            ai_mode: AiMode::parse(&row.ai_mode).unwrap_or(AiMode::Off),
            ai_paused_until: row.ai_paused_until,
            last_message_at: row.last_message_at,
            preview: row.preview,
            last_direction: row.last_direction.as_deref().and_then(Direction::parse),
            last_sender: row.last_sender.as_deref().and_then(Sender::parse),
            last_failed: row.last_failed,
            unread: row.unread,
            waiting_since: row.waiting_since,
            window_closes_at: row.window_closes_at,
            late_answers: row.late_answers,
        }
    }
}

async fn lines(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<ConversationLine>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select c.id as "id: ConversationId", c.sub_account_id as "business: BusinessId", b.name as business_name, c.contact_id as "contact: ContactId", c.contact_name,
                  c.channel_id as "channel: ChannelId", c.type as "kind: Channel", coalesce(nullif(h.name, ''), h.display_address) as "channel_name!", c.status, c.snoozed_until,
                  c.assigned_to as "assigned_to: UserId", coalesce(nullif(u.name, ''), u.email, case when c.assigned_to is not null then lookup.actor_name(c.assigned_to) end) as "assigned_name?", c.ai_state as owner, coalesce(c.ai_mode, h.ai_mode) as "ai_mode!",
                  c.ai_paused_until, c.last_message_at, c.last_preview as preview, c.last_direction, c.last_sender,
                  coalesce(c.last_failed_at = c.last_message_at and c.last_direction = 'out', false) as "last_failed!", c.unread, c.waiting_since, c.window_closes_at, h.late_answers
           from conversations c join sub_accounts b on b.id = c.sub_account_id join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id
             left join users u on u.id = c.assigned_to
           where c.id = any ($1)"#,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(ConversationLine::from).collect())
}

/// The numbers of conversations in the views of the list. All are open ones. Each number is exact up to
/// [`COUNTED_IN_VIEW`], and one more stands for all above it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InboxCounts {
    /// All open ones.
    pub open: i64,
    /// With something that nobody read.
    pub unread: i64,
    /// Whose customer waits for an answer.
    pub waiting: i64,
    /// Assigned to the person who looks.
    pub mine: i64,
    /// Assigned to nobody.
    pub unassigned: i64,
}

impl InboxCounts {
    /// The number of a view as it is shown beside its name. `None` for a view that is not counted.
    #[must_use]
    pub fn of_view(&self, view: &str) -> Option<i64> {
        match view {
            "" => Some(self.open),
            "mine" => Some(self.mine),
            "unassigned" => Some(self.unassigned),
            "waiting" => Some(self.waiting),
            "unread" => Some(self.unread),
            _ => None,
        }
    }
}

// The statements name the limit as a number: with a parameter in its place the database would plan them anew each time.
const _: () = assert!(COUNTED_IN_VIEW + 1 == 100, "the statements below read so many rows");

/// The numbers for the business in scope, or else for all businesses that the agency reaches. All come from the open
/// conversations, in the order of an index; a number that more than those may hold is read by itself.
pub async fn counts(tx: &mut TenantTx, me: Option<UserId>) -> Result<InboxCounts> {
    let me = me.map(|user| user.0);
    let Some(business) = tx.business() else {
        return counts_of_agency(tx, me).await;
    };
    let counts = sqlx::query_as!(
        InboxCounts,
        r#"with first as materialized (select unread > 0 as is_unread, waiting_order < '9999-01-01 00:00:00+00' as is_waiting, assigned_to
                                       from conversations where sub_account_id = $1 and status = 'open' order by last_message_at desc, id desc limit 100),
             found as (select count(*) as open, count(*) filter (where is_unread) as unread, count(*) filter (where is_waiting) as waiting,
                              count(*) filter (where assigned_to = $2) as mine, count(*) filter (where assigned_to is null) as unassigned from first)
           select open as "open!",
             case when open < 100 or unread = 100 then unread else (select count(*) from (select from conversations
               where sub_account_id = $1 and status = 'open' and unread > 0 order by last_message_at desc, id desc limit 100) x) end as "unread!",
             case when open < 100 or waiting = 100 then waiting else (select count(*) from (select from conversations
               where sub_account_id = $1 and status = 'open' and waiting_order < '9999-01-01 00:00:00+00' order by waiting_order, id limit 100) x) end as "waiting!",
             case when open < 100 or mine = 100 then mine else (select count(*) from (select from conversations
               where sub_account_id = $1 and status = 'open' and assigned_to = $2 order by last_message_at desc, id desc limit 100) x) end as "mine!",
             case when open < 100 or unassigned = 100 then unassigned else (select count(*) from (select from conversations
               where sub_account_id = $1 and status = 'open' and assigned_to is null order by last_message_at desc, id desc limit 100) x) end as "unassigned!"
           from found"#,
        business.0,
        me
    );
    Ok(counts.fetch_one(tx.conn()).await?)
}

async fn counts_of_agency(tx: &mut TenantTx, me: Option<Uuid>) -> Result<InboxCounts> {
    let agency = tx.agency()?;
    let counts = sqlx::query_as!(
        InboxCounts,
        r#"with first as materialized (select c.unread > 0 as is_unread, c.waiting_order < '9999-01-01 00:00:00+00' as is_waiting, c.assigned_to
                                       from conversations c join sub_accounts b on b.id = c.sub_account_id and b.deleted_at is null
                                       where c.agency_id = $1 and c.status = 'open' order by c.last_message_at desc, c.id desc limit 100),
             found as (select count(*) as open, count(*) filter (where is_unread) as unread, count(*) filter (where is_waiting) as waiting,
                              count(*) filter (where assigned_to = $2) as mine, count(*) filter (where assigned_to is null) as unassigned from first)
           select open as "open!",
             case when open < 100 or unread = 100 then unread else (select count(*) from (select from conversations c join sub_accounts b on b.id = c.sub_account_id and b.deleted_at is null
               where c.agency_id = $1 and c.status = 'open' and c.unread > 0 order by c.last_message_at desc, c.id desc limit 100) x) end as "unread!",
             case when open < 100 or waiting = 100 then waiting else (select count(*) from (select from conversations c join sub_accounts b on b.id = c.sub_account_id and b.deleted_at is null
               where c.agency_id = $1 and c.status = 'open' and c.waiting_order < '9999-01-01 00:00:00+00' order by c.waiting_order, c.id limit 100) x) end as "waiting!",
             case when open < 100 or mine = 100 then mine else (select count(*) from (select from conversations c join sub_accounts b on b.id = c.sub_account_id and b.deleted_at is null
               where c.agency_id = $1 and c.status = 'open' and c.assigned_to = $2 limit 100) x) end as "mine!",
             case when open < 100 or unassigned = 100 then unassigned else (select count(*) from (select from conversations c join sub_accounts b on b.id = c.sub_account_id and b.deleted_at is null
               where c.agency_id = $1 and c.status = 'open' and c.assigned_to is null order by c.last_message_at desc, c.id desc limit 100) x) end as "unassigned!"
           from found"#,
        agency.0,
        me
    );
    Ok(counts.fetch_one(tx.conn()).await?)
}
