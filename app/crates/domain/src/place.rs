//! Where does a caller stand: which agency or business an address names, and as what.
//! An agency is named by id or slug; a business slug is unique inside its agency only.

use serde::{Deserialize, Serialize};

use crate::identity::{Caller, Place, Reach, Role};
use crate::permission::{Action, allows};
use crate::{AgencyId, BusinessId};

/// Somebody's standing in an agency for one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgencyPlace {
    /// The agency.
    pub id: AgencyId,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The role that lets the caller in; a platform role for people of the platform.
    pub role: Role,
    /// Which clients they reach.
    pub reach: Reach,
    /// The clients assigned to them when the reach is `Listed`.
    pub listed: Vec<BusinessId>,
}

impl AgencyPlace {
    /// Whether the caller may do this here.
    #[must_use]
    pub const fn allows(&self, action: Action) -> bool {
        allows(self.role, action)
    }

    /// Whether the caller reaches this client.
    #[must_use]
    pub fn reaches(&self, business: BusinessId) -> bool {
        self.reach == Reach::All || self.listed.contains(&business)
    }
}

/// The agency of that id or slug, if the caller belongs to it.
#[must_use]
pub fn agency(caller: &Caller, named: &str) -> Option<AgencyPlace> {
    caller.places.iter().find_map(|place| match place {
        Place::Agency { id, slug, name, role, reach, assigned } if slug == named || id.to_string() == named => {
            Some(AgencyPlace {
                id: *id,
                slug: slug.clone(),
                name: name.clone(),
                role: *role,
                reach: *reach,
                listed: assigned.clone(),
            })
        }
        _ => None,
    })
}

/// The page a person lands on after signing in.
#[must_use]
pub fn landing(caller: &Caller) -> String {
    if caller.platform.is_some() {
        return "/admin".to_owned();
    }
    let agency = caller.places.iter().find_map(|place| match place {
        Place::Agency { slug, .. } => Some(format!("/a/{slug}")),
        Place::Business { .. } => None,
    });
    let business = caller.places.iter().find_map(|place| match place {
        Place::Business { id, .. } => Some(format!("/b/{id}")),
        Place::Agency { .. } => None,
    });
    agency.or(business).unwrap_or_else(|| "/me".to_owned())
}

/// Somebody's standing in a business for one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessPlace {
    /// The business.
    pub id: BusinessId,
    /// The agency that manages it.
    pub agency: AgencyId,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The role that lets the caller in.
    pub role: Role,
    /// Set when the caller comes from the agency and not from the business itself.
    pub from_agency: Option<AgencyPlace>,
}

/// The business of that id or slug among those the caller is a member of.
#[must_use]
pub fn business(caller: &Caller, named: &str) -> Option<BusinessPlace> {
    caller.places.iter().find_map(|place| match place {
        Place::Business { id, agency, slug, name, role } if slug == named || id.to_string() == named => {
            Some(BusinessPlace {
                id: *id,
                agency: *agency,
                slug: slug.clone(),
                name: name.clone(),
                role: *role,
                from_agency: None,
            })
        }
        _ => None,
    })
}
