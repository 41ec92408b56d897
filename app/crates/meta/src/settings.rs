//! Which addresses, version and apps of Meta are used? All of it comes from the settings of the installation.

use secrecy::SecretString;
use url::Url;

/// The addresses of Meta and the identity of our app.
#[derive(Clone)]
pub struct Settings {
    /// Address of the Graph, without a version.
    pub graph: Url,
    /// Address of the consent page's host.
    pub dialog: Url,
    /// Version of the Graph, such as `v23.0`.
    pub version: String,
    /// Further addresses from which files of messages may be read; the Graph's own always may.
    pub media: Vec<Url>,
    /// App id.
    pub app_id: String,
    /// App secret.
    pub app_secret: SecretString,
    /// The configuration of Facebook Login for Business with which WhatsApp is connected; `None` asks for the
    /// permissions one by one.
    pub config_id: Option<String>,
    /// The app of Instagram Login.
    pub instagram: Instagram,
}

/// The addresses of Instagram Login and the identity of our app there, which differs from that of the Meta app.
#[derive(Clone)]
pub struct Instagram {
    /// Address of Instagram's Graph, without a version.
    pub graph: Url,
    /// Address of the consent page's host.
    pub dialog: Url,
    /// Full address at which a code is exchanged.
    pub token: Url,
    /// App id.
    pub app_id: String,
    /// App secret.
    pub app_secret: SecretString,
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    fn at(address: &str) -> Url {
        Url::parse(address).unwrap()
    }

    /// The settings of a test: the Graph at `graph`, everything else at example hosts.
    pub(crate) fn settings(graph: &str) -> Settings {
        Settings {
            graph: at(graph),
            dialog: at("https://dialog.example.com"),
            version: "v23.0".into(),
            media: vec![at("https://files.example.com")],
            app_id: "990000000000001".into(),
            app_secret: "test-app-secret".to_owned().into(),
            config_id: None,
            instagram: Instagram {
                graph: at("https://ig-graph.example.com"),
                dialog: at("https://ig-dialog.example.com"),
                token: at("https://ig-token.example.com/oauth/access_token"),
                app_id: "880000000000001".into(),
                app_secret: "test-ig-secret".to_owned().into(),
            },
        }
    }
}
