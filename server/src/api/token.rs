//! Authenticates API tokens on every request and resolves the agency or business and the scopes. A token that a person
//! created can do what that person may do at that moment, and nothing after that person lost access. The API ignores
//! cookies. Ids in a path or body must belong to the tenant of the token.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::access;
use domain::business::Business;
use domain::clients::Status;
use domain::identity::{Caller, Reach};
use domain::permission::{EndpointKind, Needs, is_of_business, right_of, rule};
use domain::{AgencyId, ApiTokenId, BusinessId, UserId};
use operations::Actor;
use sha2::{Digest, Sha256};
use store::api_tokens::Bound;
use store::audit::{Context, within};
use store::bearers::Admitted;
use store::tenant::{Scope, TenantTx};

use crate::api::quota::RemainingQuota;
use crate::http::load_shedding::{self, LoadShedder, Share};
use crate::http::pages::Shared;
use crate::http::problem;
use crate::http::refusals::Refused;

/// The authenticated token of a request.
#[derive(Clone)]
pub struct Bearer {
    /// The token's id.
    pub token: ApiTokenId,
    /// The agency it is bound to.
    pub agency: AgencyId,
    /// The business it is bound to; `None` for a token of the agency.
    pub business: Option<BusinessId>,
    /// The name that its creator gave it.
    pub name: String,
    /// The person who created it; `None` if no person did.
    pub maker: Option<UserId>,
    /// The business as it is during this request; `None` for a token of the agency.
    pub client: Option<Arc<Business>>,
    /// The person who created it, with what they may do during this request; `None` if no person did.
    pub person: Option<Arc<Caller>>,
    hash: [u8; 32],
    needs: &'static str,
}

impl Bearer {
    /// Begins a transaction in the scope of the token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self, shared: &Shared) -> store::Result<TenantTx> {
        TenantTx::begin(&shared.app.db, self.scope()).await
    }

    /// True if the token is still allowed to do what the request needs. Event streams check this while they run.
    pub async fn is_still_allowed(&self, shared: &Shared) -> bool {
        self.read_again(shared).await.is_ok()
    }

    /// The token with its business and its maker as they are now.
    ///
    /// # Errors
    /// The response that says why it is no longer allowed to do what the request needs; with the status of a fault of ours if
    /// nobody knows.
    pub async fn read_again(&self, shared: &Shared) -> Result<Self, Response> {
        let token = find_token(shared, self.hash).await?;
        authorize(shared, token, None, (self.hash, self.needs)).await
    }

    /// The token as the actor of an operation; it has the right that the scope of the route stands for.
    #[must_use]
    pub fn actor(&self, shared: &Shared) -> Actor {
        Actor::token(shared.app.db.clone(), self.token, self.scope(), right_of(self.needs))
    }

    /// The agency or business that the token is bound to.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        match self.business {
            Some(business) => Scope::Business { user: None, business },
            None => Scope::Agency { user: None, agency: self.agency, reach: Reach::All, listed: Vec::new() },
        }
    }
}

/// Passes on requests whose token has the scope that the policy requires for the route.
pub async fn layer(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let wanted = request
        .extensions()
        .get::<MatchedPath>()
        .and_then(|path| rule(EndpointKind::Route, path.as_str()))
        .map(|rule| rule.needs);
    let Some(Needs::Token(scope)) = wanted else {
        return problem::answer(StatusCode::FORBIDDEN, "Not allowed", "This route is closed.");
    };
    let ip = crate::http::authentication::client(&request);
    let Some(secret) = bearer(&request) else {
        return unauthorised("Send an Authorization header with a bearer token.");
    };
    let hash = Sha256::digest(secret.as_bytes()).into();
    let shedder = request.extensions().get::<Arc<LoadShedder>>().cloned();
    let CountedRequest { token, known, remaining, _share } = match counted(&shared, shedder.as_deref(), hash).await {
        Ok(counted) => counted,
        Err(refused) => return refused,
    };
    // The audit log attributes everything from here on to the token.
    let context = Context {
        request_id: Some(crate::http::trace::current_request()),
        ip,
        session_ref: None,
        token: Some(token.id.into()),
    };
    let (agency, route) = (token.agency, route(&request));
    let work = async {
        match authorize(&shared, token, known, (hash, scope)).await {
            Ok(bearer) => {
                crate::http::trace::belongs_to(None, Some(bearer.agency), bearer.business);
                request.extensions_mut().insert(bearer);
                next.run(request).await
            }
            Err(refused) => {
                note_denied(&shared, agency, &route, refused.status()).await;
                refused
            }
        }
    };
    let mut answer = within(context, work).await;
    remaining.set_headers(answer.headers_mut());
    answer
}

