//! Who acts, where, and with which rights.

use domain::access::AgencyAccess;
use domain::identity::{Reach, Role};
use domain::permission::{self, Right};
use domain::{AgencyId, ApiTokenId, BusinessId, UserId};
use store::Db;
use store::tenant::{PlatformTx, Scope, TenantTx};

use crate::refusal::Refusal;

/// Who acts in an agency. The layer that authenticated the request makes it.
pub struct Actor {
    db: Db,
    scope: Scope,
    rights: Rights,
    token: Option<ApiTokenId>,
}

/// What the actor may do.
enum Rights {
    /// The rights of a person's role.
    Role(AgencyAccess),
    /// The one right that the scope of an API token stands for; `None` for an unknown scope.
    Token(Option<Right>),
    /// Every right of an agency, for whoever runs the server.
    Operator,
}

impl Actor {
    /// A person who works in an agency.
    #[must_use]
    pub fn person(db: Db, user: UserId, access: AgencyAccess) -> Self {
        let scope =
            Scope::Agency { user: Some(user), agency: access.id, reach: access.reach, listed: access.listed.clone() };
        Self { db, scope, rights: Rights::Role(access), token: None }
    }

    /// A program with an API token; `right` is what the scope that the endpoint requires stands for.
    #[must_use]
    pub const fn token(db: Db, token: ApiTokenId, scope: Scope, right: Option<Right>) -> Self {
        Self { db, scope, rights: Rights::Token(right), token: Some(token) }
    }

    /// Whoever runs the server and enters a command at its terminal. `scope` is the agency or business that they named.
    #[must_use]
    pub const fn operator(db: Db, scope: Scope) -> Self {
        Self { db, scope, rights: Rights::Operator, token: None }
    }

    /// The business that the actor is limited to, if there is one.
    #[must_use]
    pub(crate) const fn business(&self) -> Option<BusinessId> {
        match &self.scope {
            Scope::AgencyBusiness { business, .. } | Scope::Business { business, .. } => Some(*business),
            _ => None,
        }
    }

    /// Whether an API token that the actor creates may have this scope. A program creates none.
    #[must_use]
    pub(crate) fn may_lend(&self, scope: &str) -> bool {
        match &self.rights {
            Rights::Role(access) => access.may_grant_token_scope(scope, self.business()),
            Rights::Token(_) => false,
            Rights::Operator => permission::right_of(scope).is_some(),
        }
    }

    /// The person, if a person acts.
    #[must_use]
    pub(crate) const fn user(&self) -> Option<UserId> {
        match &self.scope {
            Scope::Agency { user, .. } => *user,
            _ => None,
        }
    }

    /// The agency and the person's role in it. Programs and whoever runs the server have none, so they may not do what
    /// depends on a person's role.
    ///
    /// # Errors
    /// `Forbidden` with this right if no person acts.
    pub(crate) fn access(&self, right: Right) -> Result<&AgencyAccess, Refusal> {
        match &self.rights {
            Rights::Role(access) => Ok(access),
            Rights::Token(_) | Rights::Operator => Err(Refusal::Forbidden(right)),
        }
    }

    /// The token, if a program acts.
    #[must_use]
    pub(crate) const fn token_id(&self) -> Option<ApiTokenId> {
        self.token
    }

    /// Checks the right. Only its result begins a transaction, so an operation that asks for no right cannot write.
    ///
    /// # Errors
    /// `Forbidden` if the actor lacks the right.
    pub(crate) fn require(&self, right: Right) -> Result<Allowed<'_>, Refusal> {
        let allowed = match &self.rights {
            Rights::Role(access) => access.allows(right),
            Rights::Token(held) => *held == Some(right),
            Rights::Operator => right.is_agency_right(),
        };
        if allowed { Ok(Allowed { actor: self }) } else { Err(Refusal::Forbidden(right)) }
    }
}

/// An actor whose right was checked: the only way to a transaction.
pub(crate) struct Allowed<'a> {
    actor: &'a Actor,
}

