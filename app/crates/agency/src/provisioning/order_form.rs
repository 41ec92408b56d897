//! Writes the order for a new business as a flat form, and reads it back. Field names are the JSON pointers of the
//! order, so the errors of the order's check belong to their fields. Rows of users and custom values are numbered.
//! Custom values are checked by name, and their errors are mapped back to their row.

use std::collections::BTreeMap;

use domain::SnapshotId;
use domain::field::FieldError;
use domain::presets;
use domain::provisioning::{
    Checked, Client, NewJob, NewUser, UserRole, is_timezone, pointer, same_key, zone_named, zone_of_place,
};

/// What was typed, by field name.
pub type Fields = BTreeMap<String, String>;

/// Maximum number of rows in a form. The order itself allows no more users.
const MOST_ROWS: usize = 50;

/// The field with the zone that counts when neither somebody nor the address says one.
pub const LAST_ZONE: &str = "last_zone";

/// The members of the order's `client`, by name.
pub const CLIENT: [&str; 12] = [
    "name",
    "email",
    "phone",
    "first_name",
    "last_name",
    "website",
    "address",
    "city",
    "state",
    "postal_code",
    "country",
    "timezone",
];

/// Mutable access to a member of the order's `client`; `None` if it has no member of that name.
pub fn member<'a>(client: &'a mut Client, name: &str) -> Option<&'a mut String> {
    Some(match name {
        "name" => &mut client.name,
        "email" => &mut client.email,
        "phone" => &mut client.phone,
        "first_name" => &mut client.first_name,
        "last_name" => &mut client.last_name,
        "website" => &mut client.website,
        "address" => &mut client.address,
        "city" => &mut client.city,
        "state" => &mut client.state,
        "postal_code" => &mut client.postal_code,
        "country" => &mut client.country,
        "timezone" => &mut client.timezone,
        _ => return None,
    })
}

fn text<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", |value| value.trim())
}

/// How many rows of a kind (`users`, `custom_values`) the form shows: the number that it posted, but enough for
/// every row that contains something, and at least `least`.
#[must_use]
pub fn rows(fields: &Fields, kind: &str, least: usize) -> usize {
    let said = text(fields, &format!("rows_{kind}")).parse().unwrap_or(least);
    let used =
        fields.iter().filter(|(_, value)| !value.trim().is_empty()).filter_map(|(name, _)| row_of(name, kind)).max();
    said.max(used.map_or(0, |last| last + 1)).clamp(least, MOST_ROWS)
}

/// The row number in a field name, such as the 3 in `/users/3/email`.
fn row_of(name: &str, kind: &str) -> Option<usize> {
    let rest = name.strip_prefix('/')?.strip_prefix(kind)?.strip_prefix('/')?;
    let (number, member) = rest.split_once('/')?;
    // A role is always selected, so it does not count as content of a row.
    if member == "role" { None } else { number.parse().ok().filter(|at| *at < MOST_ROWS) }
}

/// The order as typed, and the rows that its parts came from.
#[derive(Debug)]
pub struct Typed {
    /// The order.
    pub order: NewJob,
    /// Where its time zone comes from, if nobody typed it: "from the address".
    pub zone_from: Option<&'static str>,
    /// Row of the form for each user of the order.
    users: Vec<usize>,
    /// Row of the form for each custom value, by its name as typed.
    values: BTreeMap<String, usize>,
    /// Errors of values that cannot be put into an order at all.
    early: Vec<FieldError>,
}

/// Reads a form.
#[must_use]
pub fn read(fields: &Fields) -> Typed {
    let mut client = Client::default();
    for name in CLIENT {
        if let Some(member) = member(&mut client, name) {
            *member = text(fields, &format!("/client/{name}")).to_owned();
        }
    }
    let zone_from = zone(&mut client, text(fields, LAST_ZONE));
    let mut early = Vec::new();
    let snapshot = text(fields, "/snapshot_id");
    let snapshot_id = snapshot.parse::<SnapshotId>().ok();
    if !snapshot.is_empty() && snapshot_id.is_none() {
        early.push(FieldError::new("/snapshot_id", "Choose one of the snapshots listed."));
    }
    let (users, user_rows) = users(fields);
    let (custom_values, values) = custom_values(fields, &mut early);
    let order = NewJob {
        client,
        snapshot_id,
        users,
        custom_values,
        tags: text(fields, "/tags")
            .split([',', '\n'])
            .map(|tag| tag.trim().to_owned())
            .filter(|tag| !tag.is_empty())
            .collect(),
        invite_owner: text(fields, "/invite_owner") == "on",
        create_anyway: fields.contains_key("create_anyway"),
    };
    Typed { order, zone_from, users: user_rows, values, early }
}

