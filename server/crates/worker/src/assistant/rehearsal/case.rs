//! What is the assistant asked in a rehearsal? A past question with what was said before it, or the question of a test chat
//! with what was said there.

use std::time::Duration;

use domain::assistant::settings::Settings;
use domain::language::Language;
use domain::messaging::{AiMode, Channel, Sender};
use domain::{ConversationId, MessageId};
use store::assistant::knowledge::{self, Passage};
use store::assistant::rehearsal::{self, Asked};
use store::assistant::{self, TurnMessage, usage};
use store::tenant::TenantTx;

use super::super::judge::Counted;
use super::super::matter::Matter;
use super::super::task::{PASSAGES, parted, question, was_asked};
use super::super::writer::Writer;
use super::Place;
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;

/// A question with everything that an answer is written from.
pub(super) struct Case {
    pub settings: Settings,
    /// Whether a person waits for the answer in a test chat.
    is_chat: bool,
    talk: Talk,
    question: String,
    passages: Vec<Passage>,
    counted: Counted,
}

/// Who asks whom, where, and after which words.
struct Talk {
    kind: Channel,
    contact_name: String,
    contact_phone: Option<String>,
    contact_email: Option<String>,
    business_name: String,
    language: Language,
    earlier: Vec<TurnMessage>,
    open: Vec<TurnMessage>,
}

impl Case {
    /// The language of our own lines.
    pub fn language(&self) -> Language {
        self.settings.language.unwrap_or(self.talk.language)
    }

    /// What the answer is written from. Nobody waits, so only the number of tries bounds it.
    pub fn matter(&self, place: Place, attempt: i32) -> Matter<'_> {
        Matter {
            agency: place.agency,
            business: place.business,
            answer: None,
            watched: self.is_chat.then_some(place.case),
            attempt,
            waited: Duration::ZERO,
            mode: AiMode::Auto,
            settings: &self.settings,
            language: self.language(),
            kind: self.talk.kind,
            contact_name: &self.talk.contact_name,
            contact_phone: self.talk.contact_phone.as_deref(),
            contact_email: self.talk.contact_email.as_deref(),
            business_name: &self.talk.business_name,
            open: &self.talk.open,
            earlier: &self.talk.earlier,
            question: &self.question,
            passages: &self.passages,
            counted: &self.counted,
        }
    }
}

/// Reads a question. `None` if it does not wait any more.
pub(super) async fn read(worker: &Worker, place: Place) -> Result<Option<Case>, Failed> {
    let mut tx = tenant_tx(worker, place.agency, Some(place.business)).await?;
    let Some(asked) = rehearsal::asked(&mut tx, place.case).await? else { return Ok(None) };
    let is_chat = asked.past.is_none();
    let talk = match asked.past {
        Some((message, conversation)) => past(&mut tx, message, conversation).await?,
        None => chat(&mut tx, &asked).await?,
    };
    let question = question(&talk.open);
    let passages = knowledge::search(&mut tx, &question, PASSAGES).await?;
    let costs = matches!(worker.writer, Writer::Model(_));
    // The limits in use bound it, whatever the settings that are tried say.
    let spent = if costs { Some(usage::today(&mut tx).await?) } else { None };
    let counted = Counted {
        tokens: spent.map_or(0, |today| today.tokens),
        allowed: spent.map(|today| today.limit),
        was_asked: was_asked(&talk.earlier),
        ..Counted::default()
    };
    tx.commit().await?;
    Ok(Some(Case { settings: asked.settings, is_chat, talk, question, passages, counted }))
}

/// A past question, as the assistant read it then.
async fn past(tx: &mut TenantTx, message: MessageId, conversation: ConversationId) -> store::Result<Talk> {
    let turn = assistant::conversation(tx, conversation).await?;
    let (earlier, open) = parted(rehearsal::said_until(tx, message).await?, Some(message));
    Ok(Talk {
        kind: turn.kind,
        contact_name: turn.contact_name,
        contact_phone: turn.contact_phone,
        contact_email: turn.contact_email,
        business_name: turn.business_name,
        language: turn.language,
        earlier,
        open,
    })
}

/// A question of a test chat, as if a visitor of the web site asked it.
async fn chat(tx: &mut TenantTx, asked: &Asked) -> store::Result<Talk> {
    let earlier = rehearsal::said_in_chat(tx, asked.run, asked.position).await?;
    let (business_name, language) = rehearsal::business_facts(tx).await?;
    let open = TurnMessage {
        id: MessageId(asked.run.0),
        sender: Sender::Contact,
        text: asked.question.clone(),
        at: asked.created_at,
    };
    Ok(Talk {
        kind: Channel::Webchat,
        contact_name: String::new(),
        contact_phone: None,
        contact_email: None,
        business_name,
        language,
        earlier,
        open: vec![open],
    })
}
