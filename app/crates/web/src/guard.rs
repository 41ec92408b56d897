//! Authorisation for pages and server functions: session, caller, policy, tenant transaction. Call
//! `server_context()` before the first await, because it takes all Leptos contexts; later their owner may be
//! dropped and the page would hang.

use std::sync::Arc;

use domain::BusinessId;
use domain::access::{self, AgencyAccess, BusinessAccess};
use domain::identity::{AgencyRole, Caller, Reach};
use domain::language::capitalised;
use domain::permission::{Needs, allows};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use operations::{Actor, BusinessActor, Myself, PlatformActor};
use store::tenant::{PlatformTx, Scope, TenantTx};
use tower_sessions::Session;

use crate::error::{Error, Result, SameSlugBusiness};
use crate::fault::internal_error;
use crate::request_context::{CurrentTenant, RequestContext};
use crate::state::State;

/// Everything that a page or server function may use of its request.
#[derive(Clone)]
pub struct ServerContext {
    /// The shared state.
    pub state: State,
    /// Who makes the request, and from where.
    pub request: RequestContext,
    /// The browser's session.
    pub session: Session,
    /// Status, headers and cookies of the response.
    pub response: ResponseOptions,
    /// The raw device cookie, which names the people who signed in with this browser before.
    pub device: Option<String>,
}

/// A resolved agency, with its transaction and the caller.
pub struct TenantContext {
    /// The signed-in person.
    pub caller: Arc<Caller>,
    /// The agency and the caller's role in it.
    pub access: AgencyAccess,
    /// The transaction. Nothing is stored without `commit`.
    pub tx: TenantTx,
}

impl TenantContext {
    /// Commits the transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn commit(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }
}

/// Takes the contexts of the request. Call it before the first await.
///
/// # Errors
/// When the server did not provide them, which is a fault of ours.
pub fn server_context() -> Result<ServerContext> {
    let parts = use_context::<http::request::Parts>().ok_or_else(|| internal_error("no request in context"))?;
    let state: State = use_context().ok_or_else(|| internal_error("no state in context"))?;
    Ok(ServerContext {
        device: cookie(&parts.headers, device_cookie(&state.settings.public_url)),
        state,
        request: parts.extensions.get().cloned().ok_or_else(|| internal_error("no request context in the request"))?,
        session: parts.extensions.get().cloned().ok_or_else(|| internal_error("no session in the request"))?,
        response: use_context().ok_or_else(|| internal_error("no response options in context"))?,
    })
}

/// Name of the cookie. Over HTTPS it has the prefix `__Host-`, which binds it to exactly this host.
#[must_use]
pub fn device_cookie(public_url: &str) -> &'static str {
    if public_url.starts_with("https://") { "__Host-device" } else { "device" }
}

/// A cookie's value, as the browser sent it.
fn cookie(headers: &http::HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(http::header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(key, value)| (key == name).then(|| value.to_owned()))
}

impl ServerContext {
    /// The caller as the actor of operations in the agency that the form or the address names.
    ///
    /// # Errors
    /// When the request belongs to no agency.
    pub fn actor(&self) -> Result<Actor> {
        let access = self.request.agency().cloned().ok_or(Error::NotFound)?;
        Ok(Actor::person(self.state.db.clone(), self.caller()?.user, access))
    }

    /// The caller's access to the agency that the form or the address names.
    ///
    /// # Errors
    /// When the request belongs to no agency.
    pub fn access(&self) -> Result<&AgencyAccess> {
        self.request.agency().ok_or(Error::NotFound)
    }

    /// The caller as the actor of operations in the business that the form or the address names.
    ///
    /// # Errors
    /// When the request belongs to no business.
    pub fn business_actor(&self) -> Result<BusinessActor> {
        let CurrentTenant::Business(access) = &self.request.tenant else { return Err(Error::NotFound) };
        Ok(BusinessActor::new(self.state.db.clone(), self.caller()?.user, access.clone()))
    }

    /// The caller as the actor of operations on the platform.
    ///
    /// # Errors
    /// When the caller has no platform role.
    pub fn platform_actor(&self) -> Result<PlatformActor> {
        let caller = self.caller()?;
        let role = caller.platform.ok_or(Error::NotFound)?;
        Ok(PlatformActor::new(self.state.db.clone(), caller.user, role))
    }

    /// The caller as the actor of operations on their own account.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub fn myself(&self) -> Result<Myself> {
        Ok(Myself::new(self.state.db.clone(), self.caller()?.user))
    }

    /// Begins an agency transaction on a page whose tenant was decided before rendering.
    ///
    /// # Errors
    /// When the page belongs to no agency.
    pub async fn page(&self) -> Result<TenantContext> {
        let (access, caller) = (self.access()?.clone(), self.caller()?);
        let tx = TenantTx::begin(&self.state.db, agency_scope(Some(caller.user), &access)).await?;
        Ok(TenantContext { caller, access, tx })
    }

    /// Begins a platform transaction on a platform page.
    ///
    /// # Errors
    /// When the page is not a page of the platform.
    pub async fn platform_page(&self) -> Result<PlatformTx> {
        match self.request.tenant {
            CurrentTenant::Platform => Ok(PlatformTx::begin(&self.state.db, Some(self.caller()?.user)).await?),
            _ => Err(Error::NotFound),
        }
    }

    /// Begins a transaction that sees one business, on a page of that business.
    ///
    /// # Errors
    /// When the page belongs to no business.
    pub async fn business_page(&self) -> Result<(BusinessAccess, TenantTx)> {
        let CurrentTenant::Business(place) = &self.request.tenant else { return Err(Error::NotFound) };
        let scope = business_scope(Some(self.caller()?.user), place);
        Ok((place.clone(), TenantTx::begin(&self.state.db, scope).await?))
    }

    /// The signed-in person.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub fn caller(&self) -> Result<Arc<Caller>> {
        self.request.caller.clone().ok_or(Error::SignIn)
    }

    /// Refuses unless the person proved their identity recently.
    ///
    /// # Errors
    /// `StepUp` when the proof is older than ten minutes.
    pub fn recent(&self) -> Result<()> {
        self.request.recent()
    }
}

