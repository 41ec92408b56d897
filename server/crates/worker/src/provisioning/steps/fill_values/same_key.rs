//! Handles an ordered custom value whose template key another value of the location already has. HighLevel would give
//! the second value a numbered key that no template uses, so a person decides; the question shows both spellings.

use domain::provisioning::{Choice, Question};
use ghl::custom_values::CustomValue;

use crate::provisioning::run::Run;
use crate::provisioning::step::{Stop, answer, choice, decide};

/// The answer "set the existing value instead".
const USE: &str = "use_existing";

/// Finds the value that already has the template key that this name would get.
fn holder<'a>(values: &'a [CustomValue], name: &str) -> Option<&'a CustomValue> {
    let wanted = domain::provisioning::value_key(name);
    values.iter().find(|have| {
        let own = have.field_key.as_deref().and_then(|key| key.trim_matches(['{', '}', ' ']).rsplit('.').next());
        own.map_or_else(|| domain::provisioning::value_key(&have.name), str::to_owned) == wanted
    })
}

/// Returns true if a person answered that names with the same key are one value.
fn one_value(run: &Run) -> bool {
    matches!(
        answer(&run.row(domain::provisioning::Step::FillValues).map(|row| row.input.clone()).unwrap_or_default()),
        Some((USE, _))
    )
}

/// Returns the existing value to set instead of adding one. Asks if nobody has answered yet.
pub fn chosen<'a>(run: &Run, values: &'a [CustomValue], name: &str) -> Result<Option<&'a CustomValue>, Stop> {
    match holder(values, name) {
        None => Ok(None),
        Some(have) if one_value(run) => Ok(Some(have)),
        Some(have) => Err(Stop::Ask(Box::new(question(run, name, have, None)))),
    }
}

/// Returns true if the ordered value is set under another name with the same key, as a person chose.
#[must_use]
pub fn is_set(run: &Run, values: &[CustomValue], name: &str, value: &str) -> bool {
    one_value(run) && holder(values, name).is_some_and(|have| have.value == value)
}

/// Converts HighLevel's refusal of a new value into a question. The question names the value and the existing
/// value that it may conflict with.
pub fn refused(run: &Run, values: &[CustomValue], name: &str, error: &ghl::Error) -> Stop {
    match (&error.kind, holder(values, name)) {
        (ghl::Kind::Invalid(_), Some(have)) => Stop::Ask(Box::new(question(run, name, have, Some(&error.message)))),
        (ghl::Kind::Invalid(_), None) => {
            let what =
                format!("HighLevel rejected the custom value “{name}”: {}.", error.message.trim_end_matches('.'));
            let effect = "The other custom values and tags are added, or added next.";
            Stop::Ask(Box::new(decide(run.step, &what, effect)))
        }
        _ => Stop::outside(run.step, error),
    }
}

fn question(run: &Run, name: &str, have: &CustomValue, said: Option<&str>) -> Question {
    let said = said.map(|said| format!(" HighLevel says: {}.", said.trim_end_matches('.'))).unwrap_or_default();
    let what = format!(
        "The custom value “{name}” would get the key of “{}”, which the sub-account already has.{said}",
        have.name
    );
    let effect = "Templates would keep showing the old one. Nothing was added.";
    let mut question = decide(run.step, &what, effect);
    let set = Choice {
        ..choice(USE, &format!("Set “{}” instead", have.name), "Values of one key count as one in this job.")
    };
    question.choices.insert(0, set);
    question
}