/// Replaces a typed zone by its name. An empty one becomes that of the address, or else the last client's; returns
/// which.
fn zone(client: &mut Client, last: &str) -> Option<&'static str> {
    if !client.timezone.is_empty() {
        client.timezone = zone_named(&client.timezone).unwrap_or_else(|| std::mem::take(&mut client.timezone));
        return None;
    }
    let of_place = zone_of_place(&client.country, &client.state, &client.postal_code);
    let (found, from) = match of_place {
        Some(zone) => (zone, "from the address"),
        None if is_timezone(last) => (last, "like your last client"),
        None => return None,
    };
    found.clone_into(&mut client.timezone);
    Some(from)
}

/// A changed member of the order's `client`, from the form for changed input. A time zone is read by what people call
/// it.
#[must_use]
pub fn changed(fields: &Fields, name: &str) -> Option<String> {
    let typed = fields.get(&format!("/input/{name}"))?;
    let zone = if name == "timezone" { zone_named(typed) } else { None };
    Some(zone.unwrap_or_else(|| typed.clone()))
}

/// The users of all rows that contain something, and the numbers of these rows.
fn users(fields: &Fields) -> (Vec<NewUser>, Vec<usize>) {
    (0..rows(fields, "users", 0))
        .filter_map(|row| {
            let part = |member: &str| text(fields, &format!("/users/{row}/{member}")).to_owned();
            let user = NewUser {
                first_name: part("first_name"),
                last_name: part("last_name"),
                email: part("email"),
                role: if part("role") == "admin" { UserRole::Admin } else { UserRole::User },
            };
            let empty = user.first_name.is_empty() && user.last_name.is_empty() && user.email.is_empty();
            (!empty).then_some((user, row))
        })
        .unzip()
}

fn custom_values(fields: &Fields, early: &mut Vec<FieldError>) -> (BTreeMap<String, String>, BTreeMap<String, usize>) {
    let mut values = BTreeMap::new();
    let mut at = BTreeMap::new();
    for row in 0..rows(fields, "custom_values", 0) {
        let name = text(fields, &format!("/custom_values/{row}/name"));
        let value = text(fields, &format!("/custom_values/{row}/value"));
        if name.is_empty() && value.is_empty() {
            continue;
        }
        if name.is_empty() {
            early.push(FieldError::new(format!("/custom_values/{row}/name"), "Enter a name for the value."));
        } else if at.insert(name.to_owned(), row).is_some() {
            early.push(FieldError::new(format!("/custom_values/{row}/name"), same_key(name, name)));
        } else {
            values.insert(name.to_owned(), value.to_owned());
        }
    }
    (values, at)
}

impl Typed {
    /// The normalised order, or every error with its field.
    ///
    /// # Errors
    /// One entry per field that is not acceptable.
    pub fn check(&self) -> Result<Checked, Vec<FieldError>> {
        let mut errors = self.early.clone();
        match self.order.check() {
            Ok(checked) if errors.is_empty() => return Ok(checked),
            Ok(_) => {}
            Err(found) => errors.extend(found.into_iter().map(|error| self.place(error))),
        }
        Err(errors)
    }

    /// The order as a preset keeps it, or every error in what a preset keeps.
    ///
    /// # Errors
    /// One entry per field that is not acceptable.
    pub fn kept(&self) -> Result<NewJob, Vec<FieldError>> {
        let mut kept = presets::kept(&self.order);
        if self.zone_from.is_some() {
            kept.client.timezone.clear();
        }
        let given = |pointer: &str| match pointer {
            "/client/country" => !kept.client.country.is_empty(),
            "/client/timezone" => !kept.client.timezone.is_empty(),
            other => !other.starts_with("/client/"),
        };
        let errors: Vec<FieldError> =
            self.check().err().into_iter().flatten().filter(|error| given(&error.pointer)).collect();
        if errors.is_empty() { Ok(kept) } else { Err(errors) }
    }

    /// Maps an error of the order to the field of the form.
    fn place(&self, error: FieldError) -> FieldError {
        let FieldError { pointer: at, detail } = error;
        if at.starts_with("/tags/") {
            return FieldError::new("/tags", detail);
        }
        if let Some((number, member)) = at.strip_prefix("/users/").and_then(|rest| rest.split_once('/')) {
            let row = number.parse::<usize>().ok().and_then(|number| self.users.get(number).copied()).unwrap_or(0);
            return FieldError::new(format!("/users/{row}/{member}"), detail);
        }
        if let Some((_, row)) = self.values.iter().find(|(name, _)| pointer(&["custom_values", name]) == at) {
            // The check reports the pair. An error about the name contains "name" or its limit, 120.
            let named = detail.contains("name") || detail.contains(" 120 ");
            return FieldError::new(format!("/custom_values/{row}/{}", if named { "name" } else { "value" }), detail);
        }
        FieldError { pointer: at, detail }
    }
}

