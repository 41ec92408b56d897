//! How does an agency connect an account at HighLevel? A person begins a consent; its answer, which the stored state
//! proves, brings tokens, and those are stored with everything that follows from them in one transaction.

use std::time::Duration;

use domain::access::AgencyAccess;
use domain::credential::CredentialKind;
use domain::identity::Reach;
use domain::integration::Kind;
use domain::permission::Right;
use domain::work;
use domain::{AgencyId, UserId};
use store::integrations::NewConnection;
use store::oauth_states::{self, NewState};
use store::queue::{self, Work};
use store::tenant::{Scope, TenantTx};
use store::vault::Vault;
use store::{Db, agencies, businesses, imports, integrations, provisioning};

use super::{Account, Received};
use crate::{Actor, Refusal};

/// How long a person may take to give consent.
const PATIENCE: Duration = Duration::from_secs(600);

/// Remembers that a person begins a consent. `state` is the hash of what HighLevel sends back, `session` the hash of a
/// secret of the session that may answer.
///
/// # Errors
/// `Forbidden` if the actor may not manage connections; `Store` if the database fails.
pub async fn begin(actor: &Actor, state: [u8; 32], session: [u8; 32]) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::ConnectionsManage)?.begin().await?;
    let new = NewState { hash: state, provider: "ghl", purpose: "connect", session, valid: PATIENCE };
    oauth_states::add(&mut tx, &new).await?;
    Ok(tx.commit().await?)
}

/// A consent that was answered in time, in the session that began it. Nothing can be connected with it before the right
/// of its person is checked.
pub struct Answered {
    user: UserId,
    agency: AgencyId,
}

/// Takes the answer to a consent; this works once. `None` if no consent with this state was begun in this session, it
/// has expired, or it was answered before.
///
/// # Errors
/// `Store` if the database fails.
pub async fn answer(db: &Db, state: [u8; 32], session: [u8; 32]) -> Result<Option<Answered>, Refusal> {
    let state = oauth_states::consume(db, state, session).await?;
    Ok(state.map(|state| Answered { user: state.user, agency: state.agency }))
}

impl Answered {
    /// The person who began the consent.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The agency that the consent is for.
    #[must_use]
    pub const fn agency(&self) -> AgencyId {
        self.agency
    }

    /// Checks that the person, whose present access this is, may still manage the connections of the agency.
    ///
    /// # Errors
    /// `NotFound` if the access is to another agency; `Forbidden` if it lacks the right.
    pub fn allowed(&self, access: &AgencyAccess) -> Result<Consent, Refusal> {
        if access.id != self.agency {
            return Err(Refusal::NotFound);
        }
        if !access.allows(Right::ConnectionsManage) {
            return Err(Refusal::Forbidden(Right::ConnectionsManage));
        }
        Ok(Consent { user: Some(self.user), agency: self.agency })
    }
}

/// The consent of an agency to store the tokens of one of its accounts. It is the proof that `company` and `location`
/// ask for instead of an actor: it reaches every business of the agency, whichever ones its person is limited to.
pub struct Consent {
    user: Option<UserId>,
    agency: AgencyId,
}

impl Consent {
    /// The consent that the program itself gives at the simulator for the agency of the demo data.
    #[must_use]
    pub const fn of_demo(agency: AgencyId) -> Self {
        Self { user: None, agency }
    }

    /// The agency.
    #[must_use]
    pub const fn agency(&self) -> AgencyId {
        self.agency
    }

    const fn scope(&self) -> Scope {
        Scope::Agency { user: self.user, agency: self.agency, reach: Reach::All, listed: Vec::new() }
    }
}

/// Stores that the answer connected an account, and what the person is told. A repeated answer gets the same.
///
/// # Errors
/// `Store` if the database fails.
pub async fn connected(db: &Db, state: [u8; 32], told: &str) -> Result<(), Refusal> {
    Ok(oauth_states::ended(db, state, true, told).await?)
}

/// Stores that the answer connected nothing, and why. A repeated answer gets the same.
///
/// # Errors
/// `Store` if the database fails.
pub async fn refused(db: &Db, state: [u8; 32], why: &str) -> Result<(), Refusal> {
    Ok(oauth_states::ended(db, state, false, why).await?)
}

/// A company that was connected.
pub struct Connected {
    /// Its name, or its id if HighLevel did not tell the name.
    pub name: String,
    /// Number of jobs that waited for it and now continue.
    pub resumed: usize,
    /// Whether locations created later get the app; `None` if HighLevel's answer does not say.
    pub future: Option<bool>,
}

