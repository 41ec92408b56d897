//! How does a person see an answer of the test chat while it is written? In steps: what is said so far is kept with the
//! question and shown, as far as it passes the checks of an answer. What counts is the whole answer, which is judged as ever.

use std::time::Duration;

use domain::RehearsalCaseId;
use domain::assistant::{guard, rules};
use model::{Client, Error, Reply};
use outbound::CallContext;
use store::assistant::rehearsal;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::matter::Matter;
use super::prompt::Prompt;
use crate::Worker;
use crate::integrations::tokens::tenant_tx;

/// The time between two looks at what is said so far, so that an answer has a bounded number of writes, however many pieces it
/// has.
const STEP: Duration = Duration::from_millis(700);

/// Asks the model, and keeps what it says so far with the question. Nothing is left of an answer that fails.
pub(super) async fn answer(
    worker: &Worker,
    client: &Client,
    matter: &Matter<'_>,
    prompt: &Prompt,
    case: RehearsalCaseId,
    about: &CallContext,
) -> Result<Reply, Error> {
    let (said, heard) = watch::channel(String::new());
    let asked = async move {
        let answered = client.answer_streamed(&prompt.request, about, &said).await;
        // Nothing more is said.
        drop(said);
        answered
    };
    let mut steps = Steps { said: heard, step: worker.time_scale.of(STEP) };
    let shown = async {
        while let Some(so_far) = steps.next().await {
            if let Some(text) = fit(&so_far, matter, prompt) {
                keep(worker, matter, case, &text).await;
            }
        }
    };
    let (answered, ()) = tokio::join!(asked, shown);
    if answered.is_err() {
        keep(worker, matter, case, "").await;
    }
    answered
}

/// What is said so far, at most once in a step.
struct Steps {
    said: watch::Receiver<String>,
    step: Duration,
}

impl Steps {
    /// The text at the end of the next step in which it grew. `None` as soon as nothing more is said.
    async fn next(&mut self) -> Option<String> {
        loop {
            let end = Instant::now() + self.step;
            let mut grew = false;
            loop {
                match timeout_at(end, self.said.changed()).await {
                    Ok(Ok(())) => grew = true,
                    Ok(Err(_)) => return None,
                    Err(_) => break,
                }
            }
            if grew {
                return Some(self.said.borrow().clone());
            }
        }
    }
}

/// What may be shown of a text that is still written: its whole words, if an answer might say them.
fn fit(so_far: &str, matter: &Matter<'_>, prompt: &Prompt) -> Option<String> {
    let end = so_far.rfind(char::is_whitespace)?;
    let passages: Vec<&str> = matter.passages.iter().map(|passage| passage.content.as_str()).collect();
    let text = guard::check(&so_far[..end], &prompt.context(matter, &passages)).ok()?;
    rules::never_topic(&text, matter.settings).is_none().then_some(text)
}

/// Keeps what is said so far. If that fails, whoever waits sees it with the next step or with the answer.
async fn keep(worker: &Worker, matter: &Matter<'_>, case: RehearsalCaseId, so_far: &str) {
    let kept = async {
        let mut tx = tenant_tx(worker, matter.agency, Some(matter.business)).await?;
        rehearsal::saying(&mut tx, case, so_far).await?;
        tx.commit().await
    };
    if let Err(error) = kept.await {
        tracing::warn!(event = "assistant.unshown", %case, %error, "what is said so far of an answer could not be shown");
    }
}

#[cfg(test)]
mod tests {
    use domain::assistant::settings::Settings;
    use domain::language::Language;
    use domain::messaging::{AiMode, Channel};
    use domain::{AgencyId, BusinessId};
    use uuid::Uuid;

    use super::super::judge::Counted;
    use super::super::prompt;
    use super::*;

    #[test]
    fn whole_words_are_shown_that_an_answer_might_say() {
        let settings = Settings { never: vec!["refund".to_owned()], ..Settings::default() };
        let counted = Counted::default();
        let matter = Matter {
            agency: AgencyId(Uuid::nil()),
            business: BusinessId(Uuid::nil()),
            answer: None,
            watched: None,
            attempt: 1,
            waited: Duration::ZERO,
            mode: AiMode::Auto,
            settings: &settings,
            language: Language::English,
            kind: Channel::Webchat,
            contact_name: "",
            contact_phone: None,
            contact_email: None,
            business_name: "Shop",
            open: &[],
            earlier: &[],
            question: "Price?",
            passages: &[],
            counted: &counted,
        };
        let prompt = prompt::write(&matter);
        let leak = format!("The reference is {} of course", prompt.canary);
        for (so_far, shown) in [
            ("A cleaning co", Some("A cleaning")),
            ("A cleaning ", Some("A cleaning")),
            ("<b onclick=alert(1)>Hi</b> <i", Some("<b onclick=alert(1)>Hi</b>")),
            ("Cleaning", None),
            ("", None),
            ("We give a refund to", None),
            ("See https://evil.example/x now", None),
            (leak.as_str(), None),
        ] {
            assert_eq!(fit(so_far, &matter, &prompt).as_deref(), shown, "{so_far}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn however_many_pieces_there_are_each_step_shows_one_text() {
        let (said, heard) = watch::channel(String::new());
        let mut steps = Steps { said: heard, step: STEP };
        let speaks = async move {
            for _ in 0..100 {
                said.send_modify(|text| text.push('x'));
                tokio::time::sleep(STEP / 50).await;
            }
            tokio::time::sleep(STEP * 5).await;
            drop(said);
        };
        let shown = async {
            let mut shown = Vec::new();
            while let Some(text) = steps.next().await {
                shown.push(text.len());
            }
            shown
        };
        let ((), shown) = tokio::join!(speaks, shown);
        assert!((2..=3).contains(&shown.len()) && shown.is_sorted() && shown.last() == Some(&100), "{shown:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_there_waits_for_no_step() {
        let (said, heard) = watch::channel(String::new());
        let mut steps = Steps { said: heard, step: Duration::from_secs(3600) };
        said.send_replace("At nine.".to_owned());
        drop(said);
        let begun = Instant::now();
        assert_eq!(steps.next().await, None);
        assert!(begun.elapsed() < STEP);
    }
}