/// The business of a token and the person who made it, where they were read already.
type Known = (Option<Business>, Option<Caller>);

/// A request that was counted for the tenant of its token.
struct CountedRequest {
    token: Bound,
    known: Option<Known>,
    remaining: RemainingQuota,
    /// The permit from the agency's share of the capacity, which its programs and its people share.
    _share: Option<Share>,
}

/// Finds the token with this hash and counts the request. It is counted before it is checked, because a refused request costs as
/// much. Where an earlier request found out to whom the token belongs, one transaction does all of it.
async fn counted(shared: &Shared, shedder: Option<&LoadShedder>, hash: [u8; 32]) -> Result<CountedRequest, Response> {
    let (db, quotas, holders) = (&shared.app.db, &shared.server.quotas, &shared.server.holders);
    if let Some(holder) = holders.of(hash) {
        let share = shedder.map(|shedder| shedder.tenant(holder.agency));
        if matches!(share, Some(None)) {
            return Err(load_shedding::agency_over_share());
        }
        if let Some((Admitted { token, client, person, .. }, remaining)) = quotas.admit(db, hash, holder).await? {
            let known = Some((Some(client), person));
            return Ok(CountedRequest { token, known, remaining, _share: share.flatten() });
        }
        holders.forget(hash);
    }
    let token = find_token(shared, hash).await.map_err(|mut refused| {
        if refused.status() == StatusCode::UNAUTHORIZED {
            refused.extensions_mut().insert(Refused("token.refused"));
        }
        refused
    })?;
    let share = shedder.map(|shedder| shedder.tenant(token.agency));
    if matches!(share, Some(None)) {
        return Err(load_shedding::agency_over_share());
    }
    let remaining = quotas.count(db, token.agency, token.business).await?;
    holders.remember(hash, &token);
    Ok(CountedRequest { token, known: None, remaining, _share: share.flatten() })
}

fn route(request: &Request) -> String {
    request.extensions().get::<MatchedPath>().map_or("(none)", |path| path.as_str()).to_owned()
}

/// Records in the agency's audit log that one of its tokens was denied.
pub async fn note_denied(shared: &Shared, agency: AgencyId, route: &str, status: StatusCode) {
    if !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return;
    }
    let why = "the token, or whoever made it, may not do this";
    if let Err(error) = store::audit::denied(&shared.app.db, None, Some(agency), route, why).await {
        tracing::warn!(event = "audit.not_written", %error, "a refusal could not be written into the log");
    }
}

/// Returns the token with this hash, if it is valid.
async fn find_token(shared: &Shared, hash: [u8; 32]) -> Result<Bound, Response> {
    let found = store::api_tokens::find(&shared.app.db, hash).await.map_err(|error| problem::of(error.into()))?;
    found.ok_or_else(|| unauthorised("The token is unknown, expired or revoked. Make a new one under API tokens."))
}

