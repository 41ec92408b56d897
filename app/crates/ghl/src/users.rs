//! Users of a location. A person exists only once across all companies, identified by e-mail address.
//! `location_ids` in a change replaces the whole list (HighLevel API, users): read it, add to it, and send it
//! completely.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use crate::client::{Call, Ghl, Parts, Result, json};
use crate::ops::{CREATE_USER, FIND_USERS, GET_USER, SEARCH_USERS, UPDATE_USER};
use crate::tolerant::{flag, list, string_enum, text, texts};

string_enum! {
    /// The role of a user.
    Role {
        /// Everything in the location or agency.
        Admin = "admin",
        /// Daily work.
        User = "user",
    }
}

string_enum! {
    /// Where a user works.
    UserType {
        /// In locations. Staff of a business must have this type.
        Account = "account",
        /// In the agency; sees every location.
        Agency = "agency",
    }
}

/// A user to create.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewUser {
    /// Id of the company.
    pub company_id: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// E-mail address, unique across all companies.
    pub email: String,
    /// A generated password; the person resets it.
    #[serde(serialize_with = "exposed")]
    pub password: SecretString,
    /// Phone number in E.164 form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Whether they work in locations or in the agency.
    #[serde(rename = "type")]
    pub kind: UserType,
    /// Their role.
    pub role: Role,
    /// Locations where they work; at least one for `Account`.
    pub location_ids: Vec<String>,
}

/// Writes a password into the request that sets it. Nothing else writes a password.
fn exposed<S: Serializer>(secret: &SecretString, to: S) -> std::result::Result<S::Ok, S::Error> {
    to.serialize_str(secret.expose_secret())
}

/// Changes of a user. `None` leaves a field unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserChange {
    /// Id of the company.
    pub company_id: String,
    /// First name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Their role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The whole list, not only additions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_ids: Option<Vec<String>>,
}

/// A user as HighLevel knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: String,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Whether they work in locations or in the agency; `None` if the response omits it.
    pub kind: Option<UserType>,
    /// Their role; `None` if the response omits it.
    pub role: Option<Role>,
    /// Locations where they work.
    pub location_ids: Vec<String>,
    /// Whether they were deleted in HighLevel.
    pub deleted: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    #[serde(alias = "_id")]
    id: String,
    #[serde(default, deserialize_with = "text")]
    first_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    last_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    email: Option<String>,
    #[serde(default, deserialize_with = "text")]
    phone: Option<String>,
    #[serde(default)]
    roles: Option<Roles>,
    #[serde(default, deserialize_with = "flag")]
    deleted: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Roles {
    #[serde(default, rename = "type", deserialize_with = "text")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "text")]
    role: Option<String>,
    #[serde(default, deserialize_with = "texts")]
    location_ids: Vec<String>,
}

impl From<Raw> for User {
    fn from(raw: Raw) -> Self {
        let roles = raw.roles.unwrap_or_default();
        Self {
            id: raw.id,
            first_name: raw.first_name,
            last_name: raw.last_name,
            email: raw.email,
            phone: raw.phone,
            kind: roles.kind.map(|word| UserType::from(word.as_str())),
            role: roles.role.map(|word| Role::from(word.as_str())),
            location_ids: roles.location_ids,
            deleted: raw.deleted.unwrap_or(false),
        }
    }
}

#[derive(Deserialize)]
struct Found {
    #[serde(default, deserialize_with = "list")]
    users: Vec<Raw>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ByEmail<'a> {
    company_id: &'a str,
    emails: &'a str,
    deleted: bool,
    skip: &'a str,
    limit: &'a str,
    /// Without it the response contains only id and e-mail, and a change would remove the user's locations.
    projection: &'a str,
}

/// The company's users with this e-mail address, without deleted ones. Expect at most one.
pub async fn find(ghl: &Ghl, call: Call<'_>, company: &str, email: &str) -> Result<Vec<User>> {
    let email = email.trim().to_lowercase();
    let body =
        ByEmail { company_id: company, emails: &email, deleted: false, skip: "0", limit: "25", projection: "all" };
    let parts = Parts { body: json(&FIND_USERS, &body)?, ..Parts::default() };
    let found: Found = ghl.call(&FIND_USERS, call, parts).await?;
    let same = |user: &User| user.email.as_deref().is_some_and(|theirs| theirs.trim().to_lowercase() == email);
    Ok(found.users.into_iter().map(User::from).filter(|user| same(user) && !user.deleted).collect())
}

/// Users per page in `of_location`, as in HighLevel's own default.
const PAGE: usize = 25;
/// At most this many pages are read for one location.
const MOST_PAGES: usize = 40;

/// All users who work in a location.
pub async fn of_location(ghl: &Ghl, call: Call<'_>, company: &str, location: &str) -> Result<Vec<User>> {
    let limit = PAGE.to_string();
    let mut users = Vec::new();
    for page in 0..MOST_PAGES {
        let skip = (page * PAGE).to_string();
        let query = [("companyId", company), ("locationId", location), ("skip", skip.as_str()), ("limit", &limit)];
        let found: Found = ghl.call(&SEARCH_USERS, call, Parts { query: &query, ..Parts::default() }).await?;
        let last = found.users.len() < PAGE;
        users.extend(found.users.into_iter().map(User::from).filter(|user| !user.deleted));
        if last {
            break;
        }
    }
    Ok(users)
}

/// Reads one user by id, for example the one who gave a consent.
pub async fn get(ghl: &Ghl, call: Call<'_>, id: &str) -> Result<User> {
    ghl.call::<Raw>(&GET_USER, call, Parts { ids: &[id], ..Parts::default() }).await.map(Into::into)
}

/// Creates a user; HighLevel sends them its own mail. Fails if the e-mail address is already known, even in
/// another company.
pub async fn create(ghl: &Ghl, call: Call<'_>, new: &NewUser) -> Result<User> {
    let parts = Parts { body: json(&CREATE_USER, new)?, ..Parts::default() };
    ghl.call::<Raw>(&CREATE_USER, call, parts).await.map(Into::into)
}

/// Changes a user.
pub async fn update(ghl: &Ghl, call: Call<'_>, id: &str, change: &UserChange) -> Result<User> {
    let parts = Parts { ids: &[id], body: json(&UPDATE_USER, change)?, ..Parts::default() };
    ghl.call::<Raw>(&UPDATE_USER, call, parts).await.map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_user_is_read() {
        let raw: Raw = serde_json::from_str(include_str!("fixtures/user_created.json")).unwrap();
        let user = User::from(raw);
        assert_eq!(user.kind, Some(UserType::Account));
        assert_eq!(user.role, Some(Role::User));
        assert_eq!(user.location_ids, ["ve9EPM428h8vShlRW1KT"]);
        assert!(!user.deleted);
    }

    #[test]
    fn unknown_words_are_kept_and_missing_ones_seen() {
        let raw: Raw = serde_json::from_str(r#"{"_id":"u","roles":{"type":"franchise","role":"ADMIN"}}"#).unwrap();
        let user = User::from(raw);
        assert_eq!(user.kind, Some(UserType::Other("franchise".into())));
        assert_eq!(user.role, Some(Role::Admin));
        let raw: Raw = serde_json::from_str(r#"{"id":"u","roles":null}"#).unwrap();
        assert_eq!(User::from(raw).kind, None);
    }
}
