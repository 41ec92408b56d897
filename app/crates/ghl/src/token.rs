//! The content of a token response. Three endpoints return one, each with other fields missing (HighLevel API,
//! `POST /oauth/token` and `/oauth/locationToken`). The published schema omits half of what the live service
//! sends.

use std::time::Duration;

use oauth2::basic::BasicTokenType;
use oauth2::{AccessToken, RefreshToken, Scope, TokenResponse};
use secrecy::SecretString;
use serde::{Deserialize, Serialize, Serializer};

use crate::tolerant::{flag, number, string_enum, text, texts};

string_enum! {
    /// The kind of account that a token is for (`userType`).
    Class {
        /// A company (agency).
        Company = "Company",
        /// A location.
        Location = "Location",
    }
}

/// A pair of tokens and the data that came with it.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Access token for the `Authorization` header; valid for about a day.
    pub access: SecretString,
    /// Refresh token; can be used once within a year. `None` if a location token was minted in the documented way.
    pub refresh: Option<SecretString>,
    /// Lifetime of the access token from now.
    pub expires_in: Duration,
    /// Granted scopes; compare them with the requested ones.
    pub scopes: Vec<String>,
    /// Decides where the token is stored, whatever was requested.
    pub class: Class,
    /// Id of the company; always present in practice.
    pub company_id: Option<String>,
    /// Id of the location, for a location token.
    pub location_id: Option<String>,
    /// Id of the user who installed the app.
    pub user_id: Option<String>,
    /// Locations that were approved in this consent. The list may be missing; then use `installed_locations`.
    pub approved_locations: Vec<String>,
    /// Whether the consent was a bulk install.
    pub bulk: bool,
    /// False if locations that are created later do not get the app; then no token can be obtained for them.
    pub install_to_future_locations: Option<bool>,
    /// Whether all locations of the company were approved.
    pub approve_all_locations: Option<bool>,
    /// Id of the plan of a paid app.
    pub plan_id: Option<String>,
    /// HighLevel's id of the request.
    pub trace_id: Option<String>,
}

/// Lifetime in seconds, used if the response states none. It is shorter than any lifetime seen (86 399 s), so that
/// we refresh too early rather than too late.
const UNSTATED_LIFE: i64 = 12 * 60 * 60;

/// The response as it is received. The `oauth2` crate requires `Serialize`; this implementation always fails, so
/// that tokens are never written out.
#[derive(Debug, Deserialize)]
pub(crate) struct TokenAnswer {
    access_token: AccessToken,
    #[serde(default = "bearer")]
    token_type: BasicTokenType,
    #[serde(default, deserialize_with = "number")]
    expires_in: Option<i64>,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
    #[serde(default, deserialize_with = "text")]
    scope: Option<String>,
    #[serde(default, rename = "userType", deserialize_with = "text")]
    user_type: Option<String>,
    #[serde(default, rename = "companyId", deserialize_with = "text")]
    company_id: Option<String>,
    #[serde(default, rename = "locationId", deserialize_with = "text")]
    location_id: Option<String>,
    #[serde(default, rename = "userId", deserialize_with = "text")]
    user_id: Option<String>,
    #[serde(default, rename = "approvedLocations", deserialize_with = "texts")]
    approved_locations: Vec<String>,
    #[serde(default, rename = "isBulkInstallation", deserialize_with = "flag")]
    bulk: Option<bool>,
    #[serde(default, rename = "installToFutureLocations", deserialize_with = "flag")]
    install_to_future_locations: Option<bool>,
    #[serde(default, rename = "approveAllLocations", deserialize_with = "flag")]
    approve_all_locations: Option<bool>,
    #[serde(default, rename = "planId", deserialize_with = "text")]
    plan_id: Option<String>,
    #[serde(default, rename = "traceId", deserialize_with = "text")]
    trace_id: Option<String>,
}

fn bearer() -> BasicTokenType {
    BasicTokenType::Bearer
}

