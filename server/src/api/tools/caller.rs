//! Who calls a tool? A token of one business, which acts with the rights that whoever made it has at this moment.

use axum::http::StatusCode;
use axum::response::Response;
use domain::access::{self, BusinessAccess};
use domain::identity::Caller as Person;
use domain::{AgencyId, BusinessId};
use operations::BusinessActor;
use operations::tools::{Caller, HighLevel, ToolContext};
use secrecy::{ExposeSecret, SecretString};
use store::audit::{self, Context};

use super::SCOPE;
use crate::api::token::{self, Bearer};
use crate::http::pages::Shared;
use crate::http::problem::{self, Problem};

/// A token that may call tools now, and in what its calls run.
#[derive(Clone)]
pub struct Admitted {
    /// In what its calls run.
    pub context: ToolContext,
    /// The token.
    pub caller: Caller,
    slug: String,
    audit: Context,
}

impl Admitted {
    /// Whether this id or slug names the business of the token.
    #[must_use]
    pub fn is_of(&self, named: &str) -> bool {
        self.slug == named || self.caller.business.to_string() == named
    }

    /// What the audit log says of its calls beside what they do.
    #[must_use]
    pub fn audit(&self) -> Context {
        self.audit.clone()
    }
}

/// Judges whether this token may call tools.
///
/// # Errors
/// The response to send instead: 403 for a token of an agency, or one that no person made or whose maker lost their
/// place.
#[expect(clippy::result_large_err, reason = "the answer is made once and moved out")]
pub fn admit(shared: &Shared, bearer: &Bearer) -> Result<Admitted, Response> {
    let (Some(business), Some(client)) = (bearer.business, bearer.client.as_deref()) else {
        return Err(refused(
            "Token of an agency",
            "Tools act for one client. Use a token of that client, which its page AI tools makes.",
        ));
    };
    let (Some(maker), Some(person)) = (bearer.maker, bearer.person.as_deref()) else {
        return Err(refused(
            "Token of nobody",
            "Tools act with the rights of whoever made the token, and no person made this one. Make one on the page AI \
             tools of the client, or at the terminal with --person.",
        ));
    };
    let Some(place) = place_of(person, bearer.agency, business) else {
        return Err(refused("Right ended", "The person who made this token no longer works for this client."));
    };
    let db = &shared.app.db;
    let highlevel = client.ghl_location_id.clone().map(|location| {
        let (vault, ghl) = (shared.app.vault.clone(), shared.app.ghl.clone());
        HighLevel::new(db.clone(), vault, ghl, bearer.agency, business, location)
            .sharing(shared.server.credentials.clone())
    });
    let access = BusinessAccess { slug: client.slug.clone(), name: client.name.clone(), ..place };
    let actor = BusinessActor::new(db.clone(), maker, access);
    let caller = Caller { token: bearer.token, business, agency: bearer.agency, name: bearer.name.clone() };
    let context = ToolContext { actor, highlevel, now: web::clock::now() };
    Ok(Admitted { context, caller, slug: client.slug.clone(), audit: audit::current() })
}

/// The same for a request whose address names the client, by id or slug.
///
/// # Errors
/// As [`admit`]; 403 if the token is of another client. Whether that one exists makes no difference.
pub async fn admit_to(shared: &Shared, bearer: &Bearer, tenant: &str, route: &str) -> Result<Admitted, Response> {
    let admitted = admit(shared, bearer)?;
    if admitted.is_of(tenant) {
        return Ok(admitted);
    }
    token::note_denied(shared, bearer.agency, route, StatusCode::FORBIDDEN).await;
    Err(refused("Another client's token", "The address names another client than the one this token belongs to."))
}

/// The same for a program without a request, which showed its token at its start. It counts as a request of the minute.
///
/// # Errors
/// As [`admit`]; 401 if the token is unknown, expired or revoked, 403 if it lacks the scope, 429 if the minute's requests
/// are used up.
pub async fn admit_secret(shared: &Shared, secret: &SecretString) -> Result<Admitted, Response> {
    let bearer = token::admit(shared, secret.expose_secret(), SCOPE).await?;
    let context = Context { token: Some(bearer.token.into()), ..Context::default() };
    audit::within(context, async { admit(shared, &bearer) }).await
}

/// What a refusal says, for a program that reads no HTTP.
#[must_use]
pub fn said(refused: &Response) -> String {
    let problem = refused.extensions().get::<Problem>();
    problem.map_or_else(|| "The call was refused.".to_owned(), |problem| problem.detail.clone())
}

fn refused(title: &str, detail: &str) -> Response {
    problem::answer(StatusCode::FORBIDDEN, title, detail)
}

/// What this person may do in the business: as its own member, or else as a member of its agency.
fn place_of(person: &Person, agency: AgencyId, business: BusinessId) -> Option<BusinessAccess> {
    let own = access::businesses(person, &business.to_string()).into_iter().find(|own| own.id == business);
    own.or_else(|| {
        let place = access::agency(person, &agency.to_string())
            .filter(|place| place.id == agency && place.reaches(business))?;
        let (slug, name) = (String::new(), String::new());
        Some(BusinessAccess { id: business, agency, slug, name, role: place.role.clone(), from_agency: Some(place) })
    })
}

#[cfg(test)]
mod tests {
    use domain::UserId;
    use domain::identity::{AgencyRole, Membership, Reach, Role};
    use uuid::Uuid;

    use super::*;

    fn person(memberships: Vec<Membership>) -> Person {
        Person {
            user: UserId(Uuid::nil()),
            email: String::new(),
            name: String::new(),
            platform: None,
            memberships,
            mfa_enrolled: false,
            language: None,
        }
    }

    #[test]
    fn a_maker_acts_in_the_business_they_belong_to_and_in_no_other() {
        let (agency, business, other) =
            (AgencyId(Uuid::from_u128(1)), BusinessId(Uuid::from_u128(2)), BusinessId(Uuid::from_u128(3)));
        let owner = person(vec![Membership::Business {
            id: business,
            agency,
            slug: "bright".to_owned(),
            name: "Bright".to_owned(),
            role: Role::BusinessOwner,
        }]);
        let staff = |reach, assigned| {
            person(vec![Membership::Agency {
                id: agency,
                slug: "harbor".to_owned(),
                name: "Harbor".to_owned(),
                role: AgencyRole::BuiltIn(Role::AgencyStaff),
                reach,
                assigned,
            }])
        };
        assert!(place_of(&owner, agency, business).is_some_and(|place| place.from_agency.is_none()));
        assert!(place_of(&owner, agency, other).is_none());
        assert!(place_of(&staff(Reach::All, vec![]), agency, other).is_some());
        let some = staff(Reach::Listed, vec![business]);
        assert!(place_of(&some, agency, business).is_some_and(|place| place.from_agency.is_some()));
        assert!(place_of(&some, agency, other).is_none());
        assert!(place_of(&some, AgencyId(Uuid::from_u128(9)), business).is_none());
    }
}
