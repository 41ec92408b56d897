//! Serves who installed the app, and uninstalls it (HighLevel API §2.6).

use serde_json::{Value, json};

use crate::{grants::Class, world::Transaction};

use super::{
    call::Call,
    installs,
    reply::{Outcome, bad, forbidden, ok},
    shape::{Field, Kind, may},
};

/// Body of an uninstall.
pub const UNINSTALL: &[Field] =
    &[may("companyId", Kind::Text), may("locationId", Kind::Text), may("reason", Kind::Text)];

/// `GET /marketplace/app/{appId}/installations`.
pub fn installer(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let grant = call.grant.as_ref().ok_or_else(|| forbidden("company"))?;
    if call.param("appId") != call.config.app_id {
        return Err(bad("App not found"));
    }
    let company = tx.world.companies.get(&grant.company_id).ok_or_else(|| forbidden("company"))?;
    let (white_labelled, white_label) = company.white_label();
    let mut details = json!({
        "companyId": company.id, "companyName": company.name, "relationshipNumber": company.relationship_number,
        "userId": grant.user_id, "isWhitelabelCompany": white_labelled,
    });
    if white_labelled {
        details["whitelabelDetails"] = white_label;
    }
    if grant.class == Class::Company {
        let plan = format!("agency_monthly_{}", company.plan);
        details["companyEmail"] = json!(company.email);
        details["companyOwnerFullName"] = json!(company.owner);
        details["companyPlan"] = json!(plan);
        details["companyHighLevelPlan"] = json!(plan);
    } else {
        // A location's token gets no personal data of the agency.
        details["locationId"] = json!(grant.location_id);
        details["companyEmail"] = Value::Null;
        details["companyOwnerFullName"] = Value::Null;
        details["companyPlan"] = Value::Null;
    }
    ok(json!({"installationDetails": details}))
}

/// `DELETE /marketplace/app/{appId}/installations`.
pub fn uninstall(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let grant = call.grant.clone().ok_or_else(|| forbidden("company"))?;
    if call.param("appId") != call.config.app_id {
        return Err(bad("App not found"));
    }
    let location = grant.location_id.as_deref().or_else(|| call.text("locationId").filter(|id| !id.is_empty()));
    if location.is_none() && call.text("companyId").is_none() {
        return Err(bad("companyId or locationId is required"));
    }
    if !installs::uninstall(tx, &grant.company_id, location) {
        return Err(bad("App is not installed"));
    }
    ok(json!({"success": true}))
}
