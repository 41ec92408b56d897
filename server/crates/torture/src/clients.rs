//! How are HighLevel and Meta called in a run? Both are the simulator, and every wait is divided.

use std::sync::Arc;

use ghl::{Ghl, Settings};
use outbound::{LocalLedger, NoCalls, Outbound, Profile};

use crate::SCALE;

/// The client of HighLevel at this address. Its connections are Meta's, too.
pub fn ghl(base: &str) -> anyhow::Result<Ghl> {
    let base: url::Url = base.parse()?;
    let profile = Profile { windows: Vec::new(), ..ghl::profile(base.clone()).faster(SCALE, SCALE) };
    let [calls, files] = meta::profiles(&meta_settings(&base)?).map(|profile| profile.faster(SCALE, SCALE));
    let config = outbound::Config { profiles: vec![profile, calls, files], production: false };
    let http = Outbound::new(config, Arc::new(LocalLedger::default()), Arc::new(NoCalls))?;
    let app = simulator::defaults();
    let settings = Settings {
        base: base.clone(),
        white_label: base.clone(),
        marketplace: base,
        client_id: app.client_id,
        client_secret: app.client_secret.into(),
        app_id: app.app_id,
    };
    Ok(Ghl::new(http, settings))
}

/// The client of Meta at this address.
pub fn meta(ghl: &Ghl, base: &str) -> anyhow::Result<meta::Meta> {
    Ok(meta::Meta::new(ghl.outbound().clone(), meta_settings(&base.parse()?)?))
}

fn meta_settings(base: &url::Url) -> anyhow::Result<meta::Settings> {
    let app = simulator::meta_defaults();
    let instagram = meta::Instagram {
        graph: base.join(app.ig_graph_path)?,
        dialog: base.join(app.ig_dialog_path)?,
        token: base.join(app.ig_token_path)?,
        app_id: app.ig_app_id.to_owned(),
        app_secret: app.ig_app_secret.to_owned().into(),
    };
    Ok(meta::Settings {
        graph: base.join(app.graph_path)?,
        dialog: base.join(app.dialog_path)?,
        version: app.version.to_owned(),
        media: vec![base.clone()],
        app_id: app.app_id.to_owned(),
        app_secret: app.app_secret.to_owned().into(),
        config_id: None,
        instagram,
    })
}
