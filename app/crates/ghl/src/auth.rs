//! How an agency or a location authorizes our app: consent URL, code exchange, refresh, location tokens, list of
//! installs, uninstall.
//! A refresh token can be used only once. The caller of `refresh` must hold the lease on the credential and must
//! store both new tokens at once.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use http::HeaderValue;
use oauth2::basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken, TokenUrl,
};
use outbound::{Body, Boxed, CallContext};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;
use url::form_urlencoded::Serializer as Form;

use crate::client::{Call, Ghl, Parts, Result, json};
use crate::error::{Error, Kind};
use crate::ops::{EXCHANGE, INSTALLED_LOCATIONS, LOCATION_TOKEN, Op, REFRESH, UNINSTALL};
use crate::token::TokenAnswer;
pub use crate::token::{Class, Tokens};
use crate::tolerant::{flag, list, text, time, word};

/// The scopes we request: those that the calls of this crate need, for companies and for locations. All of them
/// must be saved in the app, or the consent page fails and does not return (HighLevel API, consent address).
pub const SCOPES: &[&str] = &[
    "companies.readonly",
    "locations.readonly",
    "locations.write",
    "oauth.readonly",
    "oauth.write",
    "snapshots.readonly",
    "users.readonly",
    "users.write",
    "locations/customValues.readonly",
    "locations/customValues.write",
    "locations/customFields.readonly",
    "locations/customFields.write",
    "locations/tags.readonly",
    "locations/tags.write",
    "contacts.readonly",
    "contacts.write",
    "conversations.readonly",
    "conversations/message.readonly",
    "conversations/message.write",
    "calendars.readonly",
    "calendars/events.readonly",
    "calendars/events.write",
    "opportunities.readonly",
    "opportunities.write",
];

/// The host of the consent page. The standard host does not recognize a white-labelled agency (HighLevel API,
/// consent address).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Host {
    /// For agencies that open HighLevel at its own address.
    #[default]
    Standard,
    /// For white-labelled agencies.
    WhiteLabel,
}

type Client = oauth2::Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

fn client(ghl: &Ghl, host: Host) -> Client {
    let at = |base: &Url, path: &str| {
        outbound::address(base, path, &[], &[]).expect("the path is constant and the base is http(s)")
    };
    let settings = &ghl.settings;
    let consent = match host {
        Host::Standard => &settings.marketplace,
        Host::WhiteLabel => &settings.white_label,
    };
    oauth2::Client::new(ClientId::new(settings.client_id.clone()))
        .set_client_secret(ClientSecret::new(settings.client_secret.expose_secret().to_owned()))
        .set_auth_type(AuthType::RequestBody)
        .set_auth_uri(AuthUrl::from_url(at(consent, "/v2/oauth/chooselocation")))
        .set_token_uri(TokenUrl::from_url(at(&settings.base, EXCHANGE.path)))
}

/// The URL of the consent page. `redirect` must be registered in the app, character for character.
pub fn authorize_url(ghl: &Ghl, host: Host, redirect: &Url, scopes: &[&str], state: &str) -> Url {
    let redirect = RedirectUrl::from_url(redirect.clone());
    let client = client(ghl, host);
    let state = CsrfToken::new(state.to_owned());
    let (mut url, _) = client
        .authorize_url(|| state)
        .set_redirect_uri(Cow::Owned(redirect))
        .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
        .add_extra_param("loginWindowOpenMode", "self")
        .url();
    // HighLevel documents scopes as separated by an encoded space. A `+` in a value is already `%2B` here.
    let query = url.query().map(|query| query.replace('+', "%20"));
    url.set_query(query.as_deref());
    url
}

/// Exchanges the callback's code for tokens. A code can be used only once. The class in the response decides,
/// whatever `ask` was.
pub async fn exchange(ghl: &Ghl, about: &CallContext, code: &str, redirect: &Url, ask: &Class) -> Result<Tokens> {
    let http = oauth_http_client(ghl, &EXCHANGE, about, None);
    let redirect = RedirectUrl::from_url(redirect.clone());
    let client = client(ghl, Host::Standard);
    let answer = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_redirect_uri(Cow::Owned(redirect))
        .add_extra_param("user_type", ask.as_str().to_owned())
        .request_async(&http)
        .await;
    answer.map(|answer| answer.into_tokens(ask)).map_err(|error| token_error(&EXCHANGE, error))
}

/// Exchanges a refresh token for a new pair. The old one is invalid from this moment. `resource` is the company or
/// location that it belongs to.
pub async fn refresh(
    ghl: &Ghl,
    about: &CallContext,
    refresh: &SecretString,
    class: &Class,
    resource: &str,
) -> Result<Tokens> {
    let http = oauth_http_client(ghl, &REFRESH, about, Some(resource));
    let token = RefreshToken::new(refresh.expose_secret().to_owned());
    let client = client(ghl, Host::Standard);
    let answer = client
        .exchange_refresh_token(&token)
        .add_extra_param("user_type", class.as_str().to_owned())
        .request_async(&http)
        .await;
    answer.map(|answer| answer.into_tokens(class)).map_err(|error| token_error(&REFRESH, error))
}

/// Like [`through`], but owns its data: a future that borrows could not be spawned from inside the `oauth2`
/// crate's traits.
fn oauth_http_client(
    ghl: &Ghl,
    op: &'static Op,
    about: &CallContext,
    resource: Option<&str>,
) -> impl Fn(HttpRequest) -> Boxed<'static, Result<HttpResponse>> + Send + Sync + use<> {
    let (ghl, about, resource) = (ghl.clone(), about.clone(), resource.map(str::to_owned));
    move |request| {
        let (ghl, about, resource) = (ghl.clone(), about.clone(), resource.clone());
        Box::pin(async move { through(&ghl, op, &about, resource.as_deref(), request).await })
    }
}

