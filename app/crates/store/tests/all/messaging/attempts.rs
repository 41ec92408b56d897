//! Does what the platform says of an attempt decide that attempt, and no other one?

use std::time::Duration;

use domain::messaging::Channel;
use domain::messaging::inbound::{InboundMessage, Origin, Person, Status, StatusState};
use domain::{ConversationId, MessageId};
use serde_json::json;
use store::messaging::sends::{self, Limits};
use store::messaging::{decided, lost, outgoing, statuses};

use super::{World, ago, phone, scoped, text};

/// Nobody waits any more for what became of a call.
const UNCLEAR: &str =
    "update message_sends set state = 'failed', error_code = 'unclear', sent_at = now() - interval '20 minutes';
    update messages set status = 'failed', error_code = 'unclear' where direction = 'out'";

const SENDS: &str = "select to_jsonb(state) from message_sends";
const MESSAGE: &str = "select jsonb_build_array(status, external_id, error_code) from messages where direction = 'out'";

fn person(kind: Channel) -> Person {
    if kind == Channel::Whatsapp { phone("16505550101") } else { scoped("p") }
}

/// A message of ours whose call had no answer.
async fn unclear(world: &World, kind: Channel) -> (ConversationId, MessageId) {
    let asked = text("m1", &person(kind), Origin::Customer, "hi");
    let begun = world.receive(&asked, ago(3600)).await;
    let own = world.send(begun.conversation, "We are open.").await;
    world.test.execute(UNCLEAR).await;
    (begun.conversation, own)
}

async fn retry(world: &World, own: MessageId) {
    let mut tx = world.tx().await;
    outgoing::retry(&mut tx, own).await.unwrap();
    tx.commit().await.unwrap();
}

