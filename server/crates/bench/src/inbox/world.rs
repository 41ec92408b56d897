//! Which conversations are there? Those of two hundred businesses of one agency, of which the second has half as many as the
//! first, the third a third, and so on. Each has ten messages. They are written past the store, because millions are needed.

use anyhow::{Context, ensure};
use domain::BusinessId;
use store::Db;

use super::Business;
use crate::BenchArgs;
use crate::database::{BenchDatabase, Disk};

/// Businesses, and messages of a conversation.
const BUSINESSES: usize = 200;
const EACH: usize = 10;
/// With fewer messages than this for each business, there are fewer businesses.
const FEWEST: usize = 4_000;
/// More messages than this do not fit into memory.
const IN_MEMORY: usize = 2_000_000;
/// Conversations that one statement writes.
const TOGETHER: usize = 20_000;
/// Connections of the store.
const POOL: u32 = 4;

/// What customers ask; one in [`RARE_EACH`] asks the rare question.
const RARE: &str = "Do you sell gift vouchers?";
const RARE_EACH: usize = 499;

/// One of the businesses with its channel.
const BUSINESS: &str = "with b as (insert into sub_accounts (agency_id, name, slug) values ('{agency}', 'Business {n}', 'business-{n}') returning id, agency_id),
     h as (insert into channels (sub_account_id, agency_id, type, external_id, name, display_address)
           select id, agency_id, 'WHATSAPP', '10{n}', 'Front desk', '+1 555-010-0003' from b returning id, sub_account_id)
select sub_account_id, id from h";

/// Some of its conversations. The newest has the lowest number, one in five is closed, one in three is unread, and in one of
/// four a customer waits. A later message of a conversation is a second younger than the one before.
const CONVERSATIONS: &str = "with p as (insert into contacts (sub_account_id, name) select '{business}', 'Customer ' || n from generate_series({first}, {last}) n
           returning id, name, substr(name, 10)::bigint as n),
     t as (insert into conversations (sub_account_id, agency_id, channel_id, contact_id, type, contact_name, status, last_message_at, last_preview, last_direction, last_sender,
             unread, waiting_since, window_closes_at, external_address)
           select '{business}', '{agency}', '{channel}', id, 'WHATSAPP', name, case when n % 5 = 4 then 'closed' else 'open' end,
             now() - n * interval '90 days' / {all},
             case when n % {rare_each} = 0 then '{rare}' else 'Are you open on ' || (array['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])[1 + n % 7] || '?' end,
             'in', 'contact', case when n % 3 = 0 then 1 else 0 end, case when n % 4 = 0 then now() end, now() + interval '1 day', '1650' || lpad(n::text, 9, '0') from p
           returning id, last_message_at, last_preview)
insert into messages (sub_account_id, conversation_id, channel, happened_at, direction, sender, body)
select '{business}', t.id, 'WHATSAPP', t.last_message_at - n * interval '1 second', 'in', 'contact', t.last_preview from t, generate_series(0, {each} - 1) n";

/// The world, and a Postgres that ends with it.
pub struct World {
    /// The connections of a page.
    pub db: Db,
    /// The Postgres in which it stands.
    pub bench_database: BenchDatabase,
    /// Its businesses, the largest first.
    pub businesses: Vec<Business>,
}

impl World {
    /// Writes a world with about so many messages.
    pub async fn new(bench_args: &BenchArgs, messages: usize) -> anyhow::Result<Self> {
        let disk = if messages > IN_MEMORY { Disk::Real } else { Disk::all()[0] };
        let bench_database = BenchDatabase::start(disk, &bench_args.out)?;
        let db = bench_database.ours(POOL).await?.web;
        let mut session = bench_database.session("ours")?;
        // Keys of other tables are right by construction, and checking each takes longer than writing it.
        session.run("set session_replication_role = replica; set synchronous_commit = off")?;
        let agency = session.run("insert into agencies (name, slug) values ('Bench', 'bench') returning id")?;
        let agency = agency.into_iter().flatten().flatten().next().context("no agency was added")?;
        let mut businesses = Vec::new();
        for (number, conversations) in shares(messages / EACH).into_iter().enumerate() {
            let text = BUSINESS.replace("{agency}", &agency).replace("{n}", &number.to_string());
            let ids: Vec<String> = session.run(&text)?.into_iter().flatten().flatten().collect();
            let [business, channel] = &ids[..] else { anyhow::bail!("no business was added") };
            let text = CONVERSATIONS
                .replace("{business}", business)
                .replace("{channel}", channel)
                .replace("{agency}", &agency)
                .replace("{all}", &conversations.to_string())
                .replace("{rare_each}", &RARE_EACH.to_string())
                .replace("{rare}", RARE)
                .replace("{each}", &EACH.to_string());
            for first in (1..=conversations).step_by(TOGETHER) {
                let last = conversations.min(first + TOGETHER - 1);
                session.run(&text.replace("{first}", &first.to_string()).replace("{last}", &last.to_string()))?;
            }
            businesses.push(Business { id: BusinessId(business.parse()?), conversations });
        }
        session.run("select gin_clean_pending_list('conversations_searchable')")?;
        session.run("analyze")?;
        let world = Self { db, bench_database, businesses };
        let written: usize = world.bench_database.ask("ours", "select count(*) from conversations")?.parse()?;
        ensure!(written == world.conversations(), "{written} of {} conversations were written", world.conversations());
        world.bench_database.settle()?;
        Ok(world)
    }

    /// The business with the most conversations.
    pub fn largest(&self) -> &Business {
        &self.businesses[0]
    }

    /// How many conversations there are.
    pub fn conversations(&self) -> usize {
        self.businesses.iter().map(|business| business.conversations).sum()
    }

    /// How many messages there are.
    pub fn messages(&self) -> usize {
        self.conversations() * EACH
    }
}

/// How many conversations each business has, the largest number first.
fn shares(conversations: usize) -> Vec<usize> {
    let businesses = (conversations * EACH / FEWEST).clamp(1, BUSINESSES);
    let whole: f64 = (1..=businesses).map(|rank| 1.0 / rank as f64).sum();
    (1..=businesses).map(|rank| (conversations as f64 / whole / rank as f64).ceil() as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_business_has_half_as_many_as_the_first() {
        for conversations in [1, 2_000, 100_000, 5_000_000] {
            let shares = shares(conversations);
            let all: usize = shares.iter().sum();
            assert!((conversations..=conversations + BUSINESSES).contains(&all), "{all} of {conversations}");
            assert!(shares.iter().all(|share| *share > 0) && shares.is_sorted_by(|one, next| one >= next));
            assert!(shares.get(1).is_none_or(|second| second.abs_diff(shares[0] / 2) <= 1));
        }
    }
}
