//! How an agency or location lets us in: consent address, code, refresh, location tokens, where the app is installed, leaving.
//! Surprise: a refresh token dies with its use. Who calls `refresh` holds the lease on the credential and stores both new tokens at once.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use http::HeaderValue;
use oauth2::basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken, TokenUrl,
};
use outbound::{About, Body, Boxed};
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

/// What we ask for: what the calls of this crate need, on the agency's and on the location's side. All must be saved in the app, or the consent
/// page fails without coming back (HighLevel API, consent address).
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
];

/// Where consent is given. A white-labelled agency is a stranger on the standard host (HighLevel API, consent address).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Host {
    /// Of agencies that open HighLevel under its own address.
    #[default]
    Standard,
    /// Of white-labelled agencies.
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

/// Where to send the browser. `redirect` must be registered in the app, letter by letter.
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
    // Scopes are documented as separated by an encoded space; a `+` in a value is `%2B` by now.
    let query = url.query().map(|query| query.replace('+', "%20"));
    url.set_query(query.as_deref());
    url
}

/// Turns the callback's code into tokens. The code is good for one try; the answer's class decides, whatever `ask` was.
pub async fn exchange(ghl: &Ghl, about: &About, code: &str, redirect: &Url, ask: &Class) -> Result<Tokens> {
    let http = way_out(ghl, &EXCHANGE, about, None);
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

/// Turns a refresh token into a new pair; the old one is dead from this moment. `resource`: the company or location it belongs to.
pub async fn refresh(
    ghl: &Ghl,
    about: &About,
    refresh: &SecretString,
    class: &Class,
    resource: &str,
) -> Result<Tokens> {
    let http = way_out(ghl, &REFRESH, about, Some(resource));
    let token = RefreshToken::new(refresh.expose_secret().to_owned());
    let client = client(ghl, Host::Standard);
    let answer = client
        .exchange_refresh_token(&token)
        .add_extra_param("user_type", class.as_str().to_owned())
        .request_async(&http)
        .await;
    answer.map(|answer| answer.into_tokens(class)).map_err(|error| token_error(&REFRESH, error))
}

/// [`through`], owning what it needs: a future that borrows could not be spawned from behind the `oauth2` crate's traits.
fn way_out(
    ghl: &Ghl,
    op: &'static Op,
    about: &About,
    resource: Option<&str>,
) -> impl Fn(HttpRequest) -> Boxed<'static, Result<HttpResponse>> + Send + Sync + use<> {
    let (ghl, about, resource) = (ghl.clone(), about.clone(), resource.map(str::to_owned));
    move |request| {
        let (ghl, about, resource) = (ghl.clone(), about.clone(), resource.clone());
        Box::pin(async move { through(&ghl, op, &about, resource.as_deref(), request).await })
    }
}

/// The `oauth2` crate's way out, over the one HTTP client. Errors are classified here, so that crate sees only 200s.
async fn through(
    ghl: &Ghl,
    op: &'static Op,
    about: &About,
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
        // Executed, and the tokens are lost with the answer. The parser's text may quote it, so it is not passed on.
        _ => Error::new(op, Kind::Unclear, "the token answer could not be read"),
    }
}

/// A location token from the company's OAuth token: the preferred way, repeatable, no refresh token spent. Right after an install or after the
/// location was created it may be refused for some minutes (HighLevel API, `POST /oauth/locationToken`).
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
    /// Of this company.
    pub company: &'a str,
    /// This location alone.
    pub location: Option<&'a str>,
    /// Name contains this.
    pub name: Option<&'a str>,
    /// Installed (true) or not (false); both when absent.
    pub is_installed: Option<bool>,
    /// How many to pass over.
    pub skip: u32,
    /// How many at most.
    pub limit: u32,
}

impl<'a> Installed<'a> {
    /// The first hundred of a company.
    pub fn of(company: &'a str) -> Self {
        Self { company, location: None, name: None, is_installed: None, skip: 0, limit: 100 }
    }
}

/// One page. Page on until one is shorter than asked: their count is that of the company, not of the answer.
#[derive(Clone, Debug, Deserialize)]
pub struct InstalledPage {
    /// The page.
    #[serde(default, deserialize_with = "list")]
    pub locations: Vec<InstalledLocation>,
    /// False: a location created later will not have the app.
    #[serde(default, rename = "installToFutureLocations", deserialize_with = "flag")]
    pub install_to_future_locations: Option<bool>,
}

/// A location as the install list knows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct InstalledLocation {
    /// Its id.
    #[serde(rename = "_id", alias = "id")]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "word")]
    pub name: String,
    /// Its address, in one line.
    #[serde(default, deserialize_with = "text")]
    pub address: Option<String>,
    /// The app is installed there.
    #[serde(default, rename = "isInstalled", deserialize_with = "flag")]
    pub is_installed: Option<bool>,
    /// Since when.
    #[serde(default, rename = "installedAt", deserialize_with = "time")]
    pub installed_at: Option<DateTime<Utc>>,
}

/// Where the app is installed. Not open to private integration tokens.
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

/// Takes the app off the company and every location of it (with a company token); all their tokens die.
pub async fn uninstall_company(ghl: &Ghl, call: Call<'_>, company: &str, reason: &str) -> Result<()> {
    uninstall(ghl, call, &Leave { company_id: Some(company), reason, ..Leave::default() }).await
}

/// Takes the app off one location (with its own token). Never names the company: that would take it off everywhere.
pub async fn uninstall_location(ghl: &Ghl, call: Call<'_>, location: &str, reason: &str) -> Result<()> {
    uninstall(ghl, call, &Leave { location_id: Some(location), reason, ..Leave::default() }).await
}

async fn uninstall(ghl: &Ghl, call: Call<'_>, body: &Leave<'_>) -> Result<()> {
    let parts = Parts { ids: &[ghl.app_id()], body: json(&UNINSTALL, body)?, ..Parts::default() };
    ghl.remove(&UNINSTALL, call, parts).await
}
