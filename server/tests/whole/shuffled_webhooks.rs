//! Does any part of what Meta sends give the same inbox when it comes shuffled, repeated, in bursts and to several workers at
//! once as when each body comes once and in order?

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::messaging::inbound::What;
use domain::work::Queue;
use domain::{AgencyId, BusinessId};
use worker::testing::run_due_in;

use crate::helpers::TestApp;
use crate::meta_webhook::{SECRET, app, post, samples, signature, table};

/// How many parts of the script are tried.
const WORLDS: u64 = 6;

/// The accounts of the samples without their last ten digits, which tell the businesses of this test apart.
const ACCOUNTS: [&str; 4] = ["10654", "10229", "20100", "1784140"];

/// The accounts of a business, with its own last ten digits.
const CONNECT: &str = "insert into integrations (agency_id, sub_account_id, type, platform_id, platform_name, waba_id, connected_at)
    select s.agency_id, s.id, a.type::integration_type, a.id || convert_from($2, 'UTF8'), 'Northwind', a.waba || convert_from($2, 'UTF8'), now()
    from sub_accounts s, (values ('WHATSAPP', '10654', '10229'), ('FACEBOOK', '20100', null), ('INSTAGRAM', '1784140', null)) a (type, id, waba)
    where s.id = $1";

/// Every message as people see it.
const MESSAGES: &str = "create table test_messages as
    select m.sub_account_id, m.channel, m.external_id, m.direction, m.sender, m.kind, m.body, m.status, m.error_code, m.reply_to, m.happened_at, m.sent_at, m.delivered_at,
           m.read_at, m.edited_at, m.revoked_at is not null as revoked,
           (select string_agg(r.by_contact || r.emoji, ',' order by r.by_contact) from message_reactions r where r.message_id = m.id) as reactions,
           (select count(*) from message_attachments a where a.message_id = m.id) as files
    from messages m";

/// Every conversation with the ids of its messages. An answer of the business marks what is older as read, but only if
/// nothing newer is there: so with an answer, the order decides how much more than the newest is unread.
const THREADS: &str = "create table test_threads as
    select c.sub_account_id, c.type, n.messages, c.last_preview, c.last_message_at, c.status, case when n.answers = 0 then c.unread end as unread,
           c.unread between n.newer and n.incoming as sound
    from conversations c, lateral (
      select string_agg(m.external_id, ' ' order by m.external_id) as messages, count(*) filter (where m.direction = 'out') as answers,
             count(*) filter (where m.direction = 'in') as incoming,
             count(*) filter (where m.direction = 'in' and not exists (select from messages o where o.sub_account_id = m.sub_account_id
               and o.conversation_id = m.conversation_id and o.direction = 'out' and o.happened_at >= m.happened_at)) as newer
      from messages m where m.sub_account_id = c.sub_account_id and m.conversation_id = c.id) n";

/// Numbers that depend only on the seed.
struct TestRandom(u64);

impl TestRandom {
    fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below.max(1)).unwrap()).unwrap()
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            all.swap(at, self.below(at + 1));
        }
    }
}

/// The id of the message that a body brings, or of the one that its status is about.
pub fn named(body: &str) -> String {
    let items = meta::webhook::read(body.as_bytes()).unwrap();
    let ids = items.into_iter().find_map(|item| match item.what {
        What::Message(message) => Some(message.id),
        What::Status(status) => Some(status.message),
        _ => None,
    });
    ids.unwrap()
}

/// The samples; answers about which the statuses and reactions among them are; and a customer who writes without a
/// number. From a moved number on, another person may have the old one, so its place among the others decides whose they
/// are: it stays out.
fn script() -> Vec<String> {
    let samples: BTreeMap<String, String> =
        samples().into_iter().map(|(name, body)| (name, String::from_utf8(body).unwrap())).collect();
    let mut script: Vec<String> =
        samples.iter().filter(|(name, _)| !name.contains("changed_number")).map(|(_, body)| body.clone()).collect();
    for (answer, report) in [
        ("wa_smb_message_echo.json", "wa_status_read.json"),
        ("fb_echo_from_page_inbox.json", "fb_delivery.json"),
        ("ig_echo_from_app.json", "ig_seen.json"),
    ] {
        script.push(samples[answer].replace(&named(&samples[answer]), &named(&samples[report])));
    }
    let nameless = &samples["wa_bsuid_no_phone.json"];
    let same_person = nameless.replace("US.13491208655300000102", "US.13491208655300000101");
    script.push(same_person.replace(&named(nameless), "wamid.without-number"));
    script
}

