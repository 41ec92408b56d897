//! The request context: everything known about a request before a page or server function runs (caller, tenant,
//! last form result). The first layer of the server builds it once. Of the pages' code only `guard` reads a header
//! itself, for the device cookie.

use std::sync::Arc;

use domain::UserId;
use domain::access::{AgencyAccess, BusinessAccess};
use domain::first_steps::FirstSteps;
use domain::identity::Caller;
use domain::language::Language;
use domain::notifications::Unread;
use domain::permission::Right;

use crate::error::Error;
use crate::flash::Flash;

/// One request, as pages and server functions see it.
#[derive(Clone, Debug, Default)]
pub struct RequestContext {
    /// The signed-in person, who has shown a second factor where one is required.
    pub caller: Option<Arc<Caller>>,
    /// A person whose password was right and whose second factor is still missing.
    pub pending_second_factor: Option<PendingSecondFactor>,
    /// The tenant that the address names, set once the caller is authorised for it.
    pub tenant: CurrentTenant,
    /// The first steps of the agency while some are left, if the caller may take all of them.
    pub steps: Option<FirstSteps>,
    /// How much the person did not see yet in the agency whose page this is, or what waits for them in the business.
    pub unread: Option<Unread>,
    /// The outcome of the last form.
    pub flash: Option<Flash>,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// The language that the person chose, or that their browser asks for.
    pub language: Language,
    /// Id that finds this request in the logs.
    pub request_id: String,
    /// Path and query of the request.
    pub address: String,
    /// The client's IP address, as far as it is trusted.
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
    /// Whether this request is the automatic refresh of an open page.
    pub refresh: bool,
    /// Whether the browser fetches the page ahead. Nobody has looked at it, so it changes nothing.
    pub prefetch: bool,
    /// The version of the data that the page shows, for its stream. `None` if the page has to read its data anew.
    pub version: Option<String>,
    /// The regions that a refresh asks for, as its header names them.
    pub regions: Option<String>,
    /// Why the page may not be shown, decided before rendering.
    pub denied: Option<Error>,
    /// Set when the caller may open other pages of the same tenant, but not this one.
    pub refusal: Option<Refusal>,
}

/// A page of the caller's own tenant that their role does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The tenant, for the shell around the refusal. It gives no access.
    pub near: CurrentTenant,
    /// The right that the page requires.
    pub right: Right,
    /// Names of the people who can be asked for it, as far as the caller may know them.
    pub owners: Vec<String>,
}

/// A sign-in that waits for its second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingSecondFactor {
    /// The person who signs in.
    pub user: UserId,
    /// Whether they have a factor to ask for; if not, they must set one up first.
    pub enrolled: bool,
}

/// The tenant whose page is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CurrentTenant {
    /// No tenant: sign-in, profile.
    #[default]
    NoTenant,
    /// The platform.
    Platform,
    /// An agency.
    Agency(AgencyAccess),
    /// A business.
    Business(BusinessAccess),
}

/// The pages, with those below them, that exist in every language.
const TRANSLATED: &[&str] =
    &["/b", "/login", "/forgot", "/password", "/invite", "/renew", "/me", "/unsubscribe", "/setup", "/oauth"];

/// How long a proof of identity is fresh, in seconds.
const RECENT: i64 = 600;

impl RequestContext {
    /// Refuses unless the person proved their identity recently.
    ///
    /// # Errors
    /// `StepUp` when the proof is older than ten minutes.
    pub fn recent(&self) -> Result<(), Error> {
        match self.proven_ago {
            Some(ago) if ago <= RECENT => Ok(()),
            _ => Err(Error::StepUp),
        }
    }

    /// The person who may set up a second factor: the signed-in one, or one whose sign-in requires it first.
    #[must_use]
    pub fn may_set_up_second_factor(&self) -> Option<UserId> {
        let pending = self.pending_second_factor.filter(|pending| !pending.enrolled);
        self.caller.as_ref().map(|caller| caller.user).or(pending.map(|pending| pending.user))
    }

    /// The agency whose page this is; `None` on other pages.
    #[must_use]
    pub const fn agency(&self) -> Option<&AgencyAccess> {
        match &self.tenant {
            CurrentTenant::Agency(place) => Some(place),
            _ => None,
        }
    }

    /// The tenant that the frame shows: the current one, or the one whose page was refused.
    #[must_use]
    pub fn frame_tenant(&self) -> &CurrentTenant {
        self.refusal.as_ref().map_or(&self.tenant, |refusal| &refusal.near)
    }

    /// The language of the page at this address: the person's own, on pages that exist in every language, otherwise
    /// English.
    #[must_use]
    pub fn page_language(&self) -> Language {
        let path = self.address.split(['?', '#']).next().unwrap_or_default();
        let inside =
            |root: &&str| path.strip_prefix(*root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if TRANSLATED.iter().any(inside) { self.language } else { Language::English }
    }

    /// The outcome of the last form, if the form called this operation.
    #[must_use]
    pub fn flash_of(&self, operation: &str) -> Option<&Flash> {
        self.flash.as_ref().filter(|flash| flash.operation == operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_that_exist_in_every_language_are_in_the_persons_own() {
        let page = |address: &str| {
            let request = RequestContext {
                language: Language::Spanish,
                address: address.to_owned(),
                ..RequestContext::default()
            };
            request.page_language()
        };
        for address in [
            "/login",
            "/login?next=/a/x",
            "/login/code",
            "/b/1",
            "/b/1/integrations",
            "/me",
            "/me/notifications",
            "/invite/x",
            "/unsubscribe/x",
            "/setup",
            "/oauth/consent",
        ] {
            assert_eq!(page(address), Language::Spanish, "{address}");
        }
        for address in ["/", "/a/harbor", "/admin", "/mexico", "/setups", "/bx"] {
            assert_eq!(page(address), Language::English, "{address}");
        }
    }
}
