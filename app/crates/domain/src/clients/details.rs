//! What may the data of a client be? It is cleaned and checked like that of an order.

use serde::{Deserialize, Serialize};

use crate::business::{Business, Details};
#[cfg(feature = "text")]
use crate::field::FieldError;
#[cfg(feature = "schema")]
use crate::provisioning::limits;
#[cfg(feature = "text")]
use crate::provisioning::{Client, NewJob};

/// The most characters of notes.
pub const NOTES: usize = 4_000;

/// All that a person or program may say of a client. Empty text means not given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of an order's client")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "BusinessDetails"))]
#[cfg_attr(feature = "schema", schemars(extend("required" = ["name", "country", "timezone"])))]
pub struct ClientDetails {
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME)))]
    pub name: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::EMAIL)))]
    pub email: String,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::WEBSITE)))]
    pub website: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::ADDRESS)))]
    pub address: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::PLACE)))]
    pub city: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::PLACE)))]
    pub state: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::POSTAL_CODE)))]
    pub postal_code: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(equal = limits::COUNTRY)))]
    pub country: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::TIMEZONE)))]
    pub timezone: String,
    /// For the agency alone; never sent to HighLevel.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = NOTES)))]
    pub notes: String,
}

impl From<&Business> for ClientDetails {
    fn from(business: &Business) -> Self {
        let text = |value: Option<&String>| value.cloned().unwrap_or_default();
        let details = &business.details;
        Self {
            name: business.name.clone(),
            email: text(details.email.as_ref()),
            phone: text(details.phone.as_ref()),
            website: text(details.website.as_ref()),
            address: text(details.address.as_ref()),
            city: text(details.city.as_ref()),
            state: text(details.state.as_ref()),
            postal_code: text(details.postal_code.as_ref()),
            country: text(details.country.as_ref()),
            timezone: text(details.timezone.as_ref()),
            notes: text(details.notes.as_ref()),
        }
    }
}

impl ClientDetails {
    /// Every member by its name.
    #[must_use]
    pub fn members(&self) -> [(&'static str, &str); 11] {
        [
            ("name", &self.name),
            ("email", &self.email),
            ("phone", &self.phone),
            ("website", &self.website),
            ("address", &self.address),
            ("city", &self.city),
            ("state", &self.state),
            ("postal_code", &self.postal_code),
            ("country", &self.country),
            ("timezone", &self.timezone),
            ("notes", &self.notes),
        ]
    }

    /// Calls `given` with the name of each member.
    pub fn each(given: impl Fn(&str) -> String) -> Self {
        Self {
            name: given("name"),
            email: given("email"),
            phone: given("phone"),
            website: given("website"),
            address: given("address"),
            city: given("city"),
            state: given("state"),
            postal_code: given("postal_code"),
            country: given("country"),
            timezone: given("timezone"),
            notes: given("notes"),
        }
    }

    /// The names of the members that differ from another client's.
    #[must_use]
    pub fn changed(&self, other: &Self) -> Vec<&'static str> {
        let pairs = self.members().into_iter().zip(other.members());
        pairs.filter(|(own, other)| own.1 != other.1).map(|(own, _)| own.0).collect()
    }

    /// The members as they are stored beside the name.
    #[must_use]
    pub fn details(&self) -> Details {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Details {
            email: given(&self.email),
            phone: given(&self.phone),
            website: given(&self.website),
            address: given(&self.address),
            city: given(&self.city),
            state: given(&self.state),
            postal_code: given(&self.postal_code),
            country: given(&self.country),
            timezone: given(&self.timezone),
            notes: given(&self.notes),
        }
    }