async fn report(world: &World, own: MessageId, id: &str, state: StatusState) {
    let status = Status {
        message: id.to_owned(),
        state,
        person: Person::default(),
        correlation: Some(own.to_string()),
        error_code: (state == StatusState::Failed).then(|| "131026".to_owned()),
        error_text: None,
        billable: None,
        category: None,
    };
    let mut tx = world.tx().await;
    assert!(statuses::report(&mut tx, &world.channel, Some(ago(60)), &status).await.unwrap().is_some(), "{state:?}");
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_report_of_the_unclear_attempt_ends_the_next_one_wherever_it_waits() {
    for (state, shown) in
        [(StatusState::Sent, "sent"), (StatusState::Delivered, "delivered"), (StatusState::Read, "read")]
    {
        for waits in [
            "select 1",
            "update message_sends set state = 'held'; update messages set status = 'held' where direction = 'out'",
        ] {
            let world = World::new(Channel::Whatsapp).await;
            let (_, own) = unclear(&world, Channel::Whatsapp).await;
            retry(&world, own).await;
            assert_eq!(world.row(SENDS).await, "queued");
            world.test.execute(waits).await;
            report(&world, own, "wamid.first", state).await;
            assert_eq!(world.row(SENDS).await, "accepted", "{state:?} {waits}");
            assert_eq!(world.row(MESSAGE).await, json!([shown, "wamid.first", null]), "{state:?} {waits}");
        }
    }
}

#[tokio::test]
async fn a_message_that_was_taken_back_and_arrived_all_the_same_says_so() {
    let world = World::new(Channel::Whatsapp).await;
    let (_, own) = unclear(&world, Channel::Whatsapp).await;
    retry(&world, own).await;
    let mut tx = world.tx().await;
    outgoing::cancel(&mut tx, own).await.unwrap();
    tx.commit().await.unwrap();
    report(&world, own, "wamid.first", StatusState::Delivered).await;
    assert_eq!(world.row(MESSAGE).await, json!(["delivered", "wamid.first", null]));
}

#[tokio::test]
async fn an_echo_of_the_unclear_attempt_is_that_message_before_and_after_a_retry() {
    for kind in [Channel::Instagram, Channel::Facebook] {
        for retried in [false, true] {
            let world = World::new(kind).await;
            let (_, own) = unclear(&world, kind).await;
            if retried {
                retry(&world, own).await;
            }
            let mut echo: InboundMessage = text("out", &scoped("p"), Origin::Echo, "We are open.");
            if kind == Channel::Facebook {
                echo.details = json!({ "correlation": own.to_string() });
            }
            let received = world.receive(&echo, ago(60)).await;
            assert_eq!((received.message, received.is_new), (Some(own), false), "{kind:?} {retried}");
            assert_eq!(world.row(SENDS).await, "accepted", "{kind:?} {retried}");
            assert_eq!(world.row(MESSAGE).await, json!(["sent", "out", null]), "{kind:?} {retried}");
        }
    }
}

#[tokio::test]
async fn an_attempt_that_failed_stops_no_other_one() {
    // The platform says that the unclear attempt failed, and goes on about it.
    let world = World::new(Channel::Whatsapp).await;
    let (_, own) = unclear(&world, Channel::Whatsapp).await;
    retry(&world, own).await;
    for state in [StatusState::Failed, StatusState::Sent, StatusState::Failed] {
        report(&world, own, "wamid.first", state).await;
        assert_eq!(world.row(SENDS).await, "queued", "{state:?}");
        assert_eq!(world.row(MESSAGE).await, json!(["pending", null, null]), "{state:?}");
    }
    // The same of an attempt that was accepted and failed before somebody sent it again, twice.
    let world = World::new(Channel::Whatsapp).await;
    let (_, own) = unclear(&world, Channel::Whatsapp).await;
    for id in ["wamid.first", "wamid.second"] {
        report(&world, own, id, StatusState::Failed).await;
        assert_eq!(world.row(MESSAGE).await[0], "failed");
        retry(&world, own).await;
        for former in ["wamid.first", id] {
            report(&world, own, former, StatusState::Delivered).await;
            assert_eq!(world.row(SENDS).await, "queued", "{former}");
            assert_eq!(world.row(MESSAGE).await, json!(["pending", null, null]), "{former}");
        }
        world
            .test
            .execute(
                "update message_sends set state = 'sending', sent_at = now() - interval '2 minutes', unclear_at = null",
            )
            .await;
    }
}

#[tokio::test]
async fn the_failure_of_an_unclear_attempt_is_not_that_of_the_call_on_its_way() {
    let world = World::new(Channel::Whatsapp).await;
    let (_, own) = unclear(&world, Channel::Whatsapp).await;
    retry(&world, own).await;
    world.test.execute("update message_sends set state = 'sending', sent_at = now()").await;
    report(&world, own, "wamid.first", StatusState::Failed).await;
    assert_eq!(world.row(SENDS).await, "sending");
    assert_eq!(world.row(MESSAGE).await, json!(["pending", null, null]));
}

#[tokio::test]
async fn a_message_can_be_sent_again_as_long_as_its_place_is_kept() {
    let world = World::new(Channel::Whatsapp).await;
    let (_, own) = unclear(&world, Channel::Whatsapp).await;
    for (meanwhile, expected) in [
        ("update message_sends set decided_at = now() - interval '89 days'", true),
        ("update message_sends set decided_at = now() - interval '91 days'", false),
        ("update message_sends set decided_at = null", true),
        ("delete from message_sends", false),
    ] {
        world.test.execute(meanwhile).await;
        assert_eq!(decided::is_kept(&mut world.tx().await, own).await.unwrap(), expected, "{meanwhile}");
    }
}

/// What was queued or begun then is free at once, and not next year.
#[tokio::test]
async fn a_clock_that_was_ahead_holds_up_no_conversation() {
    let limits = Limits { call: Duration::from_secs(90), doubt: Duration::from_secs(600) };
    for (becomes, is_free) in [
        (
            "update message_sends set state = 'queued', not_before = now()",
            "select count(*) from message_sends where state = 'queued' and not_before <= now()",
        ),
        ("select 1", "select count(*) from message_sends where state = 'sending' and sent_at <= now()"),
    ] {
        let world = World::new(Channel::Whatsapp).await;
        let asked = text("m1", &person(Channel::Whatsapp), Origin::Customer, "hi");
        let begun = world.receive(&asked, ago(3600)).await;
        world.send(begun.conversation, "We are open.").await;
        world.test.execute(becomes).await;
        world.test.clock_was_ahead().await;
        assert_eq!(world.number(is_free).await, 0, "{becomes}");
        assert_eq!(lost::lost(&world.db, Duration::from_secs(300), None).await.unwrap().lost.len(), 1, "{becomes}");
        let mut tx = world.tx().await;
        sends::tidy(&mut tx, world.channel.id, &limits).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.number(is_free).await, 1, "{becomes}");
    }
}
