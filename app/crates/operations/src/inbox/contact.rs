//! What does a person of the business correct of a contact?

use domain::ContactId;
use domain::field::FieldError;
use domain::messaging::view::ContactView;
use domain::permission::Right;
use domain::provisioning::is_email;
use domain::{phone, text};
use serde_json::json;
use store::audit::{self, Act};
use store::businesses;
use store::messaging::contacts::{self, ContactChange};

use crate::{BusinessActor, Refusal};

/// The longest name, mail address and note, in characters.
const NAME: usize = 120;
const NOTE: usize = 1000;

/// A contact, as typed. Empty fields are removed.
#[derive(Clone, Debug, Default)]
pub struct ContactForm {
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: String,
    /// The phone number. Without a country code it is read as one of the business's country.
    pub phone: String,
    /// The company.
    pub company: String,
    /// The note.
    pub note: String,
}

/// Corrects a contact. A name that a person wrote is not replaced by what platforms say.
///
/// # Errors
/// `NotFound` if there is no such contact; `Invalid` with the fields that are wrong.
pub async fn change_contact(actor: &BusinessActor, id: ContactId, form: &ContactForm) -> Result<(), Refusal> {
    change_contact_by(actor, id, |_| form.clone()).await
}

/// The same, for whoever knows only some of the fields: `change` makes the new ones of those that hold.
///
/// # Errors
/// As [`change_contact`].
pub async fn change_contact_by(
    actor: &BusinessActor,
    id: ContactId,
    change: impl FnOnce(&ContactView) -> ContactForm + Send,
) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    contacts::hold(&mut tx, id).await?;
    let known = contacts::get(&mut tx, id).await?;
    let form = change(&known);
    let business = businesses::get(&mut tx, actor.access().id).await?;
    let country = business.details.country.filter(|code| code.len() == 2).unwrap_or_else(|| "US".to_owned());
    let change = checked(&form, &country).map_err(Refusal::Invalid)?;
    let fields = [
        ("name", known.name == change.name),
        ("email", known.email == change.email),
        ("phone", known.phone == change.phone),
        ("company", known.company == change.company),
        ("note", known.note == change.note),
    ];
    let fields: Vec<_> = fields.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect();
    contacts::change(&mut tx, id, &change).await?;
    let act = Act::new("contact.changed", "contact").object(id);
    audit::record(&mut tx, act.payload(json!({ "fields": fields }))).await?;
    Ok(tx.commit().await?)
}

fn checked(form: &ContactForm, country: &str) -> Result<ContactChange, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut line = |field: &str, typed: &str| {
        text::optional(typed, NAME).unwrap_or_else(|error| {
            errors.push(FieldError::new(field, error.say("")));
            String::new()
        })
    };
    let (name, company) = (line("name", &form.name), line("company", &form.company));
    let email = Some(text::address(&form.email)).filter(|email| !email.is_empty());
    if email.as_deref().is_some_and(|email| !is_email(email) || email.len() > 254) {
        errors.push(FieldError::new("email", "Enter an address such as ana@example.com, or leave this empty."));
    }
    let typed = text::line(&form.phone);
    let phone = phone::read(&typed, country);
    if phone.is_none() && !typed.is_empty() {
        errors.push(FieldError::new("phone", "Enter a number such as +1 305 555 0100, or leave this empty."));
    }
    let note = text::lines(&form.note);
    if !text::fits(&note, NOTE) {
        errors.push(FieldError::new("note", text::TextError::Long(NOTE).say("")));
    }
    if errors.is_empty() { Ok(ContactChange { name, email, phone, company, note }) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(form: &ContactForm) -> Vec<String> {
        checked(form, "US").err().unwrap_or_default().into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn every_wrong_field_is_named_and_an_empty_contact_is_fine() {
        assert_eq!(fields(&ContactForm::default()), Vec::<String>::new());
        let wrong = ContactForm {
            name: "a".repeat(121),
            email: "ana@".to_owned(),
            phone: "12".to_owned(),
            company: "b".repeat(121),
            note: "c".repeat(1001),
        };
        assert_eq!(fields(&wrong), ["name", "company", "email", "phone", "note"]);
        let right =
            ContactForm { name: " Ana  Diaz ".into(), phone: "(305) 555-0100".into(), ..ContactForm::default() };
        let change = checked(&right, "US").unwrap();
        assert_eq!((change.name.as_str(), change.phone.as_deref()), ("Ana Diaz", Some("+13055550100")));
    }
}