/// An order as the fields of a form: to start over, or to create another like it.
#[must_use]
pub fn write(order: &NewJob) -> Fields {
    let mut client = order.client.clone();
    let mut fields = Fields::new();
    for name in CLIENT {
        if let Some(value) = member(&mut client, name) {
            fields.insert(format!("/client/{name}"), std::mem::take(value));
        }
    }
    if let Some(snapshot) = order.snapshot_id {
        fields.insert("/snapshot_id".to_owned(), snapshot.to_string());
    }
    for (row, user) in order.users.iter().enumerate() {
        for (member, value) in [
            ("first_name", &*user.first_name),
            ("last_name", &user.last_name),
            ("email", &user.email),
            ("role", user.role.key()),
        ] {
            fields.insert(format!("/users/{row}/{member}"), value.to_owned());
        }
    }
    for (row, (name, value)) in order.custom_values.iter().enumerate() {
        fields.insert(format!("/custom_values/{row}/name"), name.clone());
        fields.insert(format!("/custom_values/{row}/value"), value.clone());
    }
    fields.insert("/tags".to_owned(), order.tags.join(", "));
    if order.invite_owner {
        fields.insert("/invite_owner".to_owned(), "on".to_owned());
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_order_survives_the_form() {
        let order: NewJob = serde_json::from_value(serde_json::json!({
            "client": {"name": "Bright Dental", "email": "a@b.example", "country": "US", "timezone": "America/New_York", "postal_code": "33101"},
            "users": [{"first_name": "Ana", "last_name": "Lee", "email": "ana@b.example", "role": "admin"}],
            "custom_values": {"Booking link": "https://x.example"}, "tags": ["vip", "dental"], "invite_owner": true
        }))
        .unwrap();
        assert_eq!(read(&write(&order)).order, order);
        assert!(read(&write(&order)).check().is_ok());
    }

    #[test]
    fn errors_stand_at_the_row_they_were_typed_in() {
        let typed = read(&fields(&[
            ("/client/name", "A"),
            ("/client/email", "a@b.example"),
            ("/client/country", "US"),
            ("/client/timezone", "UTC"),
            ("/users/0/role", "user"),
            ("/users/2/first_name", "Ana"),
            ("/users/2/last_name", "Lee"),
            ("/users/2/email", "nonsense"),
            ("/custom_values/1/name", "Link"),
            ("/custom_values/3/value", "x"),
            ("/snapshot_id", "7"),
        ]));
        let at: Vec<String> = typed.check().unwrap_err().into_iter().map(|error| error.pointer).collect();
        assert_eq!(at, ["/snapshot_id", "/custom_values/3/name", "/users/2/email", "/custom_values/1/value"]);
    }

    #[test]
    fn an_empty_zone_is_that_of_the_address_or_of_the_last_client() {
        let zone = |pairs: &[(&str, &str)]| {
            let typed = read(&fields(pairs));
            (typed.order.client.timezone, typed.zone_from)
        };
        let (us, last) = (("/client/country", "US"), (LAST_ZONE, "America/Chicago"));
        let (seattle, label) = (("/client/postal_code", "98101"), "Mountain Time \u{2013} Denver (UTC\u{2212}7)");
        assert_eq!(zone(&[us, seattle, last]), ("America/Los_Angeles".to_owned(), Some("from the address")));
        assert_eq!(zone(&[us, last]), ("America/Chicago".to_owned(), Some("like your last client")));
        assert_eq!(zone(&[us, seattle, ("/client/timezone", label)]), ("America/Denver".to_owned(), None));
        assert_eq!(zone(&[us, (LAST_ZONE, "Moon/Crater")]), (String::new(), None));
        assert_eq!(zone(&[us, last, ("/client/timezone", "Moon")]), ("Moon".to_owned(), None));
    }

    #[test]
    fn empty_rows_are_no_rows_and_shown_rows_are_bounded() {
        assert!(read(&fields(&[("/users/0/role", "admin"), ("rows_users", "3")])).order.users.is_empty());
        assert_eq!(rows(&fields(&[("rows_users", "3")]), "users", 1), 3);
        assert_eq!(rows(&fields(&[("rows_users", "9999999")]), "users", 1), 50);
        assert_eq!(rows(&fields(&[("/users/4/email", "x")]), "users", 1), 5);
    }
}
