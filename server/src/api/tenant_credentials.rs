//! The API handler by which a program hands over the HighLevel tokens of one client: the whole answer of HighLevel's OAuth
//! with the client's id, or only the three members that are needed.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use chrono::{DateTime, Datelike, Duration, Utc};
use domain::BusinessId;
use domain::credential::CredentialKind;
use domain::field::FieldError;
use operations::Refusal;
use operations::integrations::tenant_credentials::{self, NewCredentials, NotStored};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::credentials::NewSecret;

use super::body::AnyBody;
use super::problems;
use super::token::Bearer;
use crate::http::pages::Shared;
use crate::http::problem::{self, Problem};

/// Its address.
pub const PATH: &str = "/api/tenant/credentials";
/// The most characters of a token. HighLevel's access tokens have about 1,500.
const LONGEST: usize = 8_192;
/// The most seconds that an access token can live: a year. HighLevel's live for a day.
const LONGEST_LIFE: i64 = 366 * 24 * 60 * 60;
/// Days after which an unused refresh token expires (HighLevel API, token lifetimes).
const REFRESH_DAYS: i64 = 365;
/// What a caller reads while HighLevel does not answer.
const UNANSWERED: &str = "HighLevel did not answer, so it is not known whether the token is one of this sub-account. \
     Nothing was stored. Send it again later.";
/// Members of HighLevel's answer that are not kept.
const NOT_KEPT: [&str; 11] = [
    "token_type",
    "tokenType",
    "userId",
    "refreshTokenId",
    "isBulkInstallation",
    "approvedLocations",
    "installToFutureLocations",
    "approveAllLocations",
    "appId",
    "versionId",
    "traceId",
];

/// The HighLevel tokens of a client. Members of HighLevel's own answer may be sent in its spelling (`access_token`).
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("required" = ["tenantId", "accessToken", "locationId"]))]
pub struct NewTenantCredentials {
    /// Id or slug of the client.
    #[serde(default)]
    tenant_id: String,
    /// The access token, or a private integration token of the sub-account.
    #[serde(default, alias = "access_token")]
    #[schemars(length(min = 1, max = LONGEST))]
    access_token: String,
    /// The refresh token; without it nothing renews the access token.
    #[serde(alias = "refresh_token")]
    #[schemars(length(max = LONGEST))]
    refresh_token: Option<String>,
    /// Seconds for which the access token lives from now on.
    #[serde(alias = "expires_in")]
    expires_in: Option<i64>,
    /// When the access token expires; takes precedence over `expiresIn`.
    #[serde(alias = "expires_at")]
    expires_at: Option<DateTime<Utc>>,
    /// The granted scopes, separated by spaces.
    scope: Option<String>,
    /// `Location`, if it is sent.
    user_type: Option<String>,
    /// Id of the sub-account in HighLevel.
    #[serde(default)]
    #[schemars(length(min = 1, max = 64))]
    location_id: String,
    /// Id of its company in HighLevel.
    company_id: Option<String>,
    #[serde(flatten)]
    #[schemars(skip)]
    others: BTreeMap<String, Value>,
}

/// What is known of stored tokens. Nothing of it can be used to sign in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantCredentialsStored {
    /// Id of the client.
    tenant_id: BusinessId,
    /// Id of its sub-account in HighLevel.
    location_id: String,
    /// Number of the stored version.
    version: i32,
    /// When the access token expires; null if it does not.
    expires_at: Option<DateTime<Utc>>,
    /// Whether the access token can be renewed.
    refreshable: bool,
}

