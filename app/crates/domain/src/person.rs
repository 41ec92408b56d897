//! People as lists and pages show them: who works where, who is invited, which sessions and tokens are open.
//! None of these carries a secret.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::identity::{AgencyRole, Reach, Role};
use crate::{AgencyId, ApiTokenId, BusinessId, UserId};

/// Someone who signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Sign-in address as they wrote it.
    pub email: String,
    /// Name shown to others.
    pub name: String,
    /// Platform role, if any.
    pub platform: Option<Role>,
    /// Whether a second factor is confirmed.
    pub mfa_enrolled: bool,
    /// Last time seen.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Since when they may not sign in.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Since when they exist.
    pub created_at: DateTime<Utc>,
}

/// A person's place in an agency or a business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The person.
    pub user: UserId,
    /// Sign-in address.
    pub email: String,
    /// Name shown to others.
    pub name: String,
    /// As what.
    pub role: AgencyRole,
    /// Which clients they reach; absent in a business.
    pub reach: Option<Reach>,
    /// How many clients are assigned to them; absent where they reach all, and in a business.
    pub assigned: Option<i64>,
    /// Whether a second factor is confirmed.
    pub mfa_enrolled: bool,
    /// Last time seen.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Since when they are a member.
    pub since: DateTime<Utc>,
}

/// Somebody of the agency who works for the clients assigned to them, as one client's page sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    /// The person.
    pub user: UserId,
    /// Sign-in address.
    pub email: String,
    /// Name shown to others.
    pub name: String,
    /// Whether this client is assigned to them.
    pub assigned: bool,
}

/// An invitation nobody has accepted yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// Names it when it is withdrawn.
    pub id: Uuid,
    /// To whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Who asked.
    pub invited_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Until when it may be accepted.
    pub expires_at: DateTime<Utc>,
    /// Whether its mail has not left yet.
    pub unsent: bool,
}

/// An open session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// First digits of its hash: enough to name it, useless for signing in.
    pub reference: String,
    /// Whether it is the one asking.
    pub current: bool,
    /// Address it was last used from.
    pub ip: Option<String>,
    /// Browser it belongs to.
    pub user_agent: Option<String>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTime<Utc>,
}

/// A bearer token; its value is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// The agency it acts for.
    pub agency: AgencyId,
    /// The one business it acts for, when narrower.
    pub business: Option<BusinessId>,
    /// What its maker called it.
    pub name: String,
    /// First characters, to tell tokens apart.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Who made it, with whom it ends; absent for one made at the server.
    pub made_by: Option<UserId>,
    /// Their name, unless they are of the platform.
    pub maker: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}
