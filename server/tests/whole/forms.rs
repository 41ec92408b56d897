//! A valid form for each server function, in a given tenant: the sample that its feature declares. Every test over all
//! server functions uses it.

use std::collections::BTreeMap;

use domain::feature;
use domain::permission::Needs;

use crate::helpers::Tenant;

/// The fields of a valid form for a server function. Server functions of an agency or a business get this tenant's id.
pub fn fields(operation: &str, tenant: &Tenant) -> BTreeMap<String, String> {
    let rule = feature::operations().find(|one| one.name == operation);
    let rule = rule.unwrap_or_else(|| unreachable!("no feature declares {operation}: app/crates/domain/src/feature"));
    let own = match rule.needs {
        Needs::Agency(_) => Some(("agency", "{agency}")),
        Needs::Business(_) => Some(("business", "{business}")),
        _ => None,
    };
    let pairs = rule.sample.iter().copied().chain(own);
    pairs.map(|(name, value)| (name.to_owned(), filled(value, tenant))).collect()
}

/// The value that a sample means in this tenant.
fn filled(value: &str, tenant: &Tenant) -> String {
    match value {
        "{agency}" => tenant.agency.to_string(),
        "{business}" => tenant.business.to_string(),
        // An id of a job is an id of nothing else.
        "{job}" | "{id}" => tenant.job.to_string(),
        other => other.to_owned(),
    }
}

/// Encodes these fields as the body of a request to a server function.
pub fn body(fields: &BTreeMap<String, String>) -> String {
    serde_urlencoded::to_string(fields).unwrap()
}

/// The complete encoded form.
pub fn form(operation: &str, tenant: &Tenant) -> String {
    body(&fields(operation, tenant))
}
