//! Finds existing businesses that resemble a new one. It compares name, email, phone and web address.

use domain::provisioning::{Client, Duplicate};
use domain::{BusinessId, JobId, text};

use super::agency;
use crate::{Result, TenantTx};

/// Maximum number of results.
const MOST: usize = 20;

/// Returns businesses and jobs, finished or not, that match the new business in at least one field; at most
/// twenty. A business and the job that created it are one result, which names the job. Both are compared, because
/// either may have been changed since. For an archived job only the business is compared; if there is none, the
/// data that the job still has.
pub async fn duplicates(tx: &mut TenantTx, client: &Client) -> Result<Vec<Duplicate>> {
    let agency = agency(tx)?;
    let rows = sqlx::query!(
        r#"select c.job, c.business, c.name as "name!",
                  array_remove(array[case when $2 <> '' and c.name_key = folded($2) then 'name' end, case when $3 <> '' and c.email = $3 then 'email' end,
                    case when $4 <> '' and c.phone = $4 then 'phone' end, case when $5 <> '' and c.website = $5 then 'website' end], null) as "same!"
           from (select j.id as job, j.sub_account_id as business, j.client_data_json ->> 'name' as name, folded(j.client_data_json ->> 'name') as name_key,
                        j.client_email as email, j.client_data_json ->> 'phone' as phone, lower(j.client_data_json ->> 'website') as website
                 from provisioning_jobs j where j.agency_id = $1 and j.status <> 'CANCELLED'
                   and (j.archived_at is null or not exists (select from sub_accounts b where b.agency_id = $1 and b.id = j.sub_account_id and b.deleted_at is null))
                 union all
                 select null, b.id, b.name, folded(b.name), lower(b.email), b.phone, lower(b.website)
                 from sub_accounts b where b.agency_id = $1 and b.deleted_at is null) c
           where ($2 <> '' and c.name_key = folded($2)) or ($3 <> '' and c.email = $3) or ($4 <> '' and c.phone = $4) or ($5 <> '' and c.website = $5)
           order by c.job is null limit 40"#,
        agency.0,
        text::line(&client.name),
        text::account(&client.email),
        domain::phone::read(&client.phone, &client.country).unwrap_or_default(),
        text::account(&client.website)
    )
    .fetch_all(tx.conn())
    .await?;
    let mut found: Vec<Duplicate> = Vec::new();
    // Jobs come first, so that a business finds the job that created it.
    for row in rows {
        let business = row.business.map(BusinessId);
        let known = found.iter_mut().find(|one| row.job.is_none() && one.business == business);
        match known {
            Some(one) => {
                one.same.extend(row.same.into_iter().filter(|field| !one.same.contains(field)).collect::<Vec<_>>())
            }
            None => found.push(Duplicate { job: row.job.map(JobId), business, name: row.name, same: row.same }),
        }
    }
    found.truncate(MOST);
    Ok(found)
}
