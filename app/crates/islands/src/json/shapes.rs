//! Which members have the types of the domain that the states of islands hold, and how are its words and ids written?

use domain::credential::{Credential, CredentialKind, Slot};
use domain::field::FieldError;
use domain::integration::{Integration, Kind, StripDay};
use domain::provisioning::{
    CallInFlight, Duplicate, JobCounts, JobRow, JobStatus, LogLevel, Step, StepDot, StepStatus, TodoItem, Typical,
    Waited, Waiting,
};
use domain::snapshot::SnapshotName;
use domain::todos::TodoKind;
use domain::weeks::Week;
use domain::{AgencyId, BusinessId, CredentialId, IntegrationId, JobId, SnapshotId, UserId};
use uuid::Uuid;

use super::from_members;
use super::parse::Json;
use super::value::{FromJson, text};

from_members! {
    JobRow {
        id, number, status, cancelling, client_name, client_email, business, location_id, snapshot, requested_by,
        requested_by_name, dots, current_step, waiting, retry_count, max_retries, error, open_todos, created_at,
        started_at, finished_at, updated_at,
    }
    SnapshotName { id, name }
    StepDot { step, status }
    Waiting { reason, until, is_retry }
    Typical { p50, p90 }
    Waited { millis, since }
    CallInFlight { method, endpoint, sent_at }
}

from_members! {
    TodoItem { kind, about, what, why }
    Duplicate { job, business, name, same }
    FieldError { pointer, detail }
}

from_members! {
    JobCounts { running, failed, needs_input, mine, done, cancelled, with_todos, all }
    Week { start, jobs, clients }
}

from_members! {
    Integration {
        id, agency, business, kind, is_active, platform_id, platform_name, parent_platform_id, scopes_granted,
        scopes_missing, setup_step, setup_error, credential, token_expires_at, connected_at, connected_by,
        first_event_at, last_event_at, last_ok_at, last_error_at, last_error_code, needs_reauth_at, paused_at,
        disconnected_at, suspended_at, limited_until, installs_future_locations, uninstall_asked_at, uninstalled_at,
        uninstall_error, company,
    }
    Credential {
        id, integration, version, slot, kind, fingerprint, scopes, issued_at, expires_at, refresh_expires_at,
        last_used_at, refreshable,
    }
    StripDay { day, ok, failed }
}

macro_rules! from_ids {
    ($($id:ident)+) => {$(
        impl FromJson for $id {
            fn from_json(json: &Json) -> Option<Self> {
                Uuid::from_json(json).map(Self)
            }
        }
    )+};
}

from_ids! { AgencyId BusinessId CredentialId IntegrationId JobId SnapshotId UserId }

macro_rules! from_keys {
    ($($word:ident: $parse:expr;)+) => {$(
        impl FromJson for $word {
            fn from_json(json: &Json) -> Option<Self> {
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(text(json)?)
            }
        }
    )+};
}

from_keys! {
    Step: Step::parse;
    StepStatus: StepStatus::parse;
    JobStatus: |key| JobStatus::ALL.into_iter().find(|status| status.key() == key);
    LogLevel: |key| Some(LogLevel::parse(key));
    TodoKind: |key| Some(TodoKind::parse(key));
    CredentialKind: CredentialKind::parse;
    Slot: Slot::parse;
    Kind: kind;
}

/// The kinds of outside accounts, as the type in the database names them.
fn kind(key: &str) -> Option<Kind> {
    Some(match key {
        "WHATSAPP" => Kind::Whatsapp,
        "INSTAGRAM" => Kind::Instagram,
        "FACEBOOK" => Kind::Facebook,
        "VAPI" => Kind::Vapi,
        "GOOGLE_CALENDAR" => Kind::GoogleCalendar,
        "EMAIL" => Kind::Email,
        "GOHIGHLEVEL" => Kind::Gohighlevel,
        "STRIPE" => Kind::Stripe,
        "TWILIO" => Kind::Twilio,
        "SENDGRID" => Kind::Sendgrid,
        _ => return None,
    })
}
