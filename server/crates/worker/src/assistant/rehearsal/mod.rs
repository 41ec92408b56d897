//! What would the assistant say to a question, if a customer asked it now? It thinks as it does for a customer, with the
//! settings that are tried, and what comes out is shown to whoever tries them. Nothing is sent, noted or told.

mod case;

use domain::assistant::rehearsal::CaseState;
use domain::assistant::{HandOver, Source, Trace};
use domain::{AgencyId, BusinessId, RehearsalCaseId};
use store::assistant::rehearsal::{self, Outcome};
use store::queue::Claimed;

use super::ask::Cost;
use super::journal::Journal;
use super::kill::AnswerPoint;
use super::{Thought, think, words};
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;
use case::Case;

/// The question of a work item, and whose it is.
#[derive(Clone, Copy, Debug)]
struct Place {
    agency: AgencyId,
    business: BusinessId,
    case: RehearsalCaseId,
}

impl Place {
    fn of(item: &Claimed) -> Option<Self> {
        Some(Self { agency: item.agency?, business: item.business?, case: RehearsalCaseId(item.subject?) })
    }
}

/// Asks the question of a work item, unless somebody cancelled it.
pub async fn rehearse(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let Some(place) = Place::of(item) else { return Ok(()) };
    let Some(case) = case::read(worker, place).await? else { return Ok(()) };
    worker.answer_hook.at(AnswerPoint::Begun)?;
    let mut journal = Journal::new();
    let (thought, cost) = think(worker, &case.matter(place, item.attempt), &mut journal).await?;
    worker.answer_hook.at(AnswerPoint::Thought)?;
    keep(worker, place, &Told::of(thought, &case), &cost, &journal).await
}

/// Gives a question up after the last try. An error means that nobody knows of it yet.
pub async fn give_up(worker: &Worker, item: &Claimed) -> store::Result<()> {
    let Some(place) = Place::of(item) else { return Ok(()) };
    let mut tx = tenant_tx(worker, place.agency, Some(place.business)).await?;
    let outcome = Outcome {
        state: CaseState::Failed,
        answer: "",
        reason: HandOver::ProviderDown.key(),
        sources: &[],
        trace: &Trace::default(),
        provider: "",
        model: "",
        prompt_tokens: 0,
        completion_tokens: 0,
        cost_micros: None,
        latency_ms: None,
    };
    rehearsal::finish(&mut tx, place.case, &outcome).await?;
    tx.commit().await
}

/// What a thought means to whoever tries the assistant.
struct Told {
    state: CaseState,
    answer: String,
    reason: &'static str,
    sources: Vec<Source>,
}

impl Told {
    fn of(thought: Thought, case: &Case) -> Self {
        let (state, answer, reason, sources) = match thought {
            Thought::Say { text, sources } => (CaseState::Answered, text, "", sources),
            Thought::HandOver(reason) => {
                let line = case.settings.hand_over_line_in(case.language()).to_owned();
                (CaseState::HandedOver, line, reason.key(), Vec::new())
            }
            Thought::OptOut => {
                (CaseState::Quiet, words::opted_out(case.language()).to_owned(), words::OPTED_OUT, Vec::new())
            }
            Thought::Nothing(why) => (CaseState::Quiet, String::new(), why, Vec::new()),
        };
        Self { state, answer, reason, sources }
    }
}

async fn keep(worker: &Worker, place: Place, told: &Told, cost: &Cost, journal: &Journal) -> Result<(), Failed> {
    let mut tx = tenant_tx(worker, place.agency, Some(place.business)).await?;
    let outcome = Outcome {
        state: told.state,
        answer: &told.answer,
        reason: told.reason,
        sources: &told.sources,
        trace: journal.trace(),
        provider: cost.provider,
        model: &cost.model,
        prompt_tokens: cost.prompt_tokens,
        completion_tokens: cost.completion_tokens,
        cost_micros: cost.micros,
        latency_ms: Some(journal.elapsed_ms()),
    };
    rehearsal::finish(&mut tx, place.case, &outcome).await?;
    worker.answer_hook.at(AnswerPoint::Written)?;
    tx.commit().await?;
    let state = told.state.key();
    tracing::info!(event = "assistant.rehearsed", case = %place.case, state, "the assistant was asked a question for nobody");
    worker.answer_hook.at(AnswerPoint::Settled)
}
