//! Checks that an order for a new business is complete and valid. The form, the API and the seed all use this
//! check.
//! Every error names its field by JSON pointer. Valid values are cleaned and normalized.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use super::zones::is_timezone;
use super::{Client, NewJob, NewUser, is_country, limits};
use crate::field::FieldError;
use crate::{phone, text};

/// An order that passed the check; only [`NewJob::check`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked(NewJob);

impl Deref for Checked {
    type Target = NewJob;
    fn deref(&self) -> &NewJob {
        &self.0
    }
}

impl Checked {
    /// The normalized order.
    #[must_use]
    pub fn into_inner(self) -> NewJob {
        self.0
    }
}

impl NewJob {
    /// Checks every field. Returns either the normalized order or all errors at once.
    ///
    /// # Errors
    /// One entry per field that is not valid.
    pub fn check(&self) -> Result<Checked, Vec<FieldError>> {
        let mut errors = Errors::default();
        let client = client(&self.client, &mut errors);
        if self.invite_owner && client.email.is_empty() {
            errors.add("/client/email".into(), "Enter the owner's email address, or don't invite the owner.");
        }
        let job = Self {
            client,
            snapshot_id: self.snapshot_id,
            users: users(&self.users, &mut errors),
            custom_values: custom_values(&self.custom_values, &mut errors),
            tags: tags(&self.tags, &mut errors),
            invite_owner: self.invite_owner,
            create_anyway: self.create_anyway,
        };
        if errors.0.is_empty() { Ok(Checked(job)) } else { Err(errors.0) }
    }
}

/// A JSON pointer from its parts, escaped.
#[must_use]
pub fn pointer(parts: &[&str]) -> String {
    parts.iter().map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1"))).collect()
}

#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn add(&mut self, pointer: String, detail: impl Into<String>) {
        if !self.0.iter().any(|error| error.pointer == pointer) {
            self.0.push(FieldError { pointer, detail: detail.into() });
        }
    }

    /// Cleans a text of one line with at most `most` characters.
    fn text(&mut self, pointer: &str, value: &str, most: usize) -> String {
        text::optional(value, most).unwrap_or_else(|wrong| {
            self.add(pointer.into(), wrong.say(""));
            text::line(value)
        })
    }

    fn required(&mut self, pointer: &str, value: &str, most: usize, what: &str) -> String {
        let value = self.text(pointer, value, most);
        if value.is_empty() {
            self.add(pointer.into(), format!("Enter {what}."));
        }
        value
    }
}

fn client(raw: &Client, errors: &mut Errors) -> Client {
    let client = Client {
        name: errors.required("/client/name", &raw.name, limits::NAME, "the business name"),
        email: email(&raw.email, "/client/email", errors),
        phone: phone(&raw.phone, &raw.country, "/client/phone", errors),
        first_name: errors.text("/client/first_name", &raw.first_name, limits::PERSON_NAME),
        last_name: errors.text("/client/last_name", &raw.last_name, limits::PERSON_NAME),
        website: website(&raw.website, "/client/website", errors),
        address: errors.text("/client/address", &raw.address, limits::ADDRESS),
        city: errors.text("/client/city", &raw.city, limits::PLACE),
        state: errors.text("/client/state", &raw.state, limits::PLACE),
        postal_code: errors.text("/client/postal_code", &raw.postal_code, limits::POSTAL_CODE),
        country: errors.required("/client/country", &raw.country, limits::COUNTRY, "the country").to_uppercase(),
        timezone: errors.required("/client/timezone", &raw.timezone, limits::TIMEZONE, "the time zone"),
    };
    if !client.country.is_empty() && !is_country(&client.country) {
        errors.add("/client/country".into(), "Use a two-letter country code that HighLevel offers, such as US.");
    }
    if !client.timezone.is_empty() && !is_timezone(&client.timezone) {
        errors.add("/client/timezone".into(), "Use the name of a time zone, such as America/New_York.");
    }
    if client.email.is_empty() && client.phone.is_empty() {
        errors.add("/client/email".into(), "Enter an email address or a phone number.");
    }
    client
}

