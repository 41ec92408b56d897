//! VALIDATE_CLIENT validates the client's data again with the check of the form, because the input may have changed
//! since.

use domain::field::FieldError;
use domain::provisioning::{Question, QuestionKind};
use serde_json::json;
use store::provisioning as rows;

use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone, decide};

pub struct Work;

impl StepWork for Work {
    async fn find(_: &mut Run) -> Result<Option<Made>, Stop> {
        Ok(None)
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        if let Err(errors) = run.job.order.check() {
            let fields = errors
                .into_iter()
                .map(|error| FieldError::new(error.pointer.replacen("/client/", "/input/", 1), error.detail))
                .collect();
            let question = decide(run.step, "The client's details are incomplete.", "Nothing was created.");
            return Err(Stop::Ask(Box::new(Question {
                kind: QuestionKind::FixInput,
                ask: "Fix the client's details.".into(),
                fields,
                ..question
            })));
        }
        let mut tx = run.tx().await?;
        let alike = rows::duplicates(&mut tx, &run.job.order.client).await?;
        let others: Vec<String> =
            alike.into_iter().filter(|other| other.job != Some(run.job.fence.job)).map(|other| other.name).collect();
        let message = if others.is_empty() {
            "The client's details are complete.".to_owned()
        } else {
            format!("The client's details are complete. It looks like: {}.", others.join(", "))
        };
        Ok(Made::new(message, json!({ "looks_like": others })))
    }

    async fn undo(_: &mut Run) -> Result<Undone, Stop> {
        Ok(Undone::default())
    }
}