/// `POST /api/tenant/credentials`: 201 if the client had no tokens, 200 if these replace others, 400 with the fields to
/// mend, 502 if HighLevel does not say whether the token opens the sub-account.
pub async fn put(State(shared): State<Shared>, Extension(bearer): Extension<Bearer>, request: Request) -> Response {
    let sent = match AnyBody::<NewTenantCredentials>::from_request(request, &()).await {
        Ok(body) => body.value,
        Err(refused) => return as_bad_request(refused),
    };
    let errors = sent.errors();
    if !errors.is_empty() {
        return bad_request(errors);
    }
    let (tenant, new) = sent.into_new(web::clock::now());
    let actor = bearer.actor(&shared);
    match tenant_credentials::put(&actor, &shared.app.vault, &shared.app.ghl, &tenant, &new).await {
        Ok(stored) => {
            let status = if stored.is_new { StatusCode::CREATED } else { StatusCode::OK };
            let answer = TenantCredentialsStored {
                tenant_id: stored.business,
                location_id: stored.location,
                version: stored.version,
                expires_at: new.secret.expires_at,
                refreshable: new.secret.refresh.is_some(),
            };
            (status, Json(answer)).into_response()
        }
        Err(NotStored::Refused(Refusal::Invalid(errors))) => bad_request(errors),
        Err(NotStored::Refused(refusal)) => problem::refused(refusal),
        Err(NotStored::Unanswered) => problem::of(web::Error::Outside(UNANSWERED.to_owned())),
    }
}

/// Says in the description of the API what this call answers besides what every call does: it has two successes, and names
/// fields with 400.
pub fn describe(responses: &mut Map<String, Value>) {
    let mut replaced = responses.get("201").cloned().unwrap_or_default();
    replaced["description"] = json!("These tokens replaced the previous ones");
    responses.insert("200".to_owned(), replaced);
    // The body is read as JSON, whatever it calls itself.
    responses.remove("415");
    responses.remove("422");
    for (status, meaning) in [
        (
            "400",
            "The body is malformed, some fields are invalid, or the token has no access to the sub-account in HighLevel",
        ),
        ("404", "The agency has no client with this ID"),
        ("502", "HighLevel did not respond; nothing was stored"),
    ] {
        responses.insert(status.to_owned(), problems::answer(status, meaning, &[]));
    }
}

fn bad_request(errors: Vec<FieldError>) -> Response {
    problem::with_errors(
        StatusCode::BAD_REQUEST,
        "Invalid fields",
        "Some fields are invalid; nothing was stored.",
        errors,
    )
}

/// The refusal of a body, with the fields that it names as those of a bad request.
fn as_bad_request(refused: Response) -> Response {
    let named = refused.extensions().get::<Problem>().map(|problem| problem.errors.clone());
    match named.filter(|errors| !errors.is_empty()) {
        Some(errors) => bad_request(errors),
        None => refused,
    }
}

/// True if a header can carry the token.
fn is_token(token: &str) -> bool {
    (1..=LONGEST).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic())
}

