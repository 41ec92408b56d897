//! Serves an agency's data (HighLevel API §4.0).

use serde_json::json;

use crate::world::Transaction;

use super::{
    call::Call,
    reply::{Outcome, forbidden, ok},
};

/// `GET /companies/{companyId}`.
pub fn get(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let company = tx.world.companies.get(call.param("companyId")).ok_or_else(|| forbidden("company"))?;
    ok(json!({"company": {
        "id": company.id, "name": company.name, "email": company.email, "phone": company.phone, "domain": company.domain,
        "country": company.country, "timezone": company.timezone, "currency": "USD", "plan": company.plan,
        "status": "active_paid", "customerType": "agency", "relationshipNumber": company.relationship_number,
        "locationCount": tx.world.locations_of(&company.id).count(), "isReselling": company.plan >= 497,
        "saasSettings": {}, "isSandboxAccount": false, "enableNewSubAccountDefaultData": false,
    }}))
}
