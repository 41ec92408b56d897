//! Which businesses call? Many of a few agencies, each with a token and contacts of its own: one alone may send sixty requests
//! in a minute, an agency may have a share of the requests at once, and no limit is lifted for a benchmark.

use anyhow::{Context, bail};
use uuid::Uuid;

use crate::product::{AGENCY, Product};

/// What stands in every answer: each contact's name begins with it.
pub const CONTACT: &str = "Customer ";

/// Businesses of ten agencies with thirty contacts each, and tokens that somebody made who has the same role in all of them as in
/// the demo agency.
const SEED: &str = "with houses as (
       insert into agencies (name, slug) select 'Bench ' || n, 'bench-' || n from generate_series(0, 9) n returning id, slug),
     members as (
       insert into user_agency_memberships (user_id, agency_id, role_owner, role_id, reach)
       select m.user_id, h.id, m.role_owner, m.role_id, 'all' from houses h, user_agency_memberships m
         join users u on u.id = m.user_id join agencies a on a.id = m.agency_id
       where u.email = '{maker}' and a.slug = '{agency}' returning 1),
     made as (
       insert into sub_accounts (agency_id, name, slug)
       select h.id, 'Bench ' || n, 'bench-' || n from generate_series(0, {last}) n join houses h on h.slug = 'bench-' || n % 10
       returning id, agency_id, slug),
     tokens as (
       insert into api_tokens (agency_id, sub_account_id, secret_hash, prefix, name, scopes, created_by)
       select m.agency_id, m.id, sha256(convert_to('slw_' || m.slug, 'UTF8')), 'slw_bench', 'bench', array['tools'], u.id
       from made m, users u where u.email = '{maker}' returning 1)
insert into contacts (sub_account_id, name, email, company)
select m.id, 'Customer ' || n, 'customer' || n || '@example.test', 'Example' from made m, generate_series(1, 30) n";

/// The person who made the tokens.
const MAKER: &str = "maya@harbor.test";

/// The first of the businesses, for peers that serve one alone.
pub struct First {
    /// The business.
    pub business: Uuid,
    /// Its agency.
    pub agency: Uuid,
    /// Whoever made its token.
    pub maker: Uuid,
}

/// Adds so many businesses, numbered from zero.
pub fn add(product: &Product, count: usize) -> anyhow::Result<First> {
    let last = count.saturating_sub(1).to_string();
    product.own_rows(&SEED.replace("{last}", &last).replace("{agency}", AGENCY).replace("{maker}", MAKER))?;
    product.own_rows("analyze")?;
    let ids = "select b.id, b.agency_id, t.created_by from sub_accounts b join api_tokens t on t.sub_account_id = b.id where b.slug = 'bench-0'";
    let row = product.own_rows(ids)?.into_iter().next().context("no business was added")?;
    let ids: Vec<Uuid> = row.into_iter().flatten().map(|id| id.parse()).collect::<Result<_, _>>()?;
    let [business, agency, maker] = ids[..] else { bail!("a business has no agency or no token") };
    Ok(First { business, agency, maker })
}

/// The token of a business.
pub fn secret(number: usize) -> String {
    format!("slw_bench-{number}")
}