impl NewTenantCredentials {
    /// What has to be mended.
    fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut wrong = |pointer: String, detail: &str| errors.push(FieldError::new(pointer, detail));
        if self.tenant_id.len() > 255 || !is_token(&self.tenant_id) {
            wrong("/tenantId".to_owned(), "Send the id or the slug of the client.");
        }
        if !is_token(&self.access_token) {
            wrong("/accessToken".to_owned(), "Send the token whole, without spaces, at most 8,192 characters.");
        }
        if self.refresh_token.as_deref().is_some_and(|token| !is_token(token)) {
            wrong("/refreshToken".to_owned(), "Send the token whole, or leave it out.");
        }
        if self.location_id.is_empty() {
            wrong("/locationId".to_owned(), "Send the id of the client's sub-account in HighLevel.");
        }
        if self.expires_in.is_some_and(|seconds| !(1..=LONGEST_LIFE).contains(&seconds)) {
            wrong("/expiresIn".to_owned(), "Send the seconds that the token lives, at most a year.");
        }
        if self.expires_at.is_some_and(|at| !(2000..2200).contains(&at.year())) {
            wrong("/expiresAt".to_owned(), "Send the time at which the token expires.");
        }
        let is_plain = |scope: &str| scope.split(' ').all(|word| word.is_empty() || is_token(word));
        if self.scope.as_deref().is_some_and(|scope| scope.len() > LONGEST || !is_plain(scope)) {
            wrong("/scope".to_owned(), "Send the scopes as one text, separated by spaces.");
        }
        if self.user_type.as_deref().is_some_and(|kind| kind != "Location") {
            wrong("/userType".to_owned(), "Send the tokens of a sub-account (Location), not those of a company.");
        }
        if self.company_id.as_deref().is_some_and(|id| !domain::imports::is_location_id(id)) {
            wrong("/companyId".to_owned(), "Send the id of the company as HighLevel shows it, or leave it out.");
        }
        for name in self.others.keys().filter(|name| !NOT_KEPT.contains(&name.as_str())).take(10) {
            let name: String = name.chars().take(100).collect();
            wrong(domain::provisioning::pointer(&[&name]), "Unknown member.");
        }
        errors
    }

    /// The client, and the tokens in the form in which they are stored.
    fn into_new(self, now: DateTime<Utc>) -> (String, NewCredentials) {
        let is_private = self.access_token.starts_with("pit-");
        let lives = self.expires_in.map(|seconds| now + Duration::seconds(seconds));
        let secret = NewSecret {
            kind: if is_private { CredentialKind::Pit } else { CredentialKind::OauthLocation },
            refresh_expires_at: self.refresh_token.is_some().then(|| now + Duration::days(REFRESH_DAYS)),
            access: SecretString::from(self.access_token),
            refresh: self.refresh_token.map(SecretString::from),
            scopes: self.scope.unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
            expires_at: self.expires_at.or(lives),
        };
        (self.tenant_id, NewCredentials { location: self.location_id, company: self.company_id, secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> NewTenantCredentials {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_answer_of_highlevel_and_the_three_members_are_taken() {
        let whole = r#"{"tenantId":"demo","access_token":"eyJ.A","token_type":"Bearer","expires_in":86399,"refresh_token":"eyJ.R",
            "refreshTokenId":"1","scope":"contacts.readonly contacts.write","userType":"Location","companyId":"C1","locationId":"L1",
            "isBulkInstallation":false,"userId":"U1"}"#;
        let now = DateTime::UNIX_EPOCH;
        let sent = read(whole);
        assert!(sent.errors().is_empty());
        let (tenant, new) = sent.into_new(now);
        assert_eq!((tenant.as_str(), new.location.as_str(), new.company.as_deref()), ("demo", "L1", Some("C1")));
        assert_eq!(new.secret.expires_at, Some(now + Duration::seconds(86_399)));
        assert_eq!(new.secret.scopes, ["contacts.readonly", "contacts.write"]);
        assert!(new.secret.refresh.is_some() && new.secret.kind == CredentialKind::OauthLocation);
        let least = read(r#"{"tenantId":"demo","accessToken":"fake","locationId":"123"}"#);
        assert!(least.errors().is_empty());
        let (_, new) = least.into_new(now);
        assert!(new.secret.expires_at.is_none() && new.secret.refresh.is_none());
    }

    #[test]
    fn each_wrong_member_is_named() {
        for (member, value, pointer) in [
            ("tenantId", "\"\"", "/tenantId"),
            ("accessToken", "\"a b\"", "/accessToken"),
            ("accessToken", "\"a\\r\\nX: y\"", "/accessToken"),
            ("refreshToken", "\"\"", "/refreshToken"),
            ("locationId", "\"\"", "/locationId"),
            ("expiresIn", "0", "/expiresIn"),
            ("expiresAt", "\"-4800-01-01T00:00:00Z\"", "/expiresAt"),
            ("userType", "\"Company\"", "/userType"),
            ("companyId", "\"../x\"", "/companyId"),
            ("surprise", "1", "/surprise"),
        ] {
            let mut body: BTreeMap<String, Value> =
                serde_json::from_str(r#"{"tenantId":"demo","accessToken":"fake","locationId":"123"}"#).unwrap();
            body.insert(member.to_owned(), serde_json::from_str(value).unwrap());
            let errors = read(&serde_json::to_string(&body).unwrap()).errors();
            assert_eq!(errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), [pointer], "{member}");
        }
    }
}
