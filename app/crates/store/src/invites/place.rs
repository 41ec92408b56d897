//! Checks whether the place to which a link leads still exists. A place in the trash admits nobody and asks nobody
//! anything.

use domain::identity::Reach;
use domain::{AgencyId, BusinessId, JobId};

use super::LinkState;
use crate::tenant::Settings;
use crate::{Db, Result, Scope, TenantTx};

/// The place to which a link leads.
pub(super) struct Place {
    pub agency: Option<AgencyId>,
    pub business: Option<BusinessId>,
    /// The job that asks for something through the link.
    pub job: Option<JobId>,
}

impl Place {
    /// Why the link does not work: the agency, the business or the business that the job created is in the trash,
    /// or the agency of the asking job is paused. `None` means that it works. A link without an agency leads to a
    /// person's own account, which is always open.
    pub(super) async fn closed(&self, db: &Db, hash: [u8; 32]) -> Result<Option<LinkState>> {
        let Some(agency) = self.agency else { return Ok(None) };
        let settings = Settings {
            agency: Some(agency),
            business: self.business,
            reach: Some(Reach::All),
            presented: Some(hash),
            ..Settings::default()
        };
        let mut tx = TenantTx::begin_with(db, Scope::Presented(hash), settings).await?;
        let row = sqlx::query!(
            r#"select exists (select from agencies where id = $1 and deleted_at is null)
                  and ($2::uuid is null or exists (select from sub_accounts where agency_id = $1 and id = $2 and deleted_at is null))
                  and not exists (select from provisioning_jobs j join sub_accounts b on b.agency_id = j.agency_id and b.id = j.sub_account_id
                                  where j.agency_id = $1 and j.id = $3 and b.deleted_at is not null) as "there!",
                  exists (select from agencies where id = $1 and status = 'paused') as "paused!""#,
            agency.0,
            self.business.map(|id| id.0),
            self.job.map(|id| id.0)
        )
        .fetch_one(tx.conn())
        .await?;
        Ok(match (row.there, row.paused && self.job.is_some()) {
            (false, _) => Some(LinkState::Gone),
            (true, true) => Some(LinkState::Paused),
            (true, false) => None,
        })
    }
}
