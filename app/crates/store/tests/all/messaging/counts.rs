//! Is a number beside a view exact as far as it is shown, and the same as the view has rows?

use domain::AgencyId;
use domain::identity::{Reach, Role};
use domain::messaging::Channel;
use domain::page::{COUNTED_IN_VIEW, ListQuery};
use store::messaging::list::{self, InboxCounts};
use store::tenant::{Scope, TenantTx};

use super::World;

/// Open conversations, each with a customer of its own.
const MANY: &str = "with p as (insert into contacts (sub_account_id, name) select sub_account_id, 'Customer ' || n from channels, generate_series(1, 1200) n returning id, sub_account_id)
  insert into conversations (sub_account_id, agency_id, channel_id, contact_id, type, last_message_at, external_address)
  select h.sub_account_id, h.agency_id, h.id, p.id, h.type, now() - interval '1 hour', '1' from p join channels h on h.sub_account_id = p.sub_account_id";

/// So many of them are open, unread and waiting.
const OPEN: &str = "update conversations c set status = case when n.place <= $1 then 'open' else 'closed' end, unread = case when n.place <= $1 then 2 else 0 end,
    waiting_since = case when n.place <= $1 then now() - interval '1 hour' end
  from (select id, row_number() over (order by id) as place from conversations) n where n.id = c.id";

async fn of_agency(world: &World) -> TenantTx {
    let agency: AgencyId = world.agency;
    TenantTx::begin(&world.db, Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() })
        .await
        .unwrap()
}

#[tokio::test]
async fn each_number_is_exact_up_to_its_end_for_a_business_and_for_its_agency() {
    let world = World::new(Channel::Whatsapp).await;
    world.test.execute(MANY).await;
    for open in [0, 1, COUNTED_IN_VIEW - 1, COUNTED_IN_VIEW, COUNTED_IN_VIEW + 1, 1200] {
        sqlx::query(OPEN).bind(open).execute(world.test.superuser()).await.unwrap();
        let n = open.min(COUNTED_IN_VIEW + 1);
        let expected = InboxCounts { open: n, unread: n, waiting: n, mine: 0, unassigned: n };
        assert_eq!(list::counts(&mut world.tx().await, None).await.unwrap(), expected, "the business, {open}");
        assert_eq!(list::counts(&mut of_agency(&world).await, None).await.unwrap(), expected, "the agency, {open}");
    }
}

#[tokio::test]
async fn a_number_is_exact_beside_more_open_ones_than_are_counted() {
    let world = World::new(Channel::Whatsapp).await;
    world.test.execute(MANY).await;
    sqlx::query(OPEN).bind(1200_i64).execute(world.test.superuser()).await.unwrap();
    let me = world.test.person(Role::AgencyAdmin, Some(world.agency), None).await;
    let others = "update conversations c set unread = case when n.place % 30 = 0 then 1 else 0 end, waiting_since = case when n.place > 1190 then now() end,
           assigned_to = case when n.place <= 7 then $1 end
         from (select id, row_number() over (order by id) as place from conversations) n where n.id = c.id";
    sqlx::query(others).bind(me.0).execute(world.test.superuser()).await.unwrap();
    let open = COUNTED_IN_VIEW + 1;
    let expected = InboxCounts { open, unread: 40, waiting: 10, mine: 7, unassigned: open };
    assert_eq!(list::counts(&mut world.tx().await, Some(me)).await.unwrap(), expected, "the business");
    assert_eq!(list::counts(&mut of_agency(&world).await, Some(me)).await.unwrap(), expected, "the agency");
}

#[tokio::test]
async fn a_number_is_that_of_the_rows_of_its_view_and_an_agency_counts_what_has_none() {
    let world = World::new(Channel::Whatsapp).await;
    world.test.execute(MANY).await;
    sqlx::query(OPEN).bind(40_i64).execute(world.test.superuser()).await.unwrap();
    world
        .test
        .execute(
            "update conversations set unread = 0 where id in (select id from conversations where status = 'open' order by id limit 11);
             update conversations set waiting_since = null where id in (select id from conversations where status = 'open' order by id limit 23)",
        )
        .await;
    for (mut tx, is_counted) in [(world.tx().await, false), (of_agency(&world).await, true)] {
        let counts = list::counts(&mut tx, None).await.unwrap();
        assert_eq!((counts.open, counts.unread, counts.waiting, counts.unassigned), (40, 29, 17, 40));
        for (view, n) in [("", 40), ("unread", 29), ("waiting", 17), ("unassigned", 40), ("mine", 0)] {
            for limit in [0, 100] {
                let query = ListQuery { view: view.into(), limit, ..ListQuery::default() };
                let page = list::list(&mut tx, &query, None).await.unwrap();
                assert_eq!((page.rows.len(), page.total), (n, None), "{view}");
            }
            assert_eq!(counts.of_view(view), Some(n as i64), "{view}");
        }
        let nothing = ListQuery { q: "nobody is called so".into(), ..ListQuery::default() };
        for (query, n) in [(ListQuery { view: "closed".into(), ..ListQuery::default() }, 1160), (nothing, 0)] {
            let page = list::list(&mut tx, &query, None).await.unwrap();
            assert_eq!(page.total, is_counted.then_some(n), "{}", query.view);
            assert_eq!(counts.of_view("closed"), None);
        }
    }
}