/// A business with accounts of its own.
struct Receiver {
    business: BusinessId,
    digits: String,
}

impl Receiver {
    async fn new(app: &TestApp, agency: AgencyId, number: u64) -> Self {
        let (business, digits) = (app.base.business(agency).await, format!("{number:010}"));
        app.base.insert(CONNECT, business.0, digits.as_bytes()).await;
        Self { business, digits }
    }

    /// A body as it comes for this business.
    fn addressed(&self, body: &str) -> Vec<u8> {
        let body = ACCOUNTS.iter().fold(body.to_owned(), |body, account| {
            body.replace(&format!("{account}0000000001"), &format!("{account}{}", self.digits))
        });
        body.into_bytes()
    }

    async fn gets(&self, app: &TestApp, body: &str) {
        let body = self.addressed(body);
        let signature = signature(SECRET, &body);
        assert_eq!(post(app, body, &signature).await.status, StatusCode::OK);
    }

    /// Its rows of a table, without what only it has.
    fn rows(&self, table: &[String]) -> Vec<String> {
        let id = self.business.to_string();
        let mut rows: Vec<String> =
            table.iter().filter_map(|row| row.split_once(&id)).map(|(_, row)| row.to_owned()).collect();
        rows.sort();
        rows
    }
}

/// Does all that came, by four workers at once that take one body after the other.
async fn work_off(app: &TestApp) {
    let queue = [Queue::MessagesIn];
    for _ in 0..200 {
        app.base.execute("update work_scheduled set run_at = now() where lane = 'messages_in'").await;
        let workers = (0..4).map(|_| run_due_in(&app.worker, &queue));
        if futures::future::join_all(workers).await.into_iter().sum::<usize>() == 0 {
            return;
        }
    }
    unreachable!("the bodies never end");
}

/// Each body once and in order, and to another business each one to three times, shuffled and in bursts.
async fn play(app: &TestApp, agency: AgencyId, script: &[String], seed: u64) -> (Receiver, Receiver) {
    let mut random = TestRandom(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let of_ten = 2 + random.below(9);
    let part: Vec<&String> = script.iter().filter(|_| random.below(10) < of_ten).collect();
    let in_order = Receiver::new(app, agency, 2 * seed).await;
    for body in &part {
        in_order.gets(app, body).await;
        run_due_in(&app.worker, &[Queue::MessagesIn]).await;
    }
    let shuffled = Receiver::new(app, agency, 2 * seed + 1).await;
    let mut bodies: Vec<&String> = part.iter().flat_map(|body| vec![*body; 1 + random.below(3)]).collect();
    random.shuffle(&mut bodies);
    let mut rest = &bodies[..];
    while !rest.is_empty() {
        let (burst, later) = rest.split_at((1 + random.below(16)).min(rest.len()));
        futures::future::join_all(burst.iter().map(|body| shuffled.gets(app, body))).await;
        work_off(app).await;
        rest = later;
    }
    (in_order, shuffled)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_part_in_any_order_gives_the_inbox_of_that_part() {
    let (app, script) = (app().await, script());
    let agency = app.base.agency().await;
    app.base.execute("update queues set at_once = 1 where key = 'messages_in'").await;
    let mut worlds = Vec::new();
    for seed in 1..=WORLDS {
        worlds.push(play(&app, agency, &script, seed).await);
    }
    let items = table(&app, "inbound_items").await;
    assert_eq!(items.iter().filter(|row| row.contains(",waiting,")).count(), 0, "every item has ended");
    assert_eq!(items.iter().filter(|row| row.contains(",quarantined,")).count(), 0, "none was put aside");
    assert!(table(&app, "work_dead").await.is_empty());
    app.base.execute(MESSAGES).await;
    app.base.execute(THREADS).await;
    for name in ["test_messages", "test_threads"] {
        let table = table(&app, name).await;
        for (seed, (in_order, shuffled)) in (1..).zip(&worlds) {
            let expected = in_order.rows(&table);
            assert!(!expected.is_empty(), "seed {seed}: {name}");
            assert_eq!(shuffled.rows(&table), expected, "seed {seed}: {name}");
        }
        let unsound = table.iter().filter(|row| name == "test_threads" && !row.ends_with(",t)")).collect::<Vec<_>>();
        assert!(unsound.is_empty(), "too few or too many are unread: {unsound:#?}");
    }
}
