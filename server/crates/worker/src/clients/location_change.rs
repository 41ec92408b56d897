//! Which members of its location does a change to a client set, and does a location show them already?

use domain::clients::ClientDetails;
use ghl::locations::{Location, LocationChange, Prospect};
use sha2::{Digest, Sha256};
use store::businesses::Sendable;

/// Why an e-mail address is not sent.
const NO_OWNER: &str = "HighLevel takes an email only together with the owner's first and last name, which it doesn't have. The email stays as it was there.";

/// Why a member that was emptied is not sent.
const EMPTIED: &str = "What you emptied stays as it was in HighLevel.";

/// A change as HighLevel takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What is sent, without the company.
    pub change: LocationChange,
    /// What of the change HighLevel does not take, in words.
    pub note: Option<String>,
}

impl Wanted {
    /// The change to a location that HighLevel shows like this.
    pub fn of(sendable: &Sendable, shown: &Location) -> Self {
        let details = ClientDetails::from(&sendable.business);
        let members = details.members();
        let is_changed = |name: &str| sendable.fields.iter().any(|field| field == name);
        let value = |name: &str| {
            let member = members.iter().find(|(member, _)| *member == name).map(|(_, value)| (*value).to_owned());
            member.filter(|value| is_changed(name) && !value.is_empty())
        };
        let email = value("email");
        let prospect = email.as_ref().and_then(|email| {
            let (first_name, last_name) = (shown.first_name.clone()?, shown.last_name.clone()?);
            Some(Prospect { first_name, last_name, email: email.clone() })
        });
        let emptied = members.iter().any(|(name, value)| *name != "notes" && is_changed(name) && value.is_empty());
        let notes = [(email.is_some() && prospect.is_none()).then_some(NO_OWNER), emptied.then_some(EMPTIED)];
        let note = notes.into_iter().flatten().collect::<Vec<_>>().join(" ");
        Self {
            change: LocationChange {
                name: value("name"),
                phone: value("phone"),
                address: value("address"),
                city: value("city"),
                state: value("state"),
                country: value("country"),
                postal_code: value("postal_code"),
                website: value("website"),
                timezone: value("timezone"),
                prospect,
                ..LocationChange::default()
            },
            note: Some(note).filter(|note| !note.is_empty()),
        }
    }

    /// Whether the location shows all of it already.
    pub fn is_shown(&self, shown: &Location) -> bool {
        let LocationChange {
            name, phone, address, city, state, country, postal_code, website, timezone, prospect, ..
        } = &self.change;
        let same = |wanted: Option<&str>, shown: Option<&str>| {
            wanted.is_none_or(|wanted| shown.is_some_and(|shown| shown.trim() == wanted))
        };
        let owner = prospect
            .as_ref()
            .is_none_or(|owner| shown.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(&owner.email)));
        name.as_ref().is_none_or(|name| shown.name == *name)
            && same(phone.as_deref(), shown.phone.as_deref())
            && same(address.as_deref(), shown.address.as_deref())
            && same(city.as_deref(), shown.city.as_deref())
            && same(state.as_deref(), shown.state.as_deref())
            && same(country.as_deref(), shown.country.as_deref())
            && same(postal_code.as_deref(), shown.postal_code.as_deref())
            && same(website.as_deref(), shown.website.as_deref())
            && same(timezone.as_deref(), shown.timezone.as_deref())
            && owner
    }

    /// The hash of what is sent.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(serde_json::to_vec(&self.change).unwrap_or_default()).into()
    }
}

#[cfg(test)]
mod tests {
    use domain::business::{Business, Details};
    use domain::{AgencyId, BusinessId};

    use super::*;

    fn sendable(fields: &[&str]) -> Sendable {
        let at = chrono::DateTime::UNIX_EPOCH;
        let details = Details {
            email: Some("new@bright.example".into()),
            phone: Some("+13055550100".into()),
            timezone: Some("America/New_York".into()),
            ..Details::default()
        };
        Sendable {
            version: 1,
            location: "L1".into(),
            fields: fields.iter().map(|&field| field.to_owned()).collect(),
            business: Business {
                id: BusinessId(uuid::Uuid::nil()),
                agency: AgencyId(uuid::Uuid::nil()),
                name: "Bright Dental".into(),
                slug: "bright-dental".into(),
                status: "active".into(),
                ghl_location_id: Some("L1".into()),
                details,
                created_at: at,
                archived_at: None,
                offboarded_at: None,
                offboarding: None,
                deleted_at: None,
            },
            job: None,
            is_job_left: false,
        }
    }

    #[test]
    fn only_what_was_changed_is_sent() {
        let wanted = Wanted::of(&sendable(&["phone"]), &Location::default());
        let only = LocationChange { phone: Some("+13055550100".into()), ..LocationChange::default() };
        assert_eq!((&wanted.change, &wanted.note), (&only, &None));
        let shown = Location { phone: Some("+13055550100".into()), name: "Another".into(), ..Location::default() };
        assert!(wanted.is_shown(&shown) && !wanted.is_shown(&Location::default()));
    }

    #[test]
    fn an_email_goes_with_the_owner_alone_and_what_is_not_sent_is_said() {
        let nobody = Wanted::of(&sendable(&["email", "city"]), &Location::default());
        assert_eq!(nobody.change, LocationChange::default());
        let note = nobody.note.as_deref().unwrap();
        assert!(note.contains(NO_OWNER) && note.contains(EMPTIED), "{note}");
        assert!(nobody.is_shown(&Location::default()), "nothing is left to send");
        let owned = Location {
            first_name: Some("Ana".into()),
            last_name: Some("Lee".into()),
            email: Some("old@bright.example".into()),
            ..Location::default()
        };
        let wanted = Wanted::of(&sendable(&["email"]), &owned);
        assert_eq!(wanted.change.prospect.as_ref().map(|owner| owner.email.as_str()), Some("new@bright.example"));
        assert!(wanted.note.is_none() && !wanted.is_shown(&owned));
        assert_ne!(wanted.hash(), nobody.hash());
    }
}