/// Returns the bearer if the token and the person who created it have the scope, or else the response that says
/// why not. Business and person are read unless they are known.
async fn authorize(
    shared: &Shared,
    token: Bound,
    known: Option<Known>,
    (hash, scope): ([u8; 32], &'static str),
) -> Result<Bearer, Response> {
    if !token.scopes.iter().any(|held| held == scope) {
        let detail = format!("This token lacks the scope \"{scope}\". Make one that has it.");
        return Err(problem::answer(StatusCode::FORBIDDEN, "Scope missing", &detail));
    }
    if token.business.is_some() && !is_of_business(scope) {
        return Err(problem::answer(
            StatusCode::FORBIDDEN,
            "Token of one business",
            "This token is bound to one business. Jobs and snapshots are the agency's: use a token of the agency.",
        ));
    }
    let (client, person) = match known {
        Some(known) => known,
        None => read_known(shared, &token).await.map_err(|error| problem::of(error.into()))?,
    };
    if token.business.is_some() && !client.as_ref().is_some_and(works) {
        let detail = "The client of this token is paused. The token works again once the agency resumes it.";
        return Err(problem::answer(StatusCode::FORBIDDEN, "Client paused", detail));
    }
    let (id, agency, business, name, maker) = (token.id, token.agency, token.business, token.name, token.made_by);
    let (client, person) = (client.map(Arc::new), person.map(Arc::new));
    let bearer = Bearer { token: id, agency, business, name, maker, client, person, hash, needs: scope };
    if maker.is_none() {
        return Ok(bearer);
    }
    match bearer.person.as_deref().and_then(|person| still_lends(person, &bearer)) {
        Some(true) => Ok(bearer),
        Some(false) => Err(problem::answer(
            StatusCode::FORBIDDEN,
            "Right ended",
            "The person who made this token may no longer do this themselves. Somebody who may makes a new one.",
        )),
        None => Err(unauthorised("The person who made this token has left the agency, and it ended with that.")),
    }
}

/// Whether the person who made the token may do what it is used for, in its agency or as a member of its business. `None` if
/// they belong to neither.
fn still_lends(maker: &Caller, bearer: &Bearer) -> Option<bool> {
    let in_agency = access::agency_access(maker, bearer.agency)
        .map(|place| place.may_grant_token_scope(bearer.needs, bearer.business));
    let in_business = bearer.business.and_then(|business| {
        let own = access::businesses(maker, &business.to_string()).into_iter().find(|own| own.id == business)?;
        Some(right_of(bearer.needs).is_some_and(|right| own.allows(right)))
    });
    in_agency.max(in_business)
}

/// The bearer of this token, for a program that sends no request. It counts as a request of the minute.
///
/// # Errors
/// The response that a request with this token would get.
pub async fn admit(shared: &Shared, secret: &str, scope: &'static str) -> Result<Bearer, Response> {
    let hash = Sha256::digest(secret.as_bytes()).into();
    let token = find_token(shared, hash).await?;
    shared.server.quotas.count(&shared.app.db, token.agency, token.business).await?;
    authorize(shared, token, None, (hash, scope)).await
}

/// The business of a token and the person who made it, as they are now. Both are read in one transaction.
async fn read_known(shared: &Shared, token: &Bound) -> store::Result<Known> {
    let db = &shared.app.db;
    let Some(business) = token.business else {
        let Some(maker) = token.made_by else { return Ok((None, None)) };
        return Ok((None, store::identity::caller(db, maker).await?));
    };
    let mut tx = TenantTx::begin(db, Scope::Business { user: token.made_by, business }).await?;
    let client = match store::businesses::get(&mut tx, business).await {
        Ok(client) => Some(client),
        Err(store::Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    Ok((client, store::identity::caller_in(&mut tx).await?))
}

/// Whether a business works: it is neither paused nor archived nor in the trash. One that does not lets no program in.
fn works(client: &Business) -> bool {
    let status = Status::parse(&client.status);
    matches!(status, Some(Status::Trial | Status::Active)) && client.deleted_at.is_none()
}

fn bearer(request: &Request) -> Option<String> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let secret = value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer "))?.trim();
    secret.starts_with("slw_").then(|| secret.to_owned())
}

fn unauthorised(detail: &str) -> Response {
    let mut response = problem::answer(StatusCode::UNAUTHORIZED, "Not signed in", detail);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
