//! Which message is to be answered, and from what? Read in the one transaction that also begins the answer.

use std::time::Duration;

use domain::assistant::settings::Settings;
use domain::language::Language;
use domain::messaging::{AiMode, Channel, Sender};
use domain::web_chat::assistant_share;
use domain::{AgencyId, AnswerId, BusinessId, ConversationId, MessageId};
use store::assistant::answers::{self, NewAnswer};
use store::assistant::knowledge::{self, Passage};
use store::assistant::{self, Turn, TurnMessage, settings, usage};
use store::queue::Claimed;
use store::tenant::TenantTx;
use uuid::Uuid;

use super::gate;
use super::judge::Counted;
use super::matter::Matter;
use super::writer::Writer;
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;
use crate::time_scale::{minutes, secs};

/// Number of passages that an answer is written from.
pub(super) const PASSAGES: i64 = 6;
/// The most characters of a question.
const LONGEST_QUESTION: usize = 8000;
/// A customer who goes on writing is answered after this many waits.
const MOST_WAITS: u32 = 5;
/// How long one piece of work has an answer for itself: longer than a call of a model may take.
const LEASE: Duration = minutes(2);
/// The time after which it is looked again at an answer that another piece of work has.
const TAKEN: Duration = secs(15);

/// The conversation of a work item, and whose it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub agency: AgencyId,
    pub business: BusinessId,
    pub conversation: ConversationId,
    /// The work item.
    pub work: Uuid,
}

impl Place {
    pub(super) fn of(item: &Claimed) -> Option<Self> {
        let (agency, business, conversation) = (item.agency?, item.business?, ConversationId(item.subject?));
        Some(Self { agency, business, conversation, work: item.id })
    }

    pub(super) async fn begin(self, worker: &Worker) -> store::Result<TenantTx> {
        tenant_tx(worker, self.agency, Some(self.business)).await
    }
}

/// An answer that is begun.
pub(super) struct Task {
    pub place: Place,
    /// The answer.
    pub answer: AnswerId,
    /// The message that it answers: the customer's newest.
    pub trigger: MessageId,
    /// The number of tries, including this one.
    pub attempt: i32,
    /// How long the customer waits for it, in the time of this build.
    pub waited: Duration,
    /// Whether it becomes a draft or is sent.
    pub mode: AiMode,
    pub settings: Settings,
    /// The conversation.
    pub turn: Turn,
    /// The messages that nobody answered, oldest first.
    pub open: Vec<TurnMessage>,
    /// What was said before them, oldest first.
    pub earlier: Vec<TurnMessage>,
    /// The words of the messages that nobody answered.
    pub question: String,
    /// What the business knows about them, the best first.
    pub passages: Vec<Passage>,
    pub counted: Counted,
    /// Whether the customer was told before that no person answers.
    pub is_known: bool,
}

impl Task {
    /// The language of our own lines.
    pub(super) fn language(&self) -> Language {
        self.settings.language.unwrap_or(self.turn.language)
    }

    /// What the answer is written from.
    pub(super) fn matter(&self) -> Matter<'_> {
        Matter {
            agency: self.place.agency,
            business: self.place.business,
            answer: Some(self.answer),
            watched: None,
            attempt: self.attempt,
            waited: self.waited,
            mode: self.mode,
            settings: &self.settings,
            language: self.language(),
            kind: self.turn.kind,
            contact_name: &self.turn.contact_name,
            contact_phone: self.turn.contact_phone.as_deref(),
            contact_email: self.turn.contact_email.as_deref(),
            business_name: &self.turn.business_name,
            open: &self.open,
            earlier: &self.earlier,
            question: &self.question,
            passages: &self.passages,
            counted: &self.counted,
        }
    }
}

