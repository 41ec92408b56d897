//! How does a customer's message get its answer without a person? The messages of a moment are answered together, from what
//! the business knows: as a draft, by itself, or by handing over to people. Each answer leaves its trace, and wherever a
//! process ends, the same message is answered once.

mod ask;
mod figures;
mod gate;
mod grounds;
mod journal;
mod judge;
mod kill;
mod local;
mod lost;
mod matter;
mod prompt;
mod rehearsal;
mod settle;
mod sources;
mod task;
mod watched;
mod words;
mod writer;

use domain::ConversationId;
use domain::assistant::{Decision, HandOver, Source};
use domain::work::Kind;
use store::queue::{self, Claimed, Work};
use store::tenant::TenantTx;

use ask::Cost;
use journal::Journal;
use judge::Ruling;
use matter::Matter;
use task::{Begun, Place};

use crate::Worker;
use crate::failed::Failed;

pub(crate) use kill::AnswerHook;
pub use kill::AnswerPoint;
pub use lost::give_up;
pub use rehearsal::{give_up as give_up_rehearsal, rehearse};
pub use sources::{
    TRIES as SOURCE_TRIES, give_up as give_up_source, read as read_source, read_due as read_due_sources,
};
pub use writer::Writer;

/// How often an answer is tried before people answer instead.
pub const TRIES: i32 = 5;

/// What the assistant thought.
#[derive(Debug)]
enum Thought {
    /// It answers with this text.
    Say { text: String, sources: Vec<Source> },
    /// It leaves the conversation to people.
    HandOver(HandOver),
    /// The customer wants no automatic messages.
    OptOut,
    /// Nobody expects an answer, because of this.
    Nothing(&'static str),
}

/// Lets a worker look at a conversation in which the customer wrote. It waits by itself for what the customer writes on.
pub async fn wake(tx: &mut TenantTx, conversation: ConversationId) -> store::Result<()> {
    let once = format!("answer:{conversation}");
    queue::add(tx, &Work::new(Kind::AnswerConversation).subject(conversation).once(once)).await.map(|_| ())
}

/// Answers the newest message of the conversation of a work item, if it is the assistant's turn.
pub async fn answer(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let Some(place) = Place::of(item) else { return Ok(()) };
    let mut journal = Journal::new();
    let task = match task::begin(worker, place, item.attempt).await? {
        Begun::Answer(task) => task,
        Begun::Wait(wait) => return Err(Failed::held("it is not time to answer yet", wait)),
        Begun::Leave(why) => {
            tracing::info!(event = "assistant.left", conversation = %place.conversation, why, "the assistant has nothing to say");
            return Ok(());
        }
    };
    worker.answer_hook.at(AnswerPoint::Begun)?;
    let (thought, cost) = think(worker, &task.matter(), &mut journal).await?;
    worker.answer_hook.at(AnswerPoint::Thought)?;
    settle::settle(worker, &task, thought, &cost, journal).await
}

/// Decides what to answer: by the rules, else from what the business knows.
async fn think(worker: &Worker, matter: &Matter<'_>, journal: &mut Journal) -> Result<(Thought, Cost), Failed> {
    let costs = matches!(worker.writer, Writer::Model(_));
    let open: Vec<&str> = matter.open.iter().map(|message| message.text.as_str()).collect();
    let ruling = judge::judge(&open, matter.settings, matter.mode, matter.counted, costs);
    journal.step("rules", ruling.words());
    let thought = match ruling {
        Ruling::Write => None,
        Ruling::Ignore => Some(Thought::Nothing("An automatic reply.")),
        Ruling::Rest => Some(Thought::Nothing(words::NOTHING_ASKED)),
        Ruling::OptOut => Some(Thought::OptOut),
        Ruling::OptIn => Some(Thought::Say { text: words::opted_in(matter.language).to_owned(), sources: Vec::new() }),
        Ruling::HandOver(reason) => Some(Thought::HandOver(reason)),
    };
    if let Some(thought) = thought {
        return Ok((thought, Cost::default()));
    }
    let best = matter.passages.first().map_or(0.0, |best| best.rank * 100.0);
    journal
        .step("search", format!("Found {}. The best has {best:.0}% of the question's words.", matter.passages.len()));
    let (decision, cost) = match &worker.writer {
        Writer::Local => {
            let decision = local::answer(matter.question, matter.passages, matter.settings, matter.language);
            journal.step("local", local::found(&decision));
            (decision, Cost { provider: "local", ..Cost::default() })
        }
        Writer::Model(client) => ask::model(worker, client, matter, journal).await?,
    };
    let thought = match decision {
        Decision::Answer { text, sources, .. } => Thought::Say { text, sources },
        Decision::HandOver { reason } => Thought::HandOver(reason),
    };
    Ok((thought, cost))
}
