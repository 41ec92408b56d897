//! Begins transactions that act for one tenant and see only what that tenant may see. What begins a transaction also
//! sets the role and the tenant; the row-level security policies of the tables do the rest. The
//! settings end with the transaction, so a connection that returns to the pool carries nothing over.

use domain::identity::Reach;
use domain::{AgencyId, BusinessId, UserId};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use crate::audit;
use crate::begin::begin_with;
use crate::notices::Notices;
use crate::{Db, DbRole, Error, Result};

/// Whom a transaction acts for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Before sign-in: the holder of the secret with this SHA-256 sees that one session, token or state.
    Presented([u8; 32]),
    /// A person and the rows that belong to them.
    Person(UserId),
    /// An agency: its rows, and read-only the rows of the businesses that are reached.
    Agency {
        /// The person. `None` for a machine.
        user: Option<UserId>,
        /// The agency.
        agency: AgencyId,
        /// Whether all businesses of the agency are reached, or the listed ones.
        reach: Reach,
        /// The businesses reached when the reach is `Listed`.
        listed: Vec<BusinessId>,
    },
    /// An agency that works in one business: like `Agency`, and this business may also be written.
    AgencyBusiness {
        /// The person. `None` for a machine.
        user: Option<UserId>,
        /// The agency.
        agency: AgencyId,
        /// The one business that may be written.
        business: BusinessId,
        /// Whether all businesses of the agency are reached, or the listed ones.
        reach: Reach,
        /// The businesses reached when the reach is `Listed`.
        listed: Vec<BusinessId>,
    },
    /// One business, and nothing of its agency except name and brand.
    Business {
        /// The person. `None` for a machine.
        user: Option<UserId>,
        /// The business.
        business: BusinessId,
    },
    /// No tenant: queue, throttles, catalogs.
    Open,
}

/// The settings of a scope as the database reads them; an empty text means not set.
#[derive(Default)]
pub(crate) struct Settings {
    pub user: Option<UserId>,
    pub agency: Option<AgencyId>,
    pub business: Option<BusinessId>,
    pub reach: Option<Reach>,
    pub listed: Vec<BusinessId>,
    pub presented: Option<[u8; 32]>,
}

impl From<&Scope> for Settings {
    fn from(scope: &Scope) -> Self {
        match scope.clone() {
            Scope::Presented(hash) => Self { presented: Some(hash), ..Self::default() },
            Scope::Person(user) => Self { user: Some(user), ..Self::default() },
            Scope::Agency { user, agency, reach, listed } => {
                Self { user, agency: Some(agency), reach: Some(reach), listed, ..Self::default() }
            }
            Scope::AgencyBusiness { user, agency, business, reach, listed } => Self {
                user,
                agency: Some(agency),
                business: Some(business),
                reach: Some(reach),
                listed,
                presented: None,
            },
            Scope::Business { user, business } => Self { user, business: Some(business), ..Self::default() },
            Scope::Open => Self::default(),
        }
    }
}

