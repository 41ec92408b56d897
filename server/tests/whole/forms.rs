//! A valid form for each server function, in a given tenant. Every test over all server functions uses it, and
//! each new server function needs an entry here.

use std::collections::BTreeMap;

use crate::helpers::Tenant;

/// The fields of a valid form for a server function. Server functions of an agency get this tenant's ids.
pub fn fields(operation: &str, tenant: &Tenant) -> BTreeMap<String, String> {
    let (agency, business, id) = (tenant.agency.to_string(), tenant.business.to_string(), tenant.job.to_string());
    if let Some(fields) = own(operation) {
        return fields;
    }
    let found = agencys(operation, &business, &id).or_else(|| platforms(operation, &business, &id));
    let mut fields =
        found.unwrap_or_else(|| unreachable!("{operation} has no line in forms.rs: say which form it understands"));
    fields.insert("agency".to_owned(), agency);
    fields
}

/// Server functions for everybody and for one's own account.
fn own(operation: &str) -> Option<BTreeMap<String, String>> {
    let pairs: &[(&str, &str)] = match operation {
        "sign_in" => &[("email", "x@example.test"), ("password", "wrong password"), ("next", "/me")],
        "confirm_code" | "confirm_second_factor" => &[("code", "000000")],
        "request_reset" => &[("email", "x@example.test")],
        "set_password" => &[("token", "t"), ("password", "nine ships leave at dawn")],
        "answer_question" => &[("token", "t"), ("/input/name", "X")],
        "accept_invite" => &[("token", "t"), ("name", "X"), ("password", "nine ships leave at dawn")],
        "set_theme" => &[("theme", "dark")],
        "confirm_identity" => &[("password", "wrong password"), ("next", "/me")],
        "seed_demo" | "send_test_mail" => &[],
        "end_session" => &[("reference", "0011223344556677")],
        "change_password" => &[("current_password", "x"), ("password", "nine ships leave at dawn")],
        "sign_out" | "sign_out_everywhere" | "begin_second_factor" => &[],
        _ => return None,
    };
    Some(owned(pairs))
}

/// Server functions of an agency.
fn agencys(operation: &str, business: &str, id: &str) -> Option<BTreeMap<String, String>> {
    let pairs: &[(&str, &str)] = match operation {
        "start_job" => &[
            ("/client/name", "X"),
            ("/client/email", "x@example.test"),
            ("/client/country", "US"),
            ("/client/timezone", "America/New_York"),
            ("/users/0/first_name", "X"),
            ("/users/0/last_name", "Y"),
            ("/users/0/email", "y@example.test"),
            ("/users/0/role", "user"),
            ("/custom_values/0/name", "Link"),
            ("/custom_values/0/value", "https://example.test"),
            ("/tags", "vip"),
            ("rows_users", "1"),
            ("once", "0123456789"),
        ],
        "check_job" => &[("/client/name", "X"), ("/client/country", "US")],
        "retry_job" | "cancel_job" | "undo_job" => &[("id[]", id)],
        "make_answer_link" => &[("id", id)],
        "resume_job" => &[("id", id), ("/input/name", "X"), ("/answer", "adopt"), ("/answer/value", "L1")],
        "sync_snapshots" => &[],
        "describe_snapshot" => &[("snapshot", id), ("niche", "Dental"), ("description", "For dentists")],
        "set_snapshot_active" => &[("snapshot", id), ("active", "true")],
        "use_private_token" => &[("integration", id), ("reason", "The app is suspended")],
        "add_private_token" => &[("token", "pit-00000000-0000-4000-8000-000000000000")],
        "check_connection" | "disconnect" => &[("integration", id)],
        "claim_install" => &[("install", id)],
        "invite_colleague" => &[("email", "x@example.test"), ("role", "agency_staff")],
        "remove_member" => &[("user", id)],
        "assign_client" | "unassign_client" | "remove_client_member" => &[("business", business), ("user", id)],
        "withdraw_client_invite" => &[("business", business), ("invite", id)],
        "invite_owner" => &[("business", business), ("email", "o@example.test")],
        "set_member_role" => &[("user", id), ("role", "agency_staff"), ("reach", "listed")],
        "make_role" => &[("name", "X"), ("rights[]", "clients.read")],
        "change_role" => &[("role", id), ("name", "X"), ("rights[]", "clients.read")],
        "remove_role" => &[("role", id)],
        "revoke_invite" => &[("invite", id)],
        "dismiss_step" => &[("step", "colleague")],
        "find" => &[("q", "bri")],
        "ask_access" => &[("right", "TeamManage")],
        "rename_agency" => &[("name", "Harbor")],
        "set_agency_settings" => &[("max_retries", "3"), ("jobs_at_once", "5"), ("name_marker", "on")],
        "create_token" => &[("name", "x"), ("provisioning", "on"), ("once", "0123456789")],
        "revoke_token" => &[("token", id)],
        _ => return None,
    };
    Some(owned(pairs))
}

/// Server functions of the platform.
fn platforms(operation: &str, business: &str, id: &str) -> Option<BTreeMap<String, String>> {
    let pairs: &[(&str, &str)] = match operation {
        "create_agency" => &[("name", "X"), ("slug", "x-agency"), ("owner", "o@example.test")],
        "invite_to_agency" => &[("owner", "o@example.test")],
        "set_business_status" => &[("business", business), ("status", "active")],
        "invite_to_platform" => &[("email", "o@example.test"), ("role", "support")],
        "set_platform_role" => &[("user", id), ("role", "support")],
        "set_person_disabled" => &[("user", id), ("disabled", "true")],
        "end_sessions_of" | "reset_second_factor" => &[("user", id)],
        "find_platform" => &[("q", "bri")],
        "set_agency_deleted" => &[("deleted", "false")],
        "restore_business" => &[("business", business)],
        _ => return None,
    };
    Some(owned(pairs))
}

fn owned(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Encodes these fields as the body of a request to a server function.
pub fn body(fields: &BTreeMap<String, String>) -> String {
    serde_urlencoded::to_string(fields).unwrap()
}

/// The complete encoded form.
pub fn form(operation: &str, tenant: &Tenant) -> String {
    body(&fields(operation, tenant))
}
