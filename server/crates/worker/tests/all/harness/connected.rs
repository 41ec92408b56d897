//! Connects the harness's agency step by step: the consent, its tokens and what is stored of them.

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use domain::credential::CredentialKind;
use domain::integration::Kind;
use domain::snapshot::SeenSnapshot;
use domain::{AgencyId, IntegrationId, SnapshotId};
use ghl::auth::{self, Class, Tokens};
use ghl::{Ghl, Settings};
use meta::Meta;
use outbound::{CallContext, LocalLedger, NoCalls, Outbound, Profile, Tolerance};
use simulator::{Handle, demo};
use store::credentials::{self, NewSecret};
use store::vault::Vault;
use store::{Db, TenantTx, integrations, snapshots};

use super::Harness;

pub const CALLBACK: &str = "http://127.0.0.1:3000/api/integrations/ghl/callback";

/// How long a call may take where a test waits for an answer that is withheld.
const HURRIED: Duration = Duration::from_secs(3);

/// An API client with this tolerance for failures before its circuit breaker opens. Its calls may take as long as those of the
/// product: one that is given up because the machine is slow would still arrive, after the clock of the test moved on.
pub fn ghl(sim: &Handle, tolerance: Tolerance) -> Ghl {
    calling(sim, |profile| profile.tolerance = tolerance)
}

/// An API client that gives up a call soon.
pub fn hurried(sim: &Handle) -> Ghl {
    calling(sim, |profile| profile.deadlines.background = HURRIED)
}

fn calling(sim: &Handle, change: impl FnOnce(&mut Profile)) -> Ghl {
    let base: url::Url = sim.base_url().parse().unwrap();
    let tolerance = Tolerance::default();
    let mut profile = Profile { windows: Vec::new(), tolerance, ..ghl::profile(base.clone()) };
    change(&mut profile);
    let [calls, files] = meta::profiles(&meta_settings(&base));
    let config = outbound::Config { profiles: vec![profile, calls, files], production: false };
    let http = Outbound::new(config, Arc::new(LocalLedger::default()), Arc::new(NoCalls)).unwrap();
    let app = simulator::defaults();
    let settings = Settings {
        base: base.clone(),
        white_label: base.clone(),
        marketplace: base,
        client_id: app.client_id.to_string(),
        client_secret: app.client_secret.to_string().into(),
        app_id: app.app_id.to_string(),
    };
    Ghl::new(http, settings)
}

/// A client of the Meta that the simulator plays, over the same connections.
pub fn meta(ghl: &Ghl, sim: &Handle) -> Meta {
    Meta::new(ghl.outbound().clone(), meta_settings(&sim.base_url().parse().unwrap()))
}

/// The settings of our apps at a Meta that is at one address.
pub fn meta_settings(base: &url::Url) -> meta::Settings {
    let at = |path: &str| base.join(path).unwrap();
    let instagram = meta::Instagram {
        graph: at("/meta/ig"),
        dialog: base.clone(),
        token: at("/meta/ig/oauth/access_token"),
        app_id: "880000000000001".to_owned(),
        app_secret: "test-ig-secret".to_owned().into(),
    };
    meta::Settings {
        graph: at("/meta"),
        dialog: base.clone(),
        version: "v23.0".to_owned(),
        media: vec![base.clone()],
        app_id: "990000000000001".to_owned(),
        app_secret: "test-app-secret".to_owned().into(),
        config_id: None,
        instagram,
    }
}

/// Gives consent for this company and returns the resulting tokens.
pub async fn tokens(ghl: &Ghl, sim: &Handle, company: &str) -> Tokens {
    let locations: &[&str] = if company == demo::TIDEWATER { &[demo::TIDEWATER_ONE] } else { &[] };
    exchanged(ghl, &sim.authorize(company, locations, CALLBACK).unwrap()).await
}

/// Exchanges a code for tokens.
pub async fn exchanged(ghl: &Ghl, code: &str) -> Tokens {
    auth::exchange(ghl, &CallContext::default(), code, &CALLBACK.parse().unwrap(), &Class::Company).await.unwrap()
}

/// Inserts or updates the integration's row, which stays locked until the transaction ends.
pub async fn upsert(tx: &mut TenantTx, company: &str) -> IntegrationId {
    let new = integrations::NewConnection {
        kind: Kind::Gohighlevel,
        platform_id: company,
        name: Some("Harbor"),
        parent: None,
    };
    integrations::upsert(tx, &new).await.unwrap().0
}

/// Stores tokens for the integration.
pub async fn keep(tx: &mut TenantTx, vault: &Vault, id: IntegrationId, tokens: Tokens) {
    let secret = NewSecret {
        kind: CredentialKind::OauthCompany,
        access: tokens.access,
        refresh: tokens.refresh,
        expires_at: Some(Utc::now() + TimeDelta::days(1)),
        refresh_expires_at: None,
        scopes: tokens.scopes,
    };
    credentials::put(tx, vault, id, &secret).await.unwrap();
}

/// Inserts the integration and stores its tokens.
pub async fn connect(db: &Db, vault: &Vault, tokens: Tokens, agency: AgencyId, company: &str) -> IntegrationId {
    let mut tx = TenantTx::begin(db, Harness::scope_of(agency)).await.unwrap();
    let id = upsert(&mut tx, company).await;
    keep(&mut tx, vault, id, tokens).await;
    tx.commit().await.unwrap();
    id
}

/// The snapshot that the agency offers.
pub async fn snapshot(db: &Db, agency: AgencyId) -> SnapshotId {
    let mut tx = TenantTx::begin(db, Harness::scope_of(agency)).await.unwrap();
    let seen =
        SeenSnapshot { ghl_snapshot_id: demo::DENTAL_PRO.into(), name: "Dental Pro".into(), kind: Some("own".into()) };
    snapshots::sync(&mut tx, &[seen]).await.unwrap();
    let offered = snapshots::offered(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    offered[0].id
}
