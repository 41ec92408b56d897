//! Which statement finds a page? One for all lists: the ids and sort keys of the rows, and their number where the first
//! page counts.

use domain::page::{COUNTED, USUAL_ROWS};
use sqlx::{Postgres, QueryBuilder};

use super::selection::{Selection, Shown};
use super::{List, Within};

/// Writes the statement, behind a prefix (`explain`). It reads one row more than the page has, which shows whether
/// there is a next page.
pub(super) fn page(prefix: &'static str, list: &List, within: Within, selection: &Selection) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(prefix);
    list.search.push_found(&mut sql, &selection.words);
    sql.push("select ").push(list.id).push(" as id, ");
    selection.order.key.push_column(&mut sql);
    if list.is_counted && selection.after.is_none() {
        sql.push(", (select count(*) from (select");
        push_rows(&mut sql, list, within, selection);
        sql.push(" limit ").push(COUNTED + 1).push(") counted) as total");
    }
    push_rows(&mut sql, list, within, selection);
    if let Some(after) = &selection.after {
        selection.order.push_after(&mut sql, list.id, after);
    }
    selection.order.push(&mut sql, list.id);
    let most = selection.size + 1;
    sql.push(" limit ");
    if keeps_its_plan(list, selection) {
        sql.push(most);
    } else {
        sql.push_bind(most);
    }
    sql
}

/// True if the database may keep the plan of a page: one of the usual size, in the order of an index. It makes a plan anew each
/// time while the limit is a parameter. A count, a search and a filter are planned for the tenant that asks.
fn keeps_its_plan(list: &List, selection: &Selection) -> bool {
    let is_plain = selection.words.is_empty() && selection.terms.is_empty();
    is_plain && !list.is_counted && selection.size == i64::from(USUAL_ROWS) && matches!(selection.view, Shown::Named(_))
}

/// Writes which rows there are: the same for those that are shown and those that are counted.
fn push_rows(sql: &mut QueryBuilder<Postgres>, list: &List, within: Within, selection: &Selection) {
    push_unsearched(sql, list, within, selection);
    if let Some((time, most)) = list.search.newest.filter(|_| !selection.words.is_empty()) {
        // `coalesce` stands inside a query of its own: behind the policies of a tenant no index compares with it.
        sql.push(" and ").push(time).push(" >= (select coalesce((select ").push(time);
        push_unsearched(sql, list, within, selection);
        sql.push(" order by ").push(time).push(" desc offset ").push(most - 1).push(" limit 1), '-infinity'))");
    }
    list.search.push(sql, &selection.words);
}

/// Writes which rows the scope, the view and the filters leave.
fn push_unsearched(sql: &mut QueryBuilder<Postgres>, list: &List, within: Within, selection: &Selection) {
    sql.push(" from ").push(list.from).push(" where true");
    if let (Some(column), Some(business)) = (list.business, within.business) {
        sql.push(" and ").push(column).push(" = ").push_bind(business.0);
    } else if let (Some(column), Some(agency)) = (list.agency, within.agency) {
        sql.push(" and ").push(column).push(" = ").push_bind(agency.0);
    }
    if !list.always.is_empty() {
        sql.push(" and ").push(list.always);
    }
    match &selection.view {
        Shown::Named("") => {}
        Shown::Named(condition) => push_with_user(sql, condition, within),
        Shown::Text(column, text) => {
            sql.push(" and ").push(*column).push(" = ").push_bind(text.clone());
        }
    }
    for term in &selection.terms {
        sql.push(" and ");
        term.push(sql);
    }
}

fn push_with_user(sql: &mut QueryBuilder<Postgres>, condition: &str, within: Within) {
    sql.push(" and (");
    for (at, piece) in condition.split("{user}").enumerate() {
        if at > 0 {
            sql.push_bind(within.user.map(|user| user.0));
        }
        sql.push(piece);
    }
    sql.push(")");
}
