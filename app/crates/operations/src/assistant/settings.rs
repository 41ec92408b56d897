//! How do the settings of an assistant change? They are saved, which changes nothing yet, and published as a version, which
//! the next answer follows. An older version is saved again before it is published again.

use domain::assistant::settings::{Problem, Service, Settings};
use domain::field::FieldError;
use domain::permission::Right;
use domain::text;
use serde_json::json;
use store::assistant::settings as stored;
use store::audit::{self, Act};

use crate::{BusinessActor, Refusal};

/// Saves settings. What was published goes on until they are published.
///
/// # Errors
/// `Invalid` with the fields that are wrong.
pub async fn save(actor: &BusinessActor, typed: &Settings) -> Result<(), Refusal> {
    let allowed = actor.require(Right::AssistantManage)?;
    let settings = cleaned(typed);
    let wrong = settings.check();
    if !wrong.is_empty() {
        let errors = wrong.into_iter().map(|(field, problem)| FieldError::new(field, sentence(field, problem)));
        return Err(Refusal::Invalid(errors.collect()));
    }
    let mut tx = allowed.begin().await?;
    let known = stored::get(&mut tx).await?;
    let fields: Vec<_> = settings.diff(&known.settings).into_iter().map(|change| change.field).collect();
    stored::save(&mut tx, &settings).await?;
    let act = Act::new("assistant.changed", "assistant").object(actor.access().id);
    audit::record(&mut tx, act.payload(json!({ "fields": fields }))).await?;
    Ok(tx.commit().await?)
}

/// Puts the saved settings into use, and returns the number of the new version.
///
/// # Errors
/// `State` if they are in use already.
pub async fn publish(actor: &BusinessActor) -> Result<i32, Refusal> {
    let mut tx = actor.require(Right::AssistantManage)?.begin().await?;
    let known = stored::get(&mut tx).await?;
    if known.published.as_ref() == Some(&known.settings) {
        return Err(Refusal::State("Your saved settings are already live, so there's nothing to publish.".to_owned()));
    }
    let version = stored::publish(&mut tx, actor.user()).await?;
    let act = Act::new("assistant.published", "assistant").object(actor.access().id);
    audit::record(&mut tx, act.payload(json!({ "version": version }))).await?;
    tx.commit().await?;
    Ok(version)
}

/// Saves the settings of a version again. What was published goes on until they are published.
///
/// # Errors
/// `NotFound` if there is no such version.
pub async fn restore(actor: &BusinessActor, version: i32) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::AssistantManage)?.begin().await?;
    let settings = stored::version(&mut tx, version).await?.ok_or(Refusal::NotFound)?;
    stored::save(&mut tx, &settings).await?;
    let act = Act::new("assistant.restored", "assistant").object(actor.access().id);
    audit::record(&mut tx, act.payload(json!({ "version": version }))).await?;
    Ok(tx.commit().await?)
}

/// The settings without what nobody can see, and without empty entries.
fn cleaned(typed: &Settings) -> Settings {
    let entries = |typed: &[String]| {
        typed.iter().map(|entry| text::line(entry)).filter(|entry| !entry.is_empty()).collect::<Vec<_>>()
    };
    let service = |typed: &Service| Service {
        name: text::line(&typed.name),
        description: text::lines(&typed.description),
        price: text::line(&typed.price),
    };
    Settings {
        name: text::line(&typed.name),
        personality: text::lines(&typed.personality),
        greeting: text::lines(&typed.greeting),
        instructions: text::lines(&typed.instructions),
        services: typed.services.iter().map(service).filter(|service| *service != Service::default()).collect(),
        disclosure: text::lines(&typed.disclosure),
        never: entries(&typed.never),
        hand_over_words: entries(&typed.hand_over_words),
        hand_over_line: text::lines(&typed.hand_over_line),
        links: entries(&typed.links),
        ..typed.clone()
    }
}

/// What is wrong with a field, for people.
fn sentence(field: &str, problem: Problem) -> String {
    match problem {
        Problem::Empty if field == "services" => "Begin each line with the name of the service.".to_owned(),
        Problem::Empty => "Enter a name.".to_owned(),
        Problem::Long(most) => text::TextError::Long(most).say(""),
        Problem::Many(most) => format!("Use at most {most} lines."),
        Problem::Outside(from, to) => format!("Enter a number in the range {from}\u{2013}{to}."),
        Problem::NoAddress => "Enter a host such as www.example.com, or a whole address, on each line.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_can_see_is_removed_and_cleaning_twice_changes_nothing() {
        let typed = Settings {
            name: " So\u{0}l\u{200b} ".into(),
            instructions: "One\r\n\r\nTwo\u{202e}".into(),
            never: vec![" Refunds ".into(), "\u{200b}".into(), String::new()],
            services: vec![Service::default(), Service { name: " Cleaning ".into(), ..Service::default() }],
            ..Settings::default()
        };
        let clean = cleaned(&typed);
        assert_eq!((clean.name.as_str(), clean.instructions.as_str()), ("Sol", "One\n\nTwo"));
        assert_eq!(clean.never, ["Refunds"]);
        assert_eq!(clean.services.iter().map(|service| service.name.as_str()).collect::<Vec<_>>(), ["Cleaning"]);
        assert_eq!(cleaned(&clean), clean);
        assert_eq!(cleaned(&Settings::default()), Settings::default());
    }

    #[test]
    fn every_problem_is_a_sentence() {
        let problems = [Problem::Empty, Problem::Long(7), Problem::Many(7), Problem::Outside(1, 7), Problem::NoAddress];
        for problem in problems {
            let said = sentence("name", problem);
            assert!(said.ends_with('.') && said.starts_with(char::is_uppercase), "{said}");
        }
        assert_ne!(sentence("name", Problem::Empty), sentence("services", Problem::Empty));
    }
}
