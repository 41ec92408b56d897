//! Whose token is it and what may it do: the bearer's agency or business and scopes, read on every request.
//! The API ignores cookies; ids in path or body are claims that must fall inside what the token is bound to.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::identity::Reach;
use domain::permission::{Needs, Way, rule};
use domain::{AgencyId, ApiTokenId, BusinessId};
use sha2::{Digest, Sha256};
use store::tenant::{Scope, TenantTx};

use crate::pages::Shared;
use crate::problem;

/// The bearer of a request.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The token's id, for the audit log.
    pub token: ApiTokenId,
    /// The agency it is bound to.
    pub agency: AgencyId,
    /// The business it is bound to, when it is not the agency's.
    pub business: Option<BusinessId>,
}

impl Bearer {
    /// A transaction in what the token is bound to.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self, shared: &Shared) -> store::Result<TenantTx> {
        TenantTx::begin(&shared.app.db, self.scope()).await
    }

    /// What the token is bound to.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        match self.business {
            Some(business) => Scope::Business { user: None, business },
            None => Scope::Agency { user: None, agency: self.agency, reach: Reach::All, listed: Vec::new() },
        }
    }
}

/// Lets requests through whose token may do what the policy asks of the route.
pub async fn layer(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let wanted = request
        .extensions()
        .get::<MatchedPath>()
        .and_then(|path| rule(Way::Route, path.as_str()))
        .map(|rule| rule.needs);
    let Some(Needs::Token(scope)) = wanted else {
        return problem::answer(StatusCode::FORBIDDEN, "Not allowed", "This route is closed.");
    };
    let Some(secret) = bearer(&request) else {
        return unauthorised("Send an Authorization header with a bearer token.");
    };
    let hash: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
    match store::api_tokens::find(&shared.app.db, hash).await {
        Ok(Some(token)) if token.scopes.iter().any(|held| held == scope) => {
            crate::trace::belongs_to(None, Some(token.agency), token.business);
            request.extensions_mut().insert(Bearer { token: token.id, agency: token.agency, business: token.business });
            next.run(request).await
        }
        Ok(Some(_)) => problem::answer(
            StatusCode::FORBIDDEN,
            "Scope missing",
            &format!("This token lacks the scope \"{scope}\". Make one that has it."),
        ),
        Ok(None) => unauthorised("The token is unknown, expired or revoked. Make a new one in the agency's settings."),
        Err(error) => problem::of(error.into()),
    }
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
