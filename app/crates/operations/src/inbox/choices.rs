//! Which answers does a person put below a message, so that the customer gives one with one tap?

use domain::messaging::Channel;
use domain::messaging::choices::{LONGEST, MOST, Unfit, check, typed};
use serde_json::{Value, json};

use crate::Refusal;

/// The field of the form.
const FIELD: &str = "choices";
/// The most characters of the field.
const LONGEST_FIELD: usize = 1000;

/// The details of a message with these answers below it, one on each line; empty ones without answers.
///
/// # Errors
/// `Invalid` if the channel has no such answers, or they or the text do not fit.
pub(super) fn details(channel: Channel, lines: &str, body: &str) -> Result<Value, Refusal> {
    if lines.chars().count() > LONGEST_FIELD {
        return Err(unfit(Unfit::Many));
    }
    let choices = typed(lines);
    check(channel, &choices, body).map_err(unfit)?;
    Ok(if choices.is_empty() { json!({}) } else { json!({ FIELD: choices }) })
}

/// Refuses answers to tap together with files: a message behind them takes them from the customer's sight.
///
/// # Errors
/// `Invalid` if the details have answers and the form has files.
pub(super) fn without_files(details: &Value, has_files: bool) -> Result<(), Refusal> {
    if has_files && details.get(FIELD).is_some() {
        return Err(Refusal::field(FIELD, "Send files and reply buttons in separate messages."));
    }
    Ok(())
}

fn unfit(unfit: Unfit) -> Refusal {
    let text = match unfit {
        Unfit::Channel => "This channel doesn't support reply buttons.".to_owned(),
        Unfit::Many => format!("Write at most {MOST} reply buttons, one per line."),
        Unfit::Long => format!("A reply button has at most {LONGEST} characters."),
        Unfit::Twice => "Two reply buttons are the same.".to_owned(),
        Unfit::Text(most) => format!("A message with reply buttons has at most {most} characters."),
    };
    Refusal::field(FIELD, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_become_details_and_what_does_not_fit_is_refused_at_the_field() {
        assert_eq!(details(Channel::Email, " \n", "Hi").expect("nothing to tap"), json!({}));
        let yes_no = details(Channel::Whatsapp, "Yes\nNo", "Hi").expect("two answers");
        assert_eq!(yes_no, json!({ "choices": ["Yes", "No"] }));
        assert!(without_files(&yes_no, false).is_ok() && without_files(&json!({}), true).is_ok());
        for refused in [
            details(Channel::Webchat, "Yes", "Hi").expect_err("no such channel"),
            details(Channel::Whatsapp, &"x\n".repeat(501), "Hi").expect_err("a long field"),
            details(Channel::Whatsapp, "Yes\nYes", "Hi").expect_err("twins"),
            without_files(&yes_no, true).expect_err("files"),
        ] {
            let Refusal::Invalid(errors) = refused else { panic!("{refused}") };
            assert_eq!(errors[0].pointer, "choices");
        }
    }
}
