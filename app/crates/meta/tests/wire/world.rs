//! What do the tests need: Meta at one server for all its hosts, and a caller with a token.

use std::sync::Arc;

use meta::{Call, Instagram, Login, Meta, Settings};
use outbound::{CallContext, Config, LocalLedger, NoCalls, Outbound};
use secrecy::SecretString;
use url::Url;

use crate::server::Seen;

/// Everything that Meta is, at one address. Instagram's Graph has a path of its own.
pub fn settings(base: &Url) -> Settings {
    Settings {
        graph: base.clone(),
        dialog: Url::parse("https://dialog.example.com").unwrap(),
        version: "v23.0".into(),
        media: vec![Url::parse("https://files.example.com").unwrap()],
        app_id: "990000000000001".into(),
        app_secret: "test-app-secret".to_owned().into(),
        config_id: None,
        instagram: Instagram {
            graph: base.join("/ig").unwrap(),
            dialog: Url::parse("https://ig-dialog.example.com").unwrap(),
            token: base.join("/ig-token/oauth/access_token").unwrap(),
            app_id: "880000000000001".into(),
            app_secret: "test-ig-secret".to_owned().into(),
        },
    }
}

pub fn meta(base: &Url) -> Meta {
    meta_with(settings(base))
}

pub fn meta_with(settings: Settings) -> Meta {
    let config = Config { profiles: meta::profiles(&settings).to_vec(), production: false };
    let http = Outbound::new(config, Arc::new(LocalLedger::default()), Arc::new(NoCalls)).unwrap();
    Meta::new(http, settings)
}

/// A caller with the page token of the published test vector.
pub struct Caller(SecretString, CallContext);

/// The proof of that token.
pub const PROOF: &str = "appsecret_proof=15223210b559a8de9db6bef0b09dbcb0d064601a6ef6d7fabec180ebaa5229ff";

impl Caller {
    pub fn new() -> Self {
        Self("EAAEXAMPLEPAGETOKENA".to_owned().into(), CallContext::default())
    }

    pub fn call(&self) -> Call<'_> {
        Call { token: &self.0, login: Login::Facebook, about: &self.1 }
    }

    pub fn instagram(&self) -> Call<'_> {
        Call { login: Login::Instagram, ..self.call() }
    }

    pub fn token(&self) -> &SecretString {
        &self.0
    }

    pub fn about(&self) -> &CallContext {
        &self.1
    }
}

/// Method and address of a request, without the version of HTTP.
pub fn line(seen: &Seen) -> &str {
    seen.line.trim_end_matches(" HTTP/1.1")
}

/// A header of a request.
pub fn header<'a>(seen: &'a Seen, name: &str) -> Option<&'a str> {
    seen.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}
