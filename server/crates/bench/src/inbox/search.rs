//! Measures the search for conversations of one business (I4), beside a search of the same words without an index of words.

use domain::page::ListQuery;

use super::read;
use super::world::World;
use crate::report::{Report, median, percentile};
use crate::scripts::{self, Script};

/// How often each text is searched for.
const SEARCHES: usize = 200;
/// The texts: one that few conversations have, one of a name, one that very many have, and one of a number.
const RARE: &str = "gift vouchers";
const TEXTS: [&str; 4] = [RARE, "Customer 123", "Saturday", "1650000000012"];

/// Goal and floor of the slowest search in milliseconds, and of the other search ÷ ours.
const P95: (f64, f64) = (50.0, 150.0);
const OF_ILIKE: (f64, f64) = (20.0, 2.0);

/// Searches many times.
pub async fn measure(world: &World, report: &mut Report) -> anyhow::Result<()> {
    let searches = if report.quick() { 3 } else { SEARCHES };
    let (mut all, mut rare) = (Vec::new(), Vec::new());
    for _ in 0..searches {
        for text in TEXTS {
            let query = ListQuery { q: text.to_owned(), view: "all".to_owned(), ..ListQuery::default() };
            let (found, wait) = read(&world.db, world.largest(), &query).await?;
            if found.rows.is_empty() {
                report.fail(format!("nothing was found for `{text}`"));
                return Ok(());
            }
            all.push(wait);
            if text == RARE {
                rare.push(wait);
            }
        }
    }
    report.figure("search: p50 ms", median(&all));
    report.stays_within("search: p95 ms", percentile(&all, 0.95), P95);
    if scripts::installed() {
        let business = world.largest().id.0;
        let text = format!(
            "select c.id from conversations c where c.sub_account_id = '{business}' and (c.contact_name ilike '%{RARE}%' or c.last_preview ilike '%{RARE}%') order by c.last_message_at desc, c.id desc limit 51;\n"
        );
        let script = Script { text: &text, clients: 1, turns: searches };
        let theirs = scripts::run(world.bench_database.socket_folder(), "ours", &script)?;
        report.figure("search for a rare text: ours, p50 ms", median(&rare));
        report.figure("search for a rare text: ilike, p50 ms", median(&theirs.waits));
        report.reaches("search for a rare text: ilike ÷ ours", median(&theirs.waits) / median(&rare), OF_ILIKE);
    }
    Ok(())
}