impl TokenAnswer {
    /// `asked` is the class if neither the response's `userType` nor its ids determine it.
    pub(crate) fn into_tokens(self, asked: &Class) -> Tokens {
        let class = match (&self.user_type, &self.location_id) {
            (Some(word), _) => Class::from(word.as_str()),
            (None, Some(_)) => Class::Location,
            (None, None) => asked.clone(),
        };
        let life = self.expires_in.filter(|seconds| *seconds > 0).unwrap_or(UNSTATED_LIFE);
        let given = |token: RefreshToken| Some(token.into_secret()).filter(|text| !text.is_empty());
        Tokens {
            access: self.access_token.into_secret().into(),
            refresh: self.refresh_token.and_then(given).map(Into::into),
            expires_in: Duration::from_secs(life.unsigned_abs()),
            scopes: self.scope.unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
            class,
            company_id: self.company_id,
            location_id: self.location_id,
            user_id: self.user_id,
            approved_locations: self.approved_locations,
            bulk: self.bulk.unwrap_or(false),
            install_to_future_locations: self.install_to_future_locations,
            approve_all_locations: self.approve_all_locations,
            plan_id: self.plan_id,
            trace_id: self.trace_id,
        }
    }
}

impl Serialize for TokenAnswer {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("tokens are never written out"))
    }
}

impl TokenResponse for TokenAnswer {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(|seconds| Duration::from_secs(seconds.unsigned_abs()))
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn read(json: &str) -> Tokens {
        serde_json::from_str::<TokenAnswer>(json).unwrap().into_tokens(&Class::Company)
    }

    #[test]
    fn a_company_answer() {
        let tokens = read(include_str!("fixtures/token_company.json"));
        assert_eq!(tokens.class, Class::Company);
        assert_eq!(tokens.company_id.as_deref(), Some("GNb7aIv4rQFVb9iwNl5K"));
        assert_eq!(tokens.expires_in, Duration::from_secs(86399));
        assert_eq!(tokens.approved_locations, ["HjiMUOsCCHCjtxzEf8PR"]);
        assert_eq!(tokens.install_to_future_locations, Some(true));
        assert_eq!(tokens.scopes.len(), 4);
        assert!(tokens.bulk && tokens.refresh.is_some() && tokens.location_id.is_none());
    }

    #[test]
    fn a_location_answer() {
        let tokens = read(include_str!("fixtures/token_location.json"));
        assert_eq!(tokens.class, Class::Location);
        assert_eq!(tokens.location_id.as_deref(), Some("HjiMUOsCCHCjtxzEf8PR"));
        assert!(!tokens.bulk);
    }

    #[test]
    fn a_minted_answer_with_and_without_what_the_schema_omits() {
        let live = read(include_str!("fixtures/token_minted.json"));
        assert_eq!(live.class, Class::Location);
        assert!(live.refresh.is_some() && live.trace_id.is_some());
        let documented = read(
            r#"{"access_token":"a","token_type":"Bearer","expires_in":"86400","scope":null,"locationId":"L1","userId":"u"}"#,
        );
        assert_eq!(documented.class, Class::Location);
        assert_eq!(documented.expires_in, Duration::from_secs(86400));
        assert!(documented.refresh.is_none() && documented.company_id.is_none() && documented.scopes.is_empty());
    }

    #[test]
    fn the_barest_answer_and_an_unknown_class() {
        let bare = read(r#"{"access_token":"a","refresh_token":""}"#);
        assert_eq!(bare.class, Class::Company, "as asked");
        assert!(bare.refresh.is_none() && bare.expires_in > Duration::from_secs(3600));
        assert_eq!(read(r#"{"access_token":"a","userType":"Franchise"}"#).class, Class::Other("Franchise".into()));
    }

    #[test]
    fn tokens_are_neither_printed_nor_written() {
        let json = r#"{"access_token":"secret-a","refresh_token":"secret-r"}"#;
        let answer: TokenAnswer = serde_json::from_str(json).unwrap();
        assert!(serde_json::to_string(&answer).is_err());
        assert!(!format!("{answer:?}").contains("secret-"));
        let tokens = answer.into_tokens(&Class::Company);
        assert!(!format!("{tokens:?}").contains("secret-"));
        assert_eq!(tokens.access.expose_secret(), "secret-a");
    }
}