/// Sends a request of the `oauth2` crate through our one HTTP client. Errors are classified here, so that crate
/// sees only responses with status 200.
async fn through(
    ghl: &Ghl,
    op: &'static Op,
    about: &CallContext,
    resource: Option<&str>,
    from: HttpRequest,
) -> Result<HttpResponse> {
    let mut request = ghl.request(op, Parts { body: Some(Body::Form(from.into_body())), ..Parts::default() })?;
    request.rate_key = resource.map(|resource| ghl.rate_key(resource));
    let answer = ghl.send(op, request, about).await?;
    let mut response = HttpResponse::new(answer.body.to_vec());
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn token_error(op: &'static Op, error: RequestTokenError<Error, BasicErrorResponse>) -> Error {
    match error {
        RequestTokenError::Request(error) => error,
        // The call was executed, and the tokens are lost with the response. The parser's message may quote it, so
        // it is not passed on.
        _ => Error::new(op, Kind::Unclear, "the token answer could not be read"),
    }
}

/// Gets a location token with the company's OAuth token. This is the preferred way: it can be repeated and uses up
/// no refresh token. Right after an install, or after the location was created, HighLevel may refuse it for some
/// minutes (HighLevel API, `POST /oauth/locationToken`).
pub async fn location_token(ghl: &Ghl, call: Call<'_>, company: &str, location: &str) -> Result<Tokens> {
    let form = Form::new(String::new()).append_pair("companyId", company).append_pair("locationId", location).finish();
    let parts = Parts { body: Some(Body::Form(form.into_bytes())), ..Parts::default() };
    let answer: TokenAnswer = ghl.call(&LOCATION_TOKEN, call, parts).await?;
    let mut tokens = answer.into_tokens(&Class::Location);
    tokens.company_id.get_or_insert_with(|| company.to_owned());
    tokens.location_id.get_or_insert_with(|| location.to_owned());
    Ok(tokens)
}

/// Which installs to list.
#[derive(Clone, Copy, Debug)]
pub struct Installed<'a> {
    /// The company.
    pub company: &'a str,
    /// Only this location.
    pub location: Option<&'a str>,
    /// Only locations whose name contains this.
    pub name: Option<&'a str>,
    /// Only locations that have the app (true) or do not have it (false); `None` for both.
    pub is_installed: Option<bool>,
    /// Number of entries to skip.
    pub skip: u32,
    /// Maximum number of entries.
    pub limit: u32,
}

impl<'a> Installed<'a> {
    /// The first hundred of a company.
    pub fn of(company: &'a str) -> Self {
        Self { company, location: None, name: None, is_installed: None, skip: 0, limit: 100 }
    }
}

/// One page. Read on until a page is shorter than `limit`: the count in the response is that of the company, not
/// of the page.
#[derive(Clone, Debug, Deserialize)]
pub struct InstalledPage {
    /// The entries of the page.
    #[serde(default, deserialize_with = "list")]
    pub locations: Vec<InstalledLocation>,
    /// False if locations that are created later will not get the app.
    #[serde(default, rename = "installToFutureLocations", deserialize_with = "flag")]
    pub install_to_future_locations: Option<bool>,
}

/// A location in the list of installs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct InstalledLocation {
    /// Its id.
    #[serde(rename = "_id", alias = "id")]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "word")]
    pub name: String,
    /// Its postal address, in one line.
    #[serde(default, deserialize_with = "text")]
    pub address: Option<String>,
    /// Whether the app is installed there.
    #[serde(default, rename = "isInstalled", deserialize_with = "flag")]
    pub is_installed: Option<bool>,
    /// When it was installed.
    #[serde(default, rename = "installedAt", deserialize_with = "time")]
    pub installed_at: Option<DateTime<Utc>>,
}

/// Lists where the app is installed. Private integration tokens may not use it.
pub async fn installed_locations(ghl: &Ghl, call: Call<'_>, query: &Installed<'_>) -> Result<InstalledPage> {
    let (skip, limit) = (query.skip.to_string(), query.limit.to_string());
    let mut pairs = vec![("companyId", query.company), ("appId", ghl.app_id()), ("skip", &skip), ("limit", &limit)];
    pairs.extend(query.name.map(|name| ("query", name)));
    pairs.extend(query.is_installed.map(|yes| ("isInstalled", if yes { "true" } else { "false" })));
    pairs.extend(query.location.map(|location| ("locationId", location)));
    ghl.call(&INSTALLED_LOCATIONS, call, Parts { query: &pairs, ..Parts::default() }).await
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Leave<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<&'a str>,
    reason: &'a str,
}

/// Removes the app from the company and all its locations (with a company token). All their tokens become invalid.
pub async fn uninstall_company(ghl: &Ghl, call: Call<'_>, company: &str, reason: &str) -> Result<()> {
    uninstall(ghl, call, &Leave { company_id: Some(company), reason, ..Leave::default() }).await
}

/// Removes the app from one location (with the location's token). It never names the company, because that would
/// remove the app everywhere.
pub async fn uninstall_location(ghl: &Ghl, call: Call<'_>, location: &str, reason: &str) -> Result<()> {
    uninstall(ghl, call, &Leave { location_id: Some(location), reason, ..Leave::default() }).await
}

async fn uninstall(ghl: &Ghl, call: Call<'_>, body: &Leave<'_>) -> Result<()> {
    let parts = Parts { ids: &[ghl.app_id()], body: json(&UNINSTALL, body)?, ..Parts::default() };
    ghl.remove(&UNINSTALL, call, parts).await
}