/// What became of a try to begin an answer.
pub(super) enum Begun {
    /// There is nothing to answer, or it is not the assistant's turn.
    Leave(&'static str),
    /// The customer may be writing on, or another piece of work writes the answer.
    Wait(Duration),
    /// It is begun.
    Answer(Box<Task>),
}

/// Begins the answer to the newest message of a conversation. After the last try nothing is waited for and nothing searched:
/// people answer.
pub(super) async fn begin(worker: &Worker, place: Place, attempt: i32) -> Result<Begun, Failed> {
    let mut tx = place.begin(worker).await?;
    let mut turn = match assistant::conversation(&mut tx, place.conversation).await {
        Err(store::Error::NotFound) => return Ok(Begun::Leave("There is no such conversation.")),
        found => found?,
    };
    let mode = match gate::may(&gate::facts(&turn.facts)) {
        Ok(mode) => mode,
        Err(why) => {
            assistant::drop_older(&mut tx, place.conversation, None, why).await?;
            assistant::leave_refused(&mut tx, &turn.facts).await?;
            tx.commit().await?;
            return Ok(Begun::Leave(why));
        }
    };
    let (earlier, open) = parted(std::mem::take(&mut turn.messages), turn.facts.newest_inbound);
    let (Some(trigger), Some(newest)) = (turn.facts.newest_inbound, open.last()) else {
        return Ok(Begun::Leave("Every message is answered."));
    };
    let row = settings::get(&mut tx).await?;
    let (version, settings) = (row.version, row.in_force());
    if mode == AiMode::Draft && version == 0 && !knowledge::knows_anything(&mut tx).await? {
        return Ok(Begun::Leave("The assistant is not set up here."));
    }
    let waited = since(&turn, newest);
    let is_tried = attempt > super::TRIES;
    if let Some(wait) = left_to_wait(worker, &settings, waited, since(&turn, &open[0])).filter(|_| !is_tried) {
        return Ok(Begun::Wait(wait));
    }
    assistant::drop_older(&mut tx, place.conversation, Some(trigger), "The customer wrote again.").await?;
    let new = NewAnswer { conversation: place.conversation, trigger, version, mode };
    let Some(answer) = answers::begin(&mut tx, &new).await? else {
        return Ok(Begun::Leave("The message has its answer."));
    };
    if !assistant::take(&mut tx, answer, place.work, worker.time_scale.guard(LEASE)).await? {
        return Ok(Begun::Wait(TAKEN));
    }
    let question = question(&open);
    let passages = if is_tried { Vec::new() } else { knowledge::search(&mut tx, &question, PASSAGES).await? };
    let counted = Counted { was_asked: was_asked(&earlier), ..counted(&mut tx, worker, place, turn.kind).await? };
    let is_known = answers::answered_before(&mut tx, place.conversation).await?;
    tx.commit().await?;
    let task = Task {
        place,
        answer,
        trigger,
        attempt,
        waited,
        mode,
        settings,
        turn,
        open,
        earlier,
        question,
        passages,
        counted,
        is_known,
    };
    Ok(Begun::Answer(Box::new(task)))
}

async fn counted(tx: &mut TenantTx, worker: &Worker, place: Place, kind: Channel) -> store::Result<Counted> {
    let costs = matches!(worker.writer, Writer::Model(_));
    let spent = if costs { Some(usage::today(tx).await?) } else { None };
    Ok(Counted {
        in_a_row: answers::replies_in_a_row(tx, place.conversation).await?,
        last_hour: answers::replies_last_hour(tx, place.conversation).await?,
        paid: answers::asked_last_hour(tx, place.conversation).await?,
        tokens: spent.map_or(0, |today| today.tokens),
        allowed: spent.map(|today| match kind {
            Channel::Webchat => assistant_share(today.limit),
            _ => today.limit,
        }),
        was_asked: false,
    })
}

/// Whether the last words of the business were a question.
pub(super) fn was_asked(earlier: &[TurnMessage]) -> bool {
    let last = earlier.iter().rfind(|message| message.sender != Sender::Contact);
    last.is_some_and(|message| message.text.contains('?'))
}

/// What was said before, and the messages that nobody answered: those of the customer after everything that the business
/// said. A newest message whose time is that of an answer of the assistant, or earlier, came too late for it, and stands
/// alone; whether it has an answer of its own is asked later.
pub(super) fn parted(messages: Vec<TurnMessage>, newest: Option<MessageId>) -> (Vec<TurnMessage>, Vec<TurnMessage>) {
    let mut earlier = messages;
    let from = earlier.iter().rposition(|message| message.sender != Sender::Contact).map_or(0, |last| last + 1);
    let open = earlier.split_off(from);
    let late = earlier.iter().position(|message| Some(message.id) == newest);
    match late.filter(|_| open.is_empty()) {
        Some(at) if earlier[at..].iter().all(|message| !is_person(message.sender)) => {
            let alone = earlier.remove(at);
            (earlier, vec![alone])
        }
        _ => (earlier, open),
    }
}

const fn is_person(sender: Sender) -> bool {
    matches!(sender, Sender::Person | Sender::Echo)
}

/// The words of several messages, each in lines of its own.
pub(super) fn question(open: &[TurnMessage]) -> String {
    let texts: Vec<&str> = open.iter().map(|message| message.text.trim()).filter(|text| !text.is_empty()).collect();
    let all = texts.join("\n");
    // The last words count most.
    let skipped = all.chars().count().saturating_sub(LONGEST_QUESTION);
    all.chars().skip(skipped).collect()
}

/// How long ago a message was written.
fn since(turn: &Turn, message: &TurnMessage) -> Duration {
    (turn.facts.now - message.at).to_std().unwrap_or_default()
}

/// How long the customer is left to write on, unscaled. `None` if it was long enough since the newest message, or since
/// the oldest.
fn left_to_wait(worker: &Worker, settings: &Settings, newest: Duration, oldest: Duration) -> Option<Duration> {
    let batch = worker.time_scale.of(secs(u64::from(settings.batch_seconds)));
    let left = batch.saturating_sub(newest);
    let is_due = left.is_zero() || oldest >= batch * MOST_WAITS;
    (!is_due).then(|| worker.time_scale.real(left))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use domain::MessageId;
    use uuid::Uuid;

    use super::*;

    fn said(senders: &[Sender]) -> Vec<TurnMessage> {
        let message = |(at, sender): (u32, &Sender)| TurnMessage {
            id: MessageId(Uuid::from_u128(u128::from(at))),
            sender: *sender,
            text: format!("{at}"),
            at: DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::from(at)),
        };
        (0..).zip(senders).map(message).collect()
    }

