//! What does the card know of a connection? The server builds it once for the page and for each answer. Of a secret it
//! knows the fingerprint, never the value.

use chrono::{DateTime, Utc};
use domain::credential::Credential;
use domain::integration::{Integration, StripDay};
use serde::{Deserialize, Serialize};

use crate::json::from_members;

/// The agency's own connection, as its page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectionState {
    /// The time of the server.
    pub at: DateTime<Utc>,
    /// The connection; `None` if there is none.
    pub connection: Option<Connection>,
    /// Changes with what the rest of the page shows because of the connection: its notices and its buttons.
    pub forms: String,
}

/// One connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// The integration.
    pub integration: Integration,
    /// Its successes and failures on each of the last days.
    pub strip: Vec<StripDay>,
    /// The token kept for emergencies, if there is one.
    pub backup: Option<Credential>,
}

from_members! {
    ConnectionState { at, connection, forms }
    Connection { integration, strip, backup }
}
