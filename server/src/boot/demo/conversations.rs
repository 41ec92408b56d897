//! Which conversations does the demo world begin with? One customer waits, and the assistant drafts an answer; one got it and
//! is done; one is looked after by Tess; one asks for a person, so that the assistant hands over. Each message also stands on
//! the customer's phone in the simulator, so that people write on from there.

use anyhow::Context;
use chrono::Duration;
use domain::business::Business;
use domain::messaging::ConversationStatus;
use domain::messaging::inbound::{InboundMessage, Origin, Person};
use domain::{ConversationId, UserId};
use operations::BusinessActor;
use operations::inbox::{self, Expected, Reply};
use serde_json::{Value, json};
use store::messaging::channels::ChannelRow;
use store::messaging::messages;

use super::assistant;
use super::whatsapp::begin;
use crate::boot::compose::Core;
use crate::boot::config::Config;

/// Who owns the client.
pub const OWNER: &str = "owner@brightdental.test";
/// Who works there.
const TESS: &str = "tess@brightdental.test";

/// A customer of the simulator who wrote, with the minutes that have passed since each message.
struct Customer {
    name: &'static str,
    wrote: &'static [(i64, &'static str)],
}

const WAITING: Customer = Customer {
    name: "Ada Example",
    wrote: &[
        (42, "Good morning! Do you have a free appointment this week?"),
        (40, "It's my upper left tooth. It hurts when I drink something cold."),
    ],
};

const DONE: Customer = Customer { name: "Bo Sample", wrote: &[(190, "Hi, are you open on Saturdays?")] };
const ANSWER: &str =
    "Hi Bo, we're open Monday to Friday. On Saturday mornings our friends at Oak Park Smiles take urgent cases.";

const ASSIGNED: Customer =
    Customer { name: "Zoë Möller", wrote: &[(95, "Hello, can I move my cleaning on the 14th to the week after?")] };
const QUESTION: &str = "Hello Zoë, of course. Which suits you better, Tuesday or Thursday?";
const NOTE: &str = "She prefers afternoons.";

const HANDED_OVER: Customer = Customer {
    name: "Kim Complaint",
    wrote: &[(25, "I was charged twice for my last cleaning. Can I talk to a person, please?")],
};

/// Adds what is missing of the four conversations.
///
/// # Errors
/// When the simulator or the database does not answer.
pub async fn add(config: &Config, core: &Core, client: &Business, channel: &ChannelRow) -> anyhow::Result<()> {
    let (owner, tess) = (actor(core, client, OWNER).await?, actor(core, client, TESS).await?);
    let waiting = write(config, core, client, channel, &WAITING).await?;
    let done = write(config, core, client, channel, &DONE).await?;
    answer(&owner, done, ANSWER).await?;
    let (closed, now) = (ConversationStatus::Closed, web::clock::now());
    inbox::set_conversation_status(&owner, done, closed, None, now, Expected::Anything).await?;
    let assigned = write(config, core, client, channel, &ASSIGNED).await?;
    inbox::assign(&owner, assigned, Some(user(core, TESS).await?), Expected::Anything).await?;
    inbox::note(&owner, assigned, NOTE, &format!("demo:note:{assigned}")).await?;
    answer(&tess, assigned, QUESTION).await?;
    let handed_over = write(config, core, client, channel, &HANDED_OVER).await?;
    for conversation in [waiting, handed_over] {
        assistant::ask(core, client, conversation).await?;
    }
    // What the customers wrote is the first message, for which the setup waits.
    let mut tx = begin(core, client).await?;
    if let Some(integration) = channel.integration {
        store::integrations::record_event(&mut tx, integration).await?;
    }
    Ok(tx.commit().await?)
}

/// Lets a customer write. A message that is there already stays as it is.
async fn write(
    config: &Config,
    core: &Core,
    client: &Business,
    channel: &ChannelRow,
    customer: &Customer,
) -> anyhow::Result<ConversationId> {
    let mut conversation = None;
    for (number, (minutes, text)) in customer.wrote.iter().enumerate() {
        let ago = Duration::minutes(*minutes);
        let first = customer.name.split(' ').next().unwrap_or_default().to_lowercase();
        let id = format!("wamid.demo-{first}-{number}");
        let order = json!({
            "channel": "whatsapp", "account": channel.external_id, "customer": customer.name, "text": text, "id": id,
            "seconds_ago": ago.num_seconds(),
        });
        let person = person(&ordered(config, &order).await?, customer.name);
        let message = InboundMessage {
            id,
            person,
            origin: Origin::Customer,
            kind: "text".to_owned(),
            text: (*text).to_owned(),
            attachments: Vec::new(),
            reply_to: None,
            details: json!({}),
        };
        let mut tx = begin(core, client).await?;
        let received = messages::receive(&mut tx, channel, Some(web::clock::now() - ago), &message).await?;
        tx.commit().await?;
        conversation = received.map(|received| received.conversation);
    }
    conversation.context("nobody wrote")
}

/// Puts a message on the customer's phone. Returns who wrote it.
async fn ordered(config: &Config, order: &Value) -> anyhow::Result<Value> {
    let address = config.meta.graph.join("/_sim/meta/inbound")?;
    let headers = [("content-type", "application/json")];
    let reply = simulator::request("POST", address.as_str(), &headers, order.to_string().as_bytes())
        .await
        .map_err(|error| anyhow::anyhow!(error))?;
    anyhow::ensure!(reply.status == 200, "the simulator's phone answered {}", reply.status);
    Ok(reply.json())
}

fn person(told: &Value, name: &str) -> Person {
    let text = |field: &str| told[field].as_str().map(str::to_owned);
    Person { wa_id: text("wa_id"), bsuid: text("user_id"), name: Some(name.to_owned()), ..Person::default() }
}

/// Answers a customer, once. A worker sends it as soon as one runs.
async fn answer(actor: &BusinessActor, conversation: ConversationId, text: &str) -> anyhow::Result<()> {
    let key = format!("demo:{conversation}");
    inbox::reply(actor, &Reply { conversation, text, reply_to: None, choices: "", key: &key }).await?;
    Ok(())
}

/// The account of a person of the demo world.
///
/// # Errors
/// When the database fails, or the person is not there.
pub async fn user(core: &Core, email: &str) -> anyhow::Result<UserId> {
    let known = store::identity::auth_user(&core.db, email).await?;
    Ok(known.with_context(|| format!("{email} is not there"))?.id)
}

/// A person who works for the client, as an actor.
///
/// # Errors
/// When the database fails, or the person does not work there.
pub async fn actor(core: &Core, client: &Business, email: &str) -> anyhow::Result<BusinessActor> {
    let user = user(core, email).await?;
    let caller = store::identity::caller(&core.db, user).await?.context("the person is not there")?;
    let access = domain::access::businesses(&caller, &client.id.to_string()).into_iter().next();
    Ok(BusinessActor::new(core.db.clone(), user, access.context("the person does not work there")?))
}
