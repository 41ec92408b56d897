//! What does a business of a test have? Transactions in it, a connected channel, what it writes, and a worker that reaches the
//! Meta which the test plays.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::credential::CredentialKind;
use domain::identity::Reach;
use domain::integration::Kind;
use domain::messaging::{Channel, Sender};
use domain::{AgencyId, BusinessId, ChannelId, ConversationId, IntegrationId};
use ghl::Ghl;
use outbound::{LocalLedger, NoCalls, Outbound};
use serde_json::json;
use store::credentials::{self, NewSecret};
use store::integrations::{self, NewConnection};
use store::messaging::channels::{self, NewChannel};
use store::messaging::outgoing::NewOutgoing;
use store::{Db, Scope, TenantTx};
use worker::{Parts, Worker};

use super::{Harness, connected};

/// A transaction in the business.
pub async fn begin(agency: AgencyId, db: &Db, business: BusinessId) -> TenantTx {
    let (reach, listed) = (Reach::All, Vec::new());
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach, listed };
    TenantTx::begin(db, scope).await.unwrap()
}

/// Connects the account `1065` of this kind for the business, with a token of a kind that ends at a time, if it ends.
pub async fn connect(
    harness: &Harness,
    business: BusinessId,
    kind: Kind,
    (token, expires_at): (CredentialKind, Option<DateTime<Utc>>),
) -> (IntegrationId, ChannelId) {
    let mut tx = begin(harness.agency, &harness.work, business).await;
    let new = NewConnection { kind, platform_id: "1065", name: Some("Shop"), parent: None };
    let integration = integrations::upsert(&mut tx, &new).await.unwrap().0;
    let secret = NewSecret {
        kind: token,
        access: "token".to_owned().into(),
        refresh: None,
        expires_at,
        refresh_expires_at: None,
        scopes: Vec::new(),
    };
    credentials::put(&mut tx, &harness.vault, integration, &secret).await.unwrap();
    let new = NewChannel {
        kind: kind.channel().unwrap_or(Channel::Whatsapp),
        external_id: "1065",
        integration,
        name: "Shop",
        display_address: "+1 555-010-0077",
    };
    let channel = channels::upsert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    (integration, channel)
}

/// A text of this sender, whoever that is.
pub fn reply(conversation: ConversationId, sender: Sender, body: &str) -> NewOutgoing<'_> {
    NewOutgoing { conversation, sender, user: None, kind: "text", body, details: json!({}), reply_to: None }
}

/// The folder of files of workers whose test looks at none.
pub fn media() -> PathBuf {
    std::env::temp_dir().join("slipway-test-media")
}

/// A worker whose Meta is at this address, and whose files are in this folder.
pub fn worker(harness: &Harness, platform: &url::Url, media: PathBuf) -> Worker {
    let settings = connected::meta_settings(platform);
    let base: url::Url = harness.sim.base_url().parse().unwrap();
    let mut profiles = vec![ghl::profile(base.clone())];
    profiles.extend(meta::profiles(&settings));
    let config = outbound::Config { profiles, production: false };
    let http = Outbound::new(config, Arc::new(LocalLedger::default()), Arc::new(NoCalls)).unwrap();
    let ghl_settings = ghl::Settings {
        base: base.clone(),
        white_label: base.clone(),
        marketplace: base,
        client_id: "app-x".to_owned(),
        client_secret: String::new().into(),
        app_id: "app".to_owned(),
    };
    Worker::new(Parts {
        db: harness.work.clone(),
        heartbeat_db: harness.work.clone(),
        ghl: Ghl::new(http.clone(), ghl_settings),
        meta: meta::Meta::new(http, settings),
        media,
        vault: harness.vault.clone(),
        mailer: harness.mails.clone(),
        public_url: "http://127.0.0.1:3000".parse().unwrap(),
        time_scale: 1.0,
    })
}