impl Allowed<'_> {
    /// Begins a transaction of the actor's tenant.
    pub async fn begin(&self) -> Result<TenantTx, Refusal> {
        Ok(TenantTx::begin(&self.actor.db, self.actor.scope.clone()).await?)
    }

    /// Begins a transaction of the actor's agency that may also write this one business.
    pub async fn begin_in(&self, business: BusinessId) -> Result<TenantTx, Refusal> {
        let scope = match self.actor.scope.clone() {
            Scope::Agency { user, agency, reach, listed } => {
                Scope::AgencyBusiness { user, agency, business, reach, listed }
            }
            other => other,
        };
        Ok(TenantTx::begin(&self.actor.db, scope).await?)
    }

    /// The database, for what begins its own transaction.
    pub const fn db(&self) -> &Db {
        &self.actor.db
    }

    /// The tenant, for what begins its own transaction.
    pub const fn scope(&self) -> &Scope {
        &self.actor.scope
    }
}

/// A person with a role on the platform.
pub struct PlatformActor {
    db: Db,
    user: UserId,
    role: Role,
}

impl PlatformActor {
    /// A person who runs the platform.
    #[must_use]
    pub const fn new(db: Db, user: UserId, role: Role) -> Self {
        Self { db, user, role }
    }

    /// The person.
    #[must_use]
    pub(crate) const fn user(&self) -> UserId {
        self.user
    }

    /// Checks the right. Only its result begins a transaction.
    ///
    /// # Errors
    /// `Forbidden` if the actor lacks the right.
    pub(crate) fn require(&self, right: Right) -> Result<AllowedOnPlatform<'_>, Refusal> {
        let allowed = permission::allows(self.role, right);
        if allowed { Ok(AllowedOnPlatform { actor: self }) } else { Err(Refusal::Forbidden(right)) }
    }
}

/// A person of the platform whose right was checked.
pub(crate) struct AllowedOnPlatform<'a> {
    actor: &'a PlatformActor,
}

impl AllowedOnPlatform<'_> {
    /// Begins a transaction of the platform.
    pub async fn begin(&self) -> Result<PlatformTx, Refusal> {
        Ok(PlatformTx::begin(&self.actor.db, Some(self.actor.user)).await?)
    }

    /// Begins a transaction that may write this one business of an agency.
    pub async fn begin_in(&self, agency: AgencyId, business: BusinessId) -> Result<TenantTx, Refusal> {
        let user = Some(self.actor.user);
        let scope = Scope::AgencyBusiness { user, agency, business, reach: Reach::All, listed: Vec::new() };
        Ok(TenantTx::begin(&self.actor.db, scope).await?)
    }

    /// Begins a transaction that sees only the rows of another person.
    pub async fn begin_of(&self, person: UserId) -> Result<TenantTx, Refusal> {
        Ok(TenantTx::begin(&self.actor.db, Scope::Person(person)).await?)
    }

    /// The database, for what begins its own transaction.
    pub const fn db(&self) -> &Db {
        &self.actor.db
    }
}

/// A signed-in person who changes what belongs to themselves: password, second factor, sessions. No right is needed.
/// Also a person whose password was right and who must set up a second factor before they are signed in.
pub struct Myself {
    db: Db,
    user: UserId,
}

impl Myself {
    /// The person with this id.
    #[must_use]
    pub const fn new(db: Db, user: UserId) -> Self {
        Self { db, user }
    }

    /// The person.
    #[must_use]
    pub(crate) const fn user(&self) -> UserId {
        self.user
    }

    /// Begins a transaction that sees only the rows of this person.
    pub(crate) async fn begin(&self) -> Result<TenantTx, Refusal> {
        Ok(TenantTx::begin(&self.db, Scope::Person(self.user)).await?)
    }

    /// The database, for what begins its own transaction.
    pub(crate) const fn db(&self) -> &Db {
        &self.db
    }
}

/// The scope of a background job in an agency: no person, every business.
#[must_use]
pub(crate) const fn background(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }
}