    /// The data in the form that is stored. The members of an order's client follow the same rules as there, except that
    /// neither email nor phone number is needed.
    ///
    /// # Errors
    /// One entry for each member that is not acceptable.
    #[cfg(feature = "text")]
    pub fn check(&self) -> Result<Self, Vec<FieldError>> {
        use crate::text;
        let reachable = !self.email.trim().is_empty() || !self.phone.trim().is_empty();
        let order = NewJob { client: self.client(), ..NewJob::default() };
        let (client, mut errors) = match order.check() {
            Ok(order) => (order.into_inner().client, Vec::new()),
            Err(errors) => (self.client(), errors),
        };
        errors.retain(|error| reachable || error.pointer != "/client/email");
        for error in &mut errors {
            error.pointer = error.pointer.replacen("/client", "", 1);
        }
        let client = if reachable || !errors.is_empty() { client } else { self.unreachable() };
        let notes = text::lines(&self.notes);
        if !text::fits(&notes, NOTES) {
            errors.push(FieldError::new("/notes", text::TextError::Long(NOTES).say("")));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            name: client.name,
            email: client.email,
            phone: client.phone,
            website: client.website,
            address: client.address,
            city: client.city,
            state: client.state,
            postal_code: client.postal_code,
            country: client.country,
            timezone: client.timezone,
            notes,
        })
    }

    #[cfg(feature = "text")]
    fn client(&self) -> Client {
        Client {
            name: self.name.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            website: self.website.clone(),
            address: self.address.clone(),
            city: self.city.clone(),
            state: self.state.clone(),
            postal_code: self.postal_code.clone(),
            country: self.country.clone(),
            timezone: self.timezone.clone(),
            ..Client::default()
        }
    }

    /// The cleaned data of a client that has neither email nor phone number.
    #[cfg(feature = "text")]
    fn unreachable(&self) -> Client {
        let email = "nobody@example.com".to_owned();
        let order = NewJob { client: Client { email, ..self.client() }, ..NewJob::default() };
        let cleaned = order.check().map_or_else(|_| self.client(), |order| order.into_inner().client);
        Client { email: String::new(), ..cleaned }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "text")]
    fn sound() -> ClientDetails {
        ClientDetails {
            name: "  Bright   Dental ".into(),
            email: "owner@bright.example".into(),
            phone: "(305) 555-0100".into(),
            website: "bright.example".into(),
            country: "us".into(),
            timezone: "America/New_York".into(),
            notes: " Prefers\r\nmornings ".into(),
            ..ClientDetails::default()
        }
    }

    #[cfg(feature = "text")]
    #[test]
    fn data_is_cleaned_like_that_of_an_order() {
        let checked = sound().check().unwrap();
        assert_eq!((checked.name.as_str(), checked.phone.as_str()), ("Bright Dental", "+13055550100"));
        assert_eq!((checked.website.as_str(), checked.country.as_str()), ("https://bright.example", "US"));
        assert!(checked.notes.starts_with("Prefers\n"), "{:?}", checked.notes);
        assert_eq!(checked.check().unwrap(), checked, "what is stored is accepted again");
    }

    #[cfg(feature = "text")]
    #[test]
    fn a_client_without_email_and_phone_can_be_edited_and_wrong_members_are_named() {
        let silent = ClientDetails { email: String::new(), phone: " ".into(), ..sound() };
        let checked = silent.check().unwrap();
        assert_eq!((checked.name.as_str(), checked.email.as_str(), checked.phone.as_str()), ("Bright Dental", "", ""));
        let wrong = ClientDetails { name: String::new(), email: "x".into(), timezone: "Mars".into(), ..sound() };
        let pointers: Vec<_> = wrong.check().unwrap_err().into_iter().map(|error| error.pointer).collect();
        assert_eq!(pointers, ["/name", "/email", "/timezone"]);
        let long = ClientDetails { notes: "x".repeat(NOTES + 1), ..sound() };
        assert_eq!(long.check().unwrap_err()[0].pointer, "/notes");
    }

    #[test]
    fn only_what_differs_is_named() {
        let (one, mut other) = (ClientDetails::default(), ClientDetails::default());
        assert!(one.changed(&other).is_empty());
        other.city = "Miami".into();
        other.notes = "x".into();
        assert_eq!(one.changed(&other), ["city", "notes"]);
        assert!(ClientDetails::each(str::to_owned).members().iter().all(|(name, value)| name == value));
    }
}
