//! Who acts, where, and with which rights.

use domain::access::AgencyAccess;
use domain::identity::{Reach, Role};
use domain::permission::{self, Right};
use domain::{ApiTokenId, BusinessId, UserId};
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

    /// The person, if a person acts.
    #[must_use]
    pub(crate) const fn user(&self) -> Option<UserId> {
        match &self.scope {
            Scope::Agency { user, .. } => *user,
            _ => None,
        }
    }

    /// The agency and the person's role in it. A program has none, so it may not do what depends on a person's role.
    ///
    /// # Errors
    /// `Forbidden` with this right if a program acts.
    pub(crate) fn access(&self, right: Right) -> Result<&AgencyAccess, Refusal> {
        match &self.rights {
            Rights::Role(access) => Ok(access),
            Rights::Token(_) => Err(Refusal::Forbidden(right)),
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

    /// The database, for what begins its own transaction.
    pub const fn db(&self) -> &Db {
        &self.actor.db
    }
}

/// A signed-in person who changes what belongs to themselves: password, second factor, sessions. No right is needed.
pub struct Myself {
    db: Db,
    user: UserId,
}

impl Myself {
    /// The signed-in person.
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
pub(crate) const fn background(agency: domain::AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }
}