/// Writes a refusal into the audit log, at most once a minute for each person and endpoint; a refusal inside the
/// caller's own agency goes into that agency's log. The request stays refused even if this write fails.
pub async fn note_denied(state: &State, caller: &Caller, named: Option<&str>, endpoint: &str, error: &Error) {
    let why = match error {
        Error::Forbidden(_) | Error::NotFound => error.to_string(),
        _ => return,
    };
    let agency = named.and_then(|named| access::agency(caller, named)).map(|place| place.id);
    if let Err(error) = store::audit::denied(&state.db, Some(caller.user), agency, endpoint, &why).await {
        tracing::warn!(event = "audit.not_written", %error, "a refusal could not be written into the log");
    }
}

/// Authorises a caller for the requirement of an endpoint and returns the resolved tenant.
///
/// # Errors
/// `Forbidden` inside the caller's own tenant, `NotFound` for every other tenant.
pub async fn authorize(state: &State, caller: &Caller, needs: Needs, named: Option<&str>) -> Result<CurrentTenant> {
    match needs {
        Needs::Nothing | Needs::SignedIn | Needs::SecondFactorSetup | Needs::Proof => Ok(CurrentTenant::NoTenant),
        // Whoever is signed in has no second factor left to show.
        Needs::PendingSecondFactor => Err(Error::SignIn),
        Needs::Token(_) => Err(Error::NotFound),
        Needs::Platform(right) => match caller.platform {
            Some(role) if allows(role, right) => Ok(CurrentTenant::Platform),
            Some(_) => Err(Error::Forbidden(capitalised(right.granted_by()))),
            None => Err(Error::NotFound),
        },
        Needs::Agency(right) => {
            let place = find_agency(state, caller, named.unwrap_or_default()).await?;
            if place.allows(right) {
                Ok(CurrentTenant::Agency(place))
            } else {
                Err(Error::Forbidden(capitalised(right.granted_by())))
            }
        }
        Needs::Business(right) => {
            let place = find_business(state, caller, named.unwrap_or_default()).await?;
            if place.allows(right) {
                Ok(CurrentTenant::Business(place))
            } else {
                Err(Error::Forbidden(capitalised(right.granted_by())))
            }
        }
    }
}

async fn find_agency(state: &State, caller: &Caller, named: &str) -> Result<AgencyAccess> {
    if let Some(place) = access::agency(caller, named) {
        return Ok(place);
    }
    let role = AgencyRole::BuiltIn(caller.platform.ok_or(Error::NotFound)?);
    let mut tx = PlatformTx::begin(&state.db, None).await?;
    let agency = store::agencies::find_ref(&mut tx, named).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    store::audit::looked(&state.db, caller.user, agency.id).await?;
    Ok(AgencyAccess {
        id: agency.id,
        slug: agency.slug,
        name: agency.name,
        role,
        reach: Reach::All,
        listed: Vec::new(),
    })
}

/// The one business of that id or slug that the caller may see; membership in the business takes precedence over
/// membership in its agency. If several businesses match it never picks one, because a slug is unique only inside its
/// agency.
async fn find_business(state: &State, caller: &Caller, named: &str) -> Result<BusinessAccess> {
    let mut found = access::businesses(caller, named);
    for place in &caller.memberships {
        let domain::identity::Membership::Agency { slug, .. } = place else { continue };
        let Some(agency) = access::agency(caller, slug) else { continue };
        let mut tx = TenantTx::begin(&state.db, agency_scope(Some(caller.user), &agency)).await?;
        let known = store::businesses::find_ref(&mut tx, named).await?;
        tx.commit().await?;
        if let Some(business) = known.filter(|known| found.iter().all(|other| other.id != known.id)) {
            found.push(BusinessAccess {
                id: business.id,
                agency: agency.id,
                slug: business.slug,
                name: business.name,
                role: agency.role.clone(),
                from_agency: Some(agency),
            });
        }
    }
    if found.len() > 1 {
        let same_slug = found.into_iter().map(|place| SameSlugBusiness {
            id: place.id.to_string(),
            name: place.name,
            agency: place.from_agency.map(|agency| agency.name),
        });
        return Err(Error::AmbiguousSlug(same_slug.collect()));
    }
    // A platform role opens no business: reading its content requires impersonation.
    found.pop().ok_or(Error::NotFound)
}

/// The scope of a transaction in an agency.
#[must_use]
pub fn agency_scope(user: Option<domain::UserId>, place: &AgencyAccess) -> Scope {
    Scope::Agency { user, agency: place.id, reach: place.reach, listed: place.listed.clone() }
}

/// The scope of a transaction in a business, for somebody of it or of its agency.
#[must_use]
pub fn business_scope(user: Option<domain::UserId>, place: &BusinessAccess) -> Scope {
    match &place.from_agency {
        None => Scope::Business { user, business: place.id },
        Some(agency) => agency_business_scope(user, agency, place.id),
    }
}

/// The scope of a transaction in one business of an agency.
#[must_use]
pub fn agency_business_scope(user: Option<domain::UserId>, place: &AgencyAccess, business: BusinessId) -> Scope {
    Scope::AgencyBusiness { user, agency: place.id, business, reach: place.reach, listed: place.listed.clone() }
}
