//! Who acts, where, and with which rights.

use domain::access::AgencyAccess;
use domain::permission::Right;
use domain::{ApiTokenId, UserId};
use store::Db;
use store::tenant::{Scope, TenantTx};

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

    /// The database, for what begins its own transaction.
    pub const fn db(&self) -> &Db {
        &self.actor.db
    }

    /// The tenant, for what begins its own transaction.
    pub const fn scope(&self) -> &Scope {
        &self.actor.scope
    }
}
