//! Measures a page of the list of conversations, near and far from the newest (I1): beside the same page as one statement
//! written by hand, as a page by its number, and as an inbox that asks for each conversation again.

use domain::messaging::view::ConversationLine;
use domain::page::ListQuery;
use uuid::Uuid;

use super::read;
use super::world::World;
use crate::report::{Report, median, percentile};
use crate::scripts::{self, Done, Script};

/// Rows of a page, the pages that are read, and how often each of them.
const ROWS: usize = 50;
const DEPTHS: [usize; 4] = [1, 10, 100, 1_000];
const READS: usize = 1_000;

/// Goal and floor of ours ÷ the statement by hand, of the slowest page in milliseconds, of the deepest page ÷ the first, and of
/// ours ÷ the inbox that asks again.
const OF_HAND: (f64, f64) = (0.80, 0.55);
const P99: (f64, f64) = (10.0, 25.0);
const DEEPER: (f64, f64) = (1.3, 2.0);
const OF_AGAIN: (f64, f64) = (15.0, 5.0);

/// What the line of a conversation shows.
const COLUMNS: &str = "c.id, c.sub_account_id, b.name, c.contact_id, c.contact_name, c.channel_id, c.type, coalesce(nullif(h.name, ''), h.display_address), c.status, c.snoozed_until, c.assigned_to,
  coalesce(nullif(u.name, ''), u.email), c.ai_state, coalesce(c.ai_mode, h.ai_mode), c.ai_paused_until, c.last_message_at, c.last_preview, c.last_direction, c.last_sender,
  coalesce(c.last_failed_at = c.last_message_at and c.last_direction = 'out', false), c.unread, c.waiting_since, c.window_closes_at, h.late_answers";
const FROM: &str = "conversations c join sub_accounts b on b.id = c.sub_account_id and b.deleted_at is null join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id left join users u on u.id = c.assigned_to";

/// A page that was read, and how long it took each time.
struct Depth {
    page: usize,
    /// The last row before it.
    before: Option<ConversationLine>,
    rows: Vec<ConversationLine>,
    waits: Vec<f64>,
}

/// Reads pages, each many times.
pub async fn measure(world: &World, report: &mut Report) -> anyhow::Result<()> {
    let reads = if report.quick() { 10 } else { READS };
    let mut depths = depths(world, report).await?;
    for _ in 0..reads {
        for (depth, query) in &mut depths {
            depth.waits.push(read(&world.db, world.largest(), query).await?.1);
        }
    }
    for (depth, _) in &depths {
        let p99 = percentile(&depth.waits, 0.99);
        report.figure(format!("list, page {}: p50 ms", depth.page), median(&depth.waits));
        report.stays_within(&format!("list, page {}: p99 ms", depth.page), p99, P99);
    }
    if let [(first, _), .., (deepest, _)] = depths.as_slice() {
        report.stays_within("list: deepest page ÷ first", median(&deepest.waits) / median(&first.waits), DEEPER);
        if scripts::installed() {
            beside(world, report, deepest, reads)?;
        }
    }
    Ok(())
}

/// The pages at each depth that the largest business has. Every page before them is read once, as a person would.
async fn depths(world: &World, report: &mut Report) -> anyhow::Result<Vec<(Depth, ListQuery)>> {
    let (mut depths, mut before) = (Vec::new(), None);
    let mut query = ListQuery { limit: u16::try_from(ROWS)?, ..ListQuery::default() };
    for page in 1..=DEPTHS[DEPTHS.len() - 1] {
        let (found, _) = read(&world.db, world.largest(), &query).await?;
        if found.rows.len() < ROWS {
            report.fail(format!("page {page} has {} rows", found.rows.len()));
        }
        let (last, next) = (found.rows.last().cloned(), found.next);
        if DEPTHS.contains(&page) {
            depths.push((Depth { page, before, rows: found.rows, waits: Vec::new() }, query.clone()));
        }
        // The last page has fewer rows, so it is none of those that are measured.
        let open = world.largest().conversations * 4 / 5;
        if next.is_none() || (page + 1) * ROWS > open {
            break;
        }
        (before, query.cursor) = (last, next);
    }
    Ok(depths)
}

/// Reads the same page in other ways.
fn beside(world: &World, report: &mut Report, depth: &Depth, reads: usize) -> anyhow::Result<()> {
    let business = world.largest().id.0;
    let after = depth.before.as_ref().map_or_else(String::new, |row| {
        // pgbench would take the colons of a time for variables.
        let at = row.last_message_at.timestamp_micros();
        format!(
            "and (c.last_message_at, c.id) < (timestamptz 'epoch' + {at} * interval '1 microsecond', '{}')",
            row.id.0
        )
    });
    let order = "order by c.last_message_at desc, c.id desc";
    let of_business = format!("c.sub_account_id = '{business}' and c.status = 'open'");
    // Ours names its tenant in a transaction as well.
    let by_hand = format!(
        "begin;\nselect set_config('app.current_sub_account_id', '{business}', true);\n{};\nend;\n",
        one_line(&format!("select {COLUMNS} from {FROM} where {of_business} {after} {order} limit {ROWS}"))
    );
    let offset = (depth.page - 1) * ROWS;
    let by_number =
        one_line(&format!("select {COLUMNS} from {FROM} where {of_business} {order} limit {ROWS} offset {offset}"))
            + ";\n";
    let again =
        asked_again(&business.to_string(), depth, &format!("{of_business} {order} limit {ROWS} offset {offset}"));
    let run = |text: &str, turns: usize| -> anyhow::Result<Done> {
        scripts::run(world.bench_database.socket_folder(), "ours", &Script { text, clients: 1, turns })
    };
    let ours = 1000.0 * depth.waits.len() as f64 / depth.waits.iter().sum::<f64>();
    let (hand, numbered, again) = (run(&by_hand, reads)?, run(&by_number, reads)?, run(&again, reads.div_ceil(10))?);
    report.figure(format!("page {}: ours, a second", depth.page), ours);
    for (name, done) in [("by hand", &hand), ("by its number", &numbered), ("asked again for each", &again)] {
        report.figure(format!("page {}: {name}, a second", depth.page), done.rate());
    }
    report.reaches("list: ours ÷ the statement by hand", ours / hand.rate(), OF_HAND);
    report.reaches("list: ours ÷ asked again for each", ours / again.rate(), OF_AGAIN);
    Ok(())
}

/// The page as an inbox reads it whose objects load one another: the contact, the channel, the last message and the number of
/// unread messages of each conversation, in statements of their own.
fn asked_again(business: &str, depth: &Depth, of_page: &str) -> String {
    let mut text = format!("select c.* from conversations c where {of_page};\n");
    for row in &depth.rows {
        let (conversation, contact, channel) = (row.id.0, row.contact.0, row.channel.0);
        let of = |table: &str, id: Uuid| {
            format!("select * from {table} where sub_account_id = '{business}' and id = '{id}';\n")
        };
        text += &of("contacts", contact);
        text += &of("channels", channel);
        let messages =
            format!("from messages where sub_account_id = '{business}' and conversation_id = '{conversation}'");
        text += &format!("select * {messages} order by happened_at desc limit 1;\n");
        text += &format!("select count(*) {messages} and direction = 'in' and read_at is null;\n");
    }
    text
}

/// A statement as pgbench reads it best: without line ends.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
