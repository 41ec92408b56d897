//! What is known about a request before a page or server function begins: who, where, with what left over.
//! The server's first layer makes it once; nothing else reads cookies or headers.

use std::sync::Arc;

use domain::UserId;
use domain::access::{AgencyAccess, BusinessAccess};
use domain::first_steps::FirstSteps;
use domain::identity::Caller;
use domain::permission::Right;

use crate::error::Error;
use crate::flash::Flash;

/// One request, as pages and server functions see it.
#[derive(Clone, Debug, Default)]
pub struct RequestContext {
    /// The signed-in person, complete with second factor where one is required.
    pub caller: Option<Arc<Caller>>,
    /// A person whose password was right and whose second factor is still missing.
    pub pending_second_factor: Option<PendingSecondFactor>,
    /// Whose world the address names, once the caller may be there.
    pub tenant: CurrentTenant,
    /// The first steps of the agency whose page this is, while some are left to somebody who may take them.
    pub steps: Option<FirstSteps>,
    /// The outcome of the last form.
    pub flash: Option<Flash>,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// Number that finds this request in the logs.
    pub request_id: String,
    /// Path and query of the request.
    pub address: String,
    /// Where the request came from, as far as we may believe it.
    pub ip: String,
    /// `http` or `https` in the address that the browser used, where that is known.
    pub scheme: Option<String>,
    /// Host and port in the address that the browser used, where the request names them.
    pub host: Option<String>,
    /// The browser's own description of itself.
    pub agent: String,
    /// Seconds since the person last proved who they are.
    pub proven_ago: Option<i64>,
    /// The key of the session's row.
    pub session: Option<[u8; 32]>,
    /// Whether a page that is open reads itself anew.
    pub refresh: bool,
    /// Why the page may not be shown, decided before rendering.
    pub denied: Option<Error>,
    /// Where a page that may not be shown belongs, when the caller may be elsewhere in the same place.
    pub refusal: Option<Refusal>,
}

/// A page inside one's own place that one's role does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The place, for the shell around the refusal; it opens nothing.
    pub near: CurrentTenant,
    /// What the page needs.
    pub right: Right,
}

/// A sign-in that waits for its second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingSecondFactor {
    /// Who it is.
    pub user: UserId,
    /// Whether they have a factor to ask for; if not, they must set one up first.
    pub enrolled: bool,
}

/// Whose world a page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CurrentTenant {
    /// Nobody's: sign-in, profile.
    #[default]
    NoTenant,
    /// The platform.
    Platform,
    /// An agency.
    Agency(AgencyAccess),
    /// A business.
    Business(BusinessAccess),
}

impl CurrentTenant {
    /// How addresses name the agency, where it is one.
    #[must_use]
    pub fn agency_slug(&self) -> Option<String> {
        match self {
            Self::Agency(place) => Some(place.slug.clone()),
            _ => None,
        }
    }
}

impl RequestContext {
    /// The agency whose page this is.
    #[must_use]
    pub const fn agency(&self) -> Option<&AgencyAccess> {
        match &self.tenant {
            CurrentTenant::Agency(place) => Some(place),
            _ => None,
        }
    }

    /// Whose world the shell shows: where the caller stands, or where they were refused.
    #[must_use]
    pub fn frame_tenant(&self) -> &CurrentTenant {
        self.refusal.as_ref().map_or(&self.tenant, |refusal| &refusal.near)
    }

    /// Fields and message of the last form, when this operation was its target.
    #[must_use]
    pub fn flash_of(&self, operation: &str) -> Option<&Flash> {
        self.flash.as_ref().filter(|flash| flash.operation == operation)
    }
}
