//! Creates agencies for benchmarks: each is allowed the maximum number of jobs and connected to a company of the
//! simulator, as a consent would connect it.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use chrono::{TimeDelta, Utc};
use domain::AgencyId;
use domain::agency::{NewAgency, Settings};
use domain::credential::CredentialKind;
use domain::identity::Reach;
use domain::integration::Kind;
use ghl::Ghl;
use ghl::auth::{self, Class};
use outbound::{CallContext, LocalLedger, NoCalls, Outbound, Profile};
use simulator::Handle;
use store::credentials::{self, NewSecret};
use store::tenant::PlatformTx;
use store::vault::Vault;
use store::{Db, Scope, TenantTx, agencies, integrations};

const CALLBACK: &str = "http://127.0.0.1:3000/api/integrations/ghl/callback";
/// Jobs that each agency may have running: the maximum of the setting.
const AT_ONCE: u8 = 20;

/// A HighLevel client for the simulator, without our own rate limits.
pub fn ghl(sim: &Handle) -> anyhow::Result<Ghl> {
    let base: url::Url = sim.base_url().parse()?;
    let profile = Profile { windows: Vec::new(), ..ghl::profile(base.clone()) };
    let config = outbound::Config { profiles: vec![profile], production: false };
    let http = Outbound::new(config, Arc::new(LocalLedger::default()), Arc::new(NoCalls)).context("the client")?;
    let app = simulator::defaults();
    let settings = ghl::Settings {
        base: base.clone(),
        white_label: base.clone(),
        marketplace: base,
        client_id: app.client_id,
        client_secret: app.client_secret.into(),
        app_id: app.app_id,
    };
    Ok(Ghl::new(http, settings))
}

/// A client of Meta, which is never called here.
pub fn meta(ghl: &Ghl, base: &url::Url) -> meta::Meta {
    let nobody = String::new();
    let instagram = meta::Instagram {
        graph: base.clone(),
        dialog: base.clone(),
        token: base.clone(),
        app_id: nobody.clone(),
        app_secret: nobody.clone().into(),
    };
    let settings = meta::Settings {
        graph: base.clone(),
        dialog: base.clone(),
        version: "v23.0".to_owned(),
        media: Vec::new(),
        app_id: nobody.clone(),
        app_secret: nobody.into(),
        config_id: None,
        instagram,
    };
    meta::Meta::new(ghl.outbound().clone(), settings)
}

/// A scope that reaches everything in an agency.
pub const fn scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }
}

/// Creates an agency that may have the maximum number of jobs running.
pub async fn agency(web: &Db, name: String, slug: String) -> anyhow::Result<AgencyId> {
    let mut tx = PlatformTx::begin(web, None).await?;
    let agency = agencies::add(&mut tx, &NewAgency { name, slug }).await?;
    tx.commit().await?;
    let mut tx = TenantTx::begin(web, scope(agency)).await?;
    agencies::set_settings(&mut tx, &Settings { jobs_at_once: AT_ONCE, ..Settings::default() }).await?;
    tx.commit().await?;
    Ok(agency)
}

/// Connects an agency to a company of the simulator.
pub async fn connect(
    db: &Db,
    vault: &Vault,
    ghl: &Ghl,
    sim: &Handle,
    agency: AgencyId,
    company: &str,
) -> anyhow::Result<()> {
    let code = sim.authorize(company, &[], CALLBACK).map_err(|why| anyhow!(why))?;
    let tokens = auth::exchange(ghl, &CallContext::default(), &code, &CALLBACK.parse()?, &Class::Company).await?;
    let mut tx = TenantTx::begin(db, scope(agency)).await?;
    let new = integrations::NewConnection { kind: Kind::Gohighlevel, platform_id: company, name: None, parent: None };
    let (id, _) = integrations::upsert(&mut tx, &new).await?;
    let secret = NewSecret {
        kind: CredentialKind::OauthCompany,
        access: tokens.access,
        refresh: tokens.refresh,
        expires_at: Some(Utc::now() + TimeDelta::days(1)),
        refresh_expires_at: None,
        scopes: tokens.scopes,
    };
    credentials::put(&mut tx, vault, id, &secret).await?;
    Ok(tx.commit().await?)
}