fn text(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

impl Settings {
    /// Begins a transaction with these settings, in one round trip. They are ids, a hash and words of ours, so nothing in them is
    /// quoted.
    async fn begin(&self, role: &'static str, pool: &PgPool) -> Result<Transaction<'static, Postgres>> {
        let listed = self.listed.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let reach = match self.reach {
            Some(Reach::All) => "all",
            Some(Reach::Listed) => "listed",
            None => "",
        };
        let (user, business, agency) = (text(self.user), text(self.business), text(self.agency));
        let presented = self.presented.map(hex::encode).unwrap_or_default();
        let statements = format!(
            "BEGIN; select set_config('role', '{role}', true), set_config('app.current_user_id', '{user}', true),
                    set_config('app.current_sub_account_id', '{business}', true), set_config('app.current_agency_id', '{agency}', true),
                    set_config('app.agency_reach', '{reach}', true), set_config('app.visible_sub_account_ids', '{listed}', true),
                    set_config('app.presented_hash', '{presented}', true)"
        );
        let tx = begin_with(pool, statements).await?;
        tracing::trace!(event = "tx.begun", role, "a transaction began");
        Ok(tx)
    }
}

/// A transaction that belongs to one scope. When it is dropped without `commit`, it is rolled back.
pub struct TenantTx {
    tx: Transaction<'static, Postgres>,
    scope: Scope,
    settings: Settings,
    db: Db,
    notices: Notices,
    home: Option<AgencyId>,
}

impl TenantTx {
    /// Begins a transaction and sets its scope.
    pub async fn begin(db: &Db, scope: Scope) -> Result<Self> {
        let settings = Settings::from(&scope);
        Self::begin_with(db, scope, settings).await
    }

    /// For the few operations that present a secret and act for a tenant at the same time (accepting an
    /// invitation, claiming an install).
    pub(crate) async fn begin_with(db: &Db, scope: Scope, settings: Settings) -> Result<Self> {
        let tx = settings.begin(db.role().name(), db.pool()).await?;
        Ok(Self { tx, scope, settings, db: db.clone(), notices: Notices::default(), home: None })
    }

    /// The connection, for statements of this crate.
    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Whom it acts for.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The agency that it acts in. Returns `Refused` when the scope has no agency.
    pub fn agency(&self) -> Result<AgencyId> {
        self.settings.agency.ok_or_else(|| Error::Refused("a scope without agency".into()))
    }

    /// The agency that its rows belong to. A business scope sets no agency, so it is read from the row of the
    /// business.
    pub(crate) async fn home(&mut self) -> Result<Option<AgencyId>> {
        if let (None, None, Some(business)) = (self.settings.agency, self.home, self.settings.business) {
            let agency = sqlx::query_scalar!("select agency_id from sub_accounts where id = $1", business.0)
                .fetch_optional(self.conn())
                .await?;
            self.home = agency.map(AgencyId);
        }
        Ok(self.settings.agency.or(self.home))
    }

    /// The business that it may write.
    #[must_use]
    pub const fn business(&self) -> Option<BusinessId> {
        self.settings.business
    }

    /// The person it acts for.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        self.settings.user
    }

    /// The database role that it takes.
    pub(crate) const fn role(&self) -> DbRole {
        self.db.role()
    }

    /// Continues under another role until it is changed back. The policies of that role decide what it may see.
    pub(crate) async fn become_role(&mut self, role: DbRole) -> Result<()> {
        sqlx::query!("select set_config('role', $1, true) as role", role.name()).fetch_one(self.conn()).await?;
        Ok(())
    }

    /// The notices that are sent after the commit.
    pub(crate) const fn notices(&mut self) -> &mut Notices {
        &mut self.notices
    }

    /// Commits the changes. Listeners are notified a moment later.
    pub async fn commit(self) -> Result<()> {
        self.tx.commit().await?;
        self.db.notify(self.notices);
        Ok(())
    }

    /// Commits the changes while the caller goes on. For what may be lost with the connection, as counts of requests may.
    #[expect(clippy::disallowed_methods, reason = "the task ends with the answer to `COMMIT`")]
    pub(crate) fn commit_meanwhile(self) {
        tokio::spawn(async move {
            if let Err(error) = self.commit().await {
                tracing::warn!(event = "db.not_committed", %error, "a request was served and is not counted");
            }
        });
    }
}

/// A transaction over the metadata of every tenant, never over the content of one. The audit log records that a
/// person began one, once per session.
pub struct PlatformTx {
    tx: Transaction<'static, Postgres>,
    user: Option<UserId>,
    db: Db,
    notices: Notices,
}

impl PlatformTx {
    /// Begins it. `user` is `None` for the program's own housekeeping.
    pub async fn begin(db: &Db, user: Option<UserId>) -> Result<Self> {
        if let Some(user) = user {
            audit::entered(db, user).await?;
        }
        Self::quiet(db, user).await
    }

    /// Begins one without an audit row of its own. The caller writes into the audit log what it is for.
    pub(crate) async fn quiet(db: &Db, user: Option<UserId>) -> Result<Self> {
        let tx = Settings { user, ..Settings::default() }.begin("app_platform", db.pool()).await?;
        Ok(Self { tx, user, db: db.clone(), notices: Notices::default() })
    }

    /// The connection, for statements of this crate.
    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// The person it acts for.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        self.user
    }

    /// The notices that are sent after the commit.
    pub(crate) const fn notices(&mut self) -> &mut Notices {
        &mut self.notices
    }

    /// Commits the changes. Listeners are notified a moment later.
    pub async fn commit(self) -> Result<()> {
        self.tx.commit().await?;
        self.db.notify(self.notices);
        Ok(())
    }
}
