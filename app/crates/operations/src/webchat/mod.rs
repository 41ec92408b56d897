//! Operations on web chat: a person of the business sets it up, and a visitor of its web site writes and reads. The secret
//! of the visitor's browser stands in for an actor.

mod visit;

use domain::field::FieldError;
use domain::permission::Right;
use domain::text;
use domain::web_chat::{LONGEST_GREETING, MOST_SITES, origins};
use serde_json::json;
use store::audit::{self, Act};
use store::webchat::{self, Change};

pub use self::visit::{Said, Visit, begins, exchange};
use crate::{BusinessActor, Refusal};

/// The settings of a web chat, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebChatForm {
    /// Whether it can be used.
    pub is_on: bool,
    /// The web sites that may show it, as addresses in a list.
    pub origins: String,
    /// What visitors read first.
    pub greeting: String,
}

/// Stores the settings of the business's web chat. The first time, its inbox and its key are made, too.
///
/// # Errors
/// `Forbidden` if the actor may not connect channels; `Invalid` with the fields that are wrong.
pub async fn save(actor: &BusinessActor, form: &WebChatForm) -> Result<(), Refusal> {
    let allowed = actor.require(Right::ChannelsConnect)?;
    let (origins, greeting) = checked(form).map_err(Refusal::Invalid)?;
    let mut tx = allowed.begin().await?;
    let change = Change { is_on: form.is_on, origins: &origins, greeting: &greeting };
    let channel = webchat::save(&mut tx, &change).await?;
    let act = Act::new("web_chat.changed", "channel").object(channel);
    audit::record(&mut tx, act.payload(json!({ "is_on": form.is_on, "origins": origins }))).await?;
    Ok(tx.commit().await?)
}

/// The origins and the greeting of a form.
fn checked(form: &WebChatForm) -> Result<(Vec<String>, String), Vec<FieldError>> {
    let (mut errors, greeting) = (Vec::new(), text::lines(&form.greeting));
    let sites = match origins(&form.origins) {
        Ok(sites) if sites.is_empty() && form.is_on => Err("Enter your website address.".to_owned()),
        Ok(sites) if sites.len() > MOST_SITES => Err(format!("Enter at most {MOST_SITES} websites.")),
        Ok(sites) => Ok(sites),
        Err(_) => Err("Enter addresses such as https://www.example.com, one per line.".to_owned()),
    };
    if let Err(said) = &sites {
        errors.push(FieldError::new("origins", said));
    }
    if !text::fits(&greeting, LONGEST_GREETING) {
        errors.push(FieldError::new("greeting", text::TextError::Long(LONGEST_GREETING).say("a greeting")));
    }
    sites.ok().filter(|_| errors.is_empty()).map(|sites| (sites, greeting)).ok_or(errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(is_on: bool, origins: &str, greeting: &str) -> WebChatForm {
        WebChatForm { is_on, origins: origins.to_owned(), greeting: greeting.to_owned() }
    }

    #[test]
    fn a_form_is_taken_whole_or_its_wrong_fields_are_named() {
        let many: String = (0..=MOST_SITES).map(|n| format!("site{n}.example.com\n")).collect();
        let long = "x".repeat(LONGEST_GREETING + 1);
        for (typed, wrong) in [
            (form(true, "example.com", " Hello! "), vec![]),
            (form(false, "", ""), vec![]),
            (form(true, " ", ""), vec!["origins"]),
            (form(false, "nowhere", ""), vec!["origins"]),
            (form(true, &many, &long), vec!["origins", "greeting"]),
        ] {
            let errors = checked(&typed).err().unwrap_or_default();
            let fields: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
            assert_eq!(fields, wrong, "{typed:?}");
        }
        let (sites, greeting) = checked(&form(true, "example.com", " Hello! ")).unwrap();
        assert_eq!((sites, greeting.as_str()), (vec!["https://example.com".to_owned()], "Hello!"));
    }
}
