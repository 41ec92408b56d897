//! People as lists and pages show them: members, invitations, open sessions and API tokens. None of these types
//! contains a secret.

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
    /// Sign-in address, spelled as they entered it.
    pub email: String,
    /// Name shown to others.
    pub name: String,
    /// Platform role; `None` for people who have none.
    pub platform: Option<Role>,
    /// Whether a second factor is confirmed.
    pub mfa_enrolled: bool,
    /// When they were last seen.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Since when they may not sign in; `None` if they may.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When the account was created.
    pub created_at: DateTime<Utc>,
}

/// A person's membership in an agency or a business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The person.
    pub user: UserId,
    /// Sign-in address.
    pub email: String,
    /// Name shown to others.
    pub name: String,
    /// Their role.
    pub role: AgencyRole,
    /// Which businesses they have access to; `None` for a member of a business.
    pub reach: Option<Reach>,
    /// How many businesses are assigned to them; `None` if they have access to all, and for a member of a
    /// business.
    pub assigned: Option<i64>,
    /// Whether a second factor is confirmed.
    pub mfa_enrolled: bool,
    /// When they were last seen.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Since when they are a member.
    pub since: DateTime<Utc>,
}

/// A member of the agency who works for the businesses assigned to them, as the page of one business shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    /// The person.
    pub user: UserId,
    /// Sign-in address.
    pub email: String,
    /// Name shown to others.
    pub name: String,
    /// Whether this business is assigned to them.
    pub assigned: bool,
}

/// An invitation that nobody has accepted yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// Its id, used to withdraw it.
    pub id: Uuid,
    /// Address of the invited person.
    pub email: String,
    /// The role that they will have.
    pub role: Role,
    /// Who sent the invitation.
    pub invited_by: Option<UserId>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it expires.
    pub expires_at: DateTime<Utc>,
    /// Whether its mail has not been sent yet.
    pub unsent: bool,
}

/// An open session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// First digits of its hash. They identify the session and cannot be used to sign in.
    pub reference: String,
    /// Whether it is the session of the current request.
    pub current: bool,
    /// IP address from which it was last used.
    pub ip: Option<String>,
    /// Browser it belongs to.
    pub user_agent: Option<String>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTime<Utc>,
}

/// An API token. Its value is shown once, when it is created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// The agency it acts for.
    pub agency: AgencyId,
    /// The only business it acts for; `None` if it acts for the whole agency.
    pub business: Option<BusinessId>,
    /// The name that its creator chose.
    pub name: String,
    /// First characters of the value, to tell tokens apart.
    pub prefix: String,
    /// The scopes it has.
    pub scopes: Vec<String>,
    /// The person who created it and whose rights limit it. `None` for a token that was created on the server.
    pub made_by: Option<UserId>,
    /// Name of the creator, unless they are platform staff.
    pub maker: Option<String>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it expires.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}
