//! Who acts in a business: one of its own people, or somebody of its agency.

use std::sync::{Arc, Mutex, PoisonError};

use domain::UserId;
use domain::access::BusinessAccess;
use domain::identity::Reach;
use domain::permission::Right;
use store::Db;
use store::tenant::{Scope, TenantTx};

use crate::Refusal;

/// A person who acts in one business.
#[derive(Clone)]
pub struct BusinessActor {
    db: Db,
    user: UserId,
    access: BusinessAccess,
    /// A transaction that goes on with whatever is done next.
    begun: Option<Arc<Mutex<Option<TenantTx>>>>,
}

impl BusinessActor {
    /// The person with this access.
    #[must_use]
    pub const fn new(db: Db, user: UserId, access: BusinessAccess) -> Self {
        Self { db, user, access, begun: None }
    }

    /// The same person, who goes on in a transaction that was begun for them instead of beginning another one.
    #[must_use]
    pub(crate) fn going_on(&self, tx: TenantTx) -> Self {
        Self { begun: Some(Arc::new(Mutex::new(Some(tx)))), ..self.clone() }
    }

    /// A transaction of this scope: the one that goes on, once, or a new one. One of another scope ends here, because nobody waits
    /// for a transaction while they hold one.
    async fn begin(&self, scope: Scope) -> Result<TenantTx, Refusal> {
        let begun = self.begun.as_ref().and_then(|held| held.lock().unwrap_or_else(PoisonError::into_inner).take());
        match begun.filter(|tx| *tx.scope() == scope) {
            Some(tx) => Ok(tx),
            None => Ok(TenantTx::begin(&self.db, scope).await?),
        }
    }

    /// The person.
    #[must_use]
    pub(crate) const fn user(&self) -> UserId {
        self.user
    }

    /// The business, and the person's role there.
    #[must_use]
    pub(crate) const fn access(&self) -> &BusinessAccess {
        &self.access
    }

    /// Checks the right. Only its result begins a transaction.
    ///
    /// # Errors
    /// `Forbidden` if the person lacks the right.
    pub(crate) fn require(&self, right: Right) -> Result<AllowedInBusiness<'_>, Refusal> {
        if self.access.allows(right) { Ok(AllowedInBusiness { actor: self }) } else { Err(Refusal::Forbidden(right)) }
    }
}

/// A person of a business whose right was checked.
pub(crate) struct AllowedInBusiness<'a> {
    actor: &'a BusinessActor,
}

impl AllowedInBusiness<'_> {
    /// Begins a transaction of the business that may also use the key of its agency, for what is sealed. It reaches this
    /// business alone.
    pub async fn begin_with_agency(&self) -> Result<TenantTx, Refusal> {
        let access = &self.actor.access;
        let scope = Scope::AgencyBusiness {
            user: Some(self.actor.user),
            agency: access.agency,
            business: access.id,
            reach: Reach::Listed,
            listed: vec![access.id],
        };
        self.actor.begin(scope).await
    }

    /// Begins a transaction of the business in which a program acts and no person, so that whoever made its token is told what
    /// it asks for, too. It reaches this business alone.
    pub async fn begin_for_program(&self) -> Result<TenantTx, Refusal> {
        let access = &self.actor.access;
        let scope = Scope::AgencyBusiness {
            user: None,
            agency: access.agency,
            business: access.id,
            reach: Reach::Listed,
            listed: vec![access.id],
        };
        self.actor.begin(scope).await
    }

    /// Begins a transaction of the business.
    pub async fn begin(&self) -> Result<TenantTx, Refusal> {
        let (user, business) = (Some(self.actor.user), self.actor.access.id);
        let scope = match &self.actor.access.from_agency {
            None => Scope::Business { user, business },
            Some(agency) => Scope::AgencyBusiness {
                user,
                agency: agency.id,
                business,
                reach: agency.reach,
                listed: agency.listed.clone(),
            },
        };
        self.actor.begin(scope).await
    }
}

#[cfg(test)]
mod tests {
    use domain::identity::{AgencyRole, Role};
    use store::DbRole;
    use store::testing::TestDb;

    use super::*;

    #[tokio::test]
    async fn a_transaction_goes_on_once_and_ends_where_another_one_is_wanted() {
        let test = TestDb::new().await;
        // Whoever waited for a second connection here would wait in vain.
        let (db, agency) = (test.sized(DbRole::Web, 1).await, test.agency().await);
        let business = test.business(agency).await;
        let owner = test.person(Role::BusinessOwner, Some(agency), Some(business)).await;
        let (slug, name, role) = (String::new(), String::new(), AgencyRole::BuiltIn(Role::BusinessOwner));
        let access = BusinessAccess { id: business, agency, slug, name, role, from_agency: None };
        let actor = BusinessActor::new(db, owner, access);
        let own = Scope::Business { user: Some(owner), business };
        let goes_on = actor.going_on(actor.begin(own.clone()).await.unwrap());
        let tx = goes_on.require(Right::InboxRead).unwrap().begin().await.unwrap();
        assert_eq!(*tx.scope(), own);
        drop(tx);
        let another = goes_on.require(Right::InboxRead).unwrap().begin().await.unwrap();
        let goes_on = actor.going_on(another);
        let program = goes_on.require(Right::InboxRead).unwrap().begin_for_program().await.unwrap();
        assert_eq!((program.user(), program.business()), (None, Some(business)));
    }
}