/// Connects the agency to its company: stores the integration and its tokens, queues the first work with them and lets
/// jobs that waited go on.
///
/// # Errors
/// `State` if the agency works with another company, or the company belongs to another agency here.
pub async fn company(
    db: &Db,
    vault: &Vault,
    consent: &Consent,
    company: &str,
    account: &Account,
    received: &Received,
) -> Result<Connected, Refusal> {
    let name = account.name.as_deref();
    let mut tx = TenantTx::begin(db, consent.scope()).await?;
    let before = agencies::known_company(&mut tx).await?;
    let new = NewConnection { kind: Kind::Gohighlevel, platform_id: company, name, parent: None };
    let integration = match integrations::upsert(&mut tx, &new).await {
        Err(store::Error::Taken(key)) if key == integrations::ONE_COMPANY => {
            drop(tx);
            return Err(another(db, consent, name.unwrap_or(company)).await);
        }
        Err(store::Error::Taken(_)) => return Err(taken()),
        done => done?.0,
    };
    received.store(&mut tx, vault, integration, CredentialKind::OauthCompany).await?;
    let future = received.tokens.install_to_future_locations;
    integrations::set_installs_future(&mut tx, integration, future).await?;
    integrations::set_domain(&mut tx, integration, account.domain.as_deref()).await?;
    for kind in [work::Kind::SyncSnapshots, work::Kind::CheckIntegration] {
        let key = format!("{}:{integration}", kind.key());
        queue::add(&mut tx, &Work::new(kind).subject(integration.0).once(key)).await?;
    }
    store::snapshots::syncs::asked(&mut tx).await?;
    imports::ask(&mut tx, integration, company).await?;
    let resumed = provisioning::reconnected(&mut tx, integration, before.as_deref()).await?;
    tx.commit().await?;
    Ok(Connected { name: name.unwrap_or(company).to_owned(), resumed, future })
}

/// Connects the location to its business and returns the business's name. Returns `None` and stores nothing if no
/// business of the agency has this location.
///
/// # Errors
/// `State` if the location belongs to another agency here.
pub async fn location(
    db: &Db,
    vault: &Vault,
    consent: &Consent,
    location: &str,
    received: &Received,
) -> Result<Option<String>, Refusal> {
    let mut tx = TenantTx::begin(db, consent.scope()).await?;
    let known = businesses::find_location(&mut tx, location).await?;
    tx.commit().await?;
    let Some(business) = known else { return Ok(None) };
    let scope = Scope::AgencyBusiness {
        user: consent.user,
        agency: consent.agency,
        business: business.id,
        reach: Reach::All,
        listed: Vec::new(),
    };
    let mut tx = TenantTx::begin(db, scope).await?;
    let company = received.tokens.company_id.as_deref().unwrap_or_default();
    let stored =
        integrations::upsert_location(&mut tx, Some(business.id), location, company, Some(&business.name)).await;
    let integration = match stored {
        Err(store::Error::Taken(_)) => return Err(taken()),
        done => done?,
    };
    received.store(&mut tx, vault, integration, CredentialKind::OauthLocation).await?;
    tx.commit().await?;
    Ok(Some(business.name))
}

/// The refusal of a consent that chose another company than the one the agency works with.
async fn another(db: &Db, consent: &Consent, chosen: &str) -> Refusal {
    let known = async {
        let mut tx = TenantTx::begin(db, consent.scope()).await?;
        integrations::company(&mut tx).await
    };
    match known.await {
        Ok(known) => {
            let known = known.and_then(|known| known.platform_name).unwrap_or_else(|| "another company".to_owned());
            Refusal::State(format!(
                "You chose {chosen}, but your agency works with {known}. Nothing was changed. Reconnect and choose {known}; to move to {chosen}, disconnect {known} first."
            ))
        }
        Err(error) => error.into(),
    }
}

fn taken() -> Refusal {
    Refusal::State(
        "This HighLevel account is connected to another agency here, so nothing was changed. Disconnect it there first, or choose another account.".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use domain::identity::{AgencyRole, Role};
    use uuid::Uuid;

    use super::*;

    fn access(agency: AgencyId, role: Role) -> AgencyAccess {
        AgencyAccess {
            id: agency,
            slug: "harbor".to_owned(),
            name: "Harbor".to_owned(),
            role: AgencyRole::BuiltIn(role),
            reach: Reach::All,
            listed: Vec::new(),
        }
    }

    #[test]
    fn an_answered_consent_connects_only_the_agency_whose_connections_its_person_manages() {
        let (mine, other) = (AgencyId(Uuid::from_u128(1)), AgencyId(Uuid::from_u128(2)));
        let answered = Answered { user: UserId(Uuid::from_u128(3)), agency: mine };
        let consent = answered.allowed(&access(mine, Role::AgencyAdmin)).map(|consent| (consent.user, consent.agency));
        assert!(matches!(consent, Ok((Some(user), agency)) if user == answered.user && agency == mine));
        assert!(matches!(answered.allowed(&access(other, Role::AgencyAdmin)), Err(Refusal::NotFound)));
        let staff = answered.allowed(&access(mine, Role::AgencyStaff));
        assert!(matches!(staff, Err(Refusal::Forbidden(right)) if right == Right::ConnectionsManage));
    }
}