fn users(raw: &[NewUser], errors: &mut Errors) -> Vec<NewUser> {
    if raw.len() > limits::USERS {
        errors.add("/users".into(), format!("Add at most {} users.", limits::USERS));
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    raw.iter()
        .enumerate()
        .map(|(index, user)| {
            let at = |field: &str| pointer(&["users", &index.to_string(), field]);
            let address = errors.required(&at("email"), &user.email, limits::EMAIL, "the user's email address");
            let address = email(&address, &at("email"), errors);
            if !address.is_empty() && !seen.insert(address.to_lowercase()) {
                errors.add(at("email"), "This email is already in the list.");
            }
            NewUser {
                first_name: errors.required(
                    &at("first_name"),
                    &user.first_name,
                    limits::PERSON_NAME,
                    "the user's first name",
                ),
                last_name: errors.required(
                    &at("last_name"),
                    &user.last_name,
                    limits::PERSON_NAME,
                    "the user's last name",
                ),
                email: address,
                role: user.role,
            }
        })
        .collect()
}

fn custom_values(raw: &BTreeMap<String, String>, errors: &mut Errors) -> BTreeMap<String, String> {
    if raw.len() > limits::VALUES {
        errors.add("/custom_values".into(), format!("Add at most {} custom values.", limits::VALUES));
        return BTreeMap::new();
    }
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut values = BTreeMap::new();
    for (name, value) in raw {
        let at = pointer(&["custom_values", name]);
        let name = errors.required(&at, name, limits::VALUE_NAME, "a name for the value");
        // HighLevel may refuse an empty value, so an empty value is never sent.
        let value = errors.long_text(&at, value, limits::VALUE);
        if let Some(other) = seen.insert(value_key(&name), name.clone()) {
            errors.add(at, same_key(&other, &name));
        }
        values.insert(name, value);
    }
    values
}

/// The error message for two custom values whose names have the same key in templates.
#[must_use]
pub fn same_key(one: &str, other: &str) -> String {
    let which =
        if one == other { format!("Two values named “{one}”") } else { format!("“{one}” and “{other}”") };
    format!("{which} get the same key in HighLevel's templates. Rename one or remove it.")
}

/// The key of a custom value in HighLevel's templates: lower case, with its words joined by underscores. Two names
/// with the same key are the same value in a template.
#[must_use]
pub fn value_key(name: &str) -> String {
    let lower = text::folded(name);
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    // A name without letters and digits has no such key.
    if words.is_empty() { lower.trim().to_owned() } else { words.join("_") }
}

impl Errors {
    /// A required text that may contain line breaks.
    fn long_text(&mut self, pointer: &str, value: &str, most: usize) -> String {
        let value = text::lines(value);
        if value.is_empty() {
            self.add(pointer.into(), "Enter a value, or remove the line.");
        } else if !text::fits(&value, most) {
            self.add(pointer.into(), text::TextError::Long(most).say(""));
        }
        value
    }
}

fn tags(raw: &[String], errors: &mut Errors) -> Vec<String> {
    if raw.len() > limits::TAGS {
        errors.add("/tags".into(), format!("Add at most {} tags.", limits::TAGS));
        return Vec::new();
    }
    let mut tags: Vec<String> = Vec::new();
    for (index, tag) in raw.iter().enumerate() {
        // HighLevel lower-cases tags, so we compare and send them that way.
        let tag = errors.text(&pointer(&["tags", &index.to_string()]), tag, limits::TAG).to_lowercase();
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

fn email(raw: &str, at: &str, errors: &mut Errors) -> String {
    let value = errors.text(at, &text::address(raw), limits::EMAIL);
    if !value.is_empty() && !is_email(&value) {
        errors.add(at.into(), "Use an email address such as ana@example.com.");
    }
    value
}

/// Whether a text is an e-mail address that a mail server would accept: one `@`, a dot-atom before it and a dotted
/// host name after it (RFC 5322 without comments, quotes and address literals).
#[must_use]
pub fn is_email(value: &str) -> bool {
    // Only ASCII is accepted: many mail servers take nothing else, and wide or accented letters can look like
    // another address.
    let Some((local, host)) = value.rsplit_once('@').filter(|_| value.is_ascii()) else { return false };
    let atom = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c))
    };
    local.len() <= 64 && local.split('.').all(atom) && host.contains('.') && is_host(host)
}

fn is_host(host: &str) -> bool {
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    host.len() <= 253
        && host.split('.').all(label)
        && !host.rsplit('.').next().is_some_and(|last| last.chars().all(|c| c.is_ascii_digit()))
}

/// A phone number in international form. If it cannot be read, it stays as typed and an error is added.
fn phone(raw: &str, country: &str, at: &str, errors: &mut Errors) -> String {
    let value = text::line(raw);
    if value.is_empty() {
        return value;
    }
    phone::read(&value, &text::line(country)).unwrap_or_else(|| {
        errors.add(
            at.into(),
            "Use the international form of the phone number, such as +13055550100, without an extension.",
        );
        value
    })
}

/// A web address; `https://` is added if it has no scheme.
fn website(raw: &str, at: &str, errors: &mut Errors) -> String {
    let typed = errors.text(at, raw, limits::WEBSITE);
    if typed.is_empty() {
        return typed;
    }
    let full = if typed.contains("://") { typed } else { format!("https://{typed}") };
    let sound = url::Url::parse(&full).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.domain().is_some_and(|host| host.contains('.') && is_host(host))
    });
    if !sound {
        errors.add(at.into(), "Use a website address such as https://example.com.");
    }
    full
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