    fn words(messages: &[TurnMessage]) -> String {
        messages.iter().map(|message| message.text.as_str()).collect()
    }

    #[test]
    fn what_nobody_answered_is_told_from_what_was_said_before() {
        use Sender::{Assistant as Bot, Contact as Ada, Echo, Person};
        let table: [(&[Sender], Option<u128>, &str, &str); 9] = [
            (&[], None, "", ""),
            (&[Ada], Some(0), "", "0"),
            (&[Ada, Ada, Ada], Some(2), "", "012"),
            (&[Ada, Bot, Ada, Ada], Some(3), "01", "23"),
            (&[Ada, Person, Ada], Some(2), "01", "2"),
            (&[Ada, Person], Some(0), "01", ""),
            (&[Ada, Echo], Some(0), "01", ""),
            // It arrived while the answer was on its way.
            (&[Ada, Ada, Bot], Some(1), "02", "1"),
            // The newest was deleted by its author.
            (&[Ada], Some(7), "", "0"),
        ];
        for (senders, newest, before, open) in table {
            let newest = newest.map(|id| MessageId(Uuid::from_u128(id)));
            let parted = parted(said(senders), newest);
            assert_eq!((words(&parted.0).as_str(), words(&parted.1).as_str()), (before, open), "{senders:?}");
        }
    }

    #[test]
    fn only_the_last_words_of_the_business_ask() {
        for (texts, asked) in
            [([" ", "Hi?", "Yes."], false), ([" ", "Hi?", "Tuesday?"], true), (["Hi?", " ", "No."], false)]
        {
            let mut messages = said(&[Sender::Contact, Sender::Contact, Sender::Assistant]);
            for (message, text) in messages.iter_mut().zip(texts) {
                text.clone_into(&mut message.text);
            }
            assert_eq!(was_asked(&messages), asked, "{texts:?}");
        }
        assert!(!was_asked(&[]));
    }

    #[test]
    fn a_question_is_what_was_said_and_its_end_if_it_is_long() {
        let mut messages = said(&[Sender::Contact; 3]);
        messages[1].text = "  ".to_owned();
        assert_eq!(question(&messages), "0\n2");
        messages[2].text = format!("{}!", "é".repeat(LONGEST_QUESTION));
        let long = question(&messages);
        assert!(long.chars().count() == LONGEST_QUESTION && long.ends_with('!'));
    }
}
