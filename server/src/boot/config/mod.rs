//! Reads every setting from the environment; no other file does. `SETTINGS` lists all of them. `check-config` prints
//! that table with the origin of each value and never prints a secret.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use domain::agency::APP_ADDRESS;
use ghl::signature::Keys;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

mod channels;
mod settings;
mod values;

pub use self::channels::{Ai, AiProvider, MetaApp};
pub use self::settings::{SETTINGS, Setting};
use self::values::{
    absolute, address, between, flag, gigabytes, months, parse, proxies, time_scale, url, webhook_keys,
};
use crate::boot::address;
use crate::http::proxies::Proxies;

/// Development or production.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Env {
    /// A developer's own machine.
    Development,
    /// Reachable by others: refuses unsafe settings.
    Production,
}

/// Addresses of HighLevel, and our app there.
#[derive(Clone, Debug)]
pub struct Highlevel {
    /// Client id of the marketplace app; empty when not set.
    pub client_id: String,
    /// Client secret of the app; empty when not set.
    pub client_secret: SecretString,
    /// App id of the app.
    pub app_id: String,
    /// The keys of which one must have signed each event.
    pub webhook_keys: Keys,
    /// Whether an event without that signature may have the older one, by RSA.
    pub legacy_signatures: bool,
    /// API host.
    pub base: Url,
    /// Consent host.
    pub marketplace: Url,
    /// Consent host for white-labelled agencies.
    pub white_label: Url,
}

/// All settings, typed.
#[derive(Clone, Debug)]
pub struct Config {
    /// Development or production.
    pub env: Env,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// How others reach this installation: scheme, host and port only.
    pub public_url: Url,
    /// Postgres, as the login role; `None` means the embedded Postgres.
    pub database_url: Option<SecretString>,
    /// Postgres without the pooler, for notices; `None` if `database_url` does not lead through a pooler.
    pub listen_url: Option<SecretString>,
    /// Postgres, as a role that may migrate; `None` when not set.
    pub owner_url: Option<SecretString>,
    /// Data folder, absolute.
    pub data: PathBuf,
    /// The most bytes of files of messages that are stored for one business.
    pub files_per_client: u64,
    /// How many months the files of messages are kept.
    pub files_kept_months: u16,
    /// How many processes of tool servers run at once.
    pub tool_processes: u16,
    /// The memory of one process of a tool server, in megabytes.
    pub tool_megabytes: u16,
    /// The control group (cgroup v2) that is divided among processes of tool servers; `None` when not set.
    pub tool_group: Option<PathBuf>,
    /// Folder of built styles and scripts.
    pub site_root: PathBuf,
    /// Master keys as configured; `None` when not set.
    pub encryption_key: Option<SecretString>,
    /// Email address of the first super admin; `None` when not set.
    pub super_admin: Option<String>,
    /// True if platform and agency staff need a second factor.
    pub require_staff_mfa: bool,
    /// HighLevel settings.
    pub ghl: Highlevel,
    /// Meta settings.
    pub meta: MetaApp,
    /// The language model.
    pub ai: Ai,
    /// Mail server; `None` when mails are written to files.
    pub smtp: Option<SecretString>,
    /// Sender of mails.
    pub mail_from: String,
    /// The proxies whose forwarding headers are trusted.
    pub trusted_proxies: Proxies,
    /// Bearer token of `/metrics`; `None` when not set.
    pub metrics_token: Option<SecretString>,
    /// Where the simulator listens.
    pub simulator: SocketAddr,
    /// Divides every wait, lease and deadline; 1 outside testing builds.
    pub time_scale: f64,
}

/// The values that were found, and where each came from.
pub struct Source {
    values: BTreeMap<&'static str, (String, &'static str)>,
    problems: Vec<String>,
}

impl Source {
    /// Reads the process environment and, outside production, `.env` in the working folder.
    #[must_use]
    pub fn process() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
        let own = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let production = own("SLIPWAY_ENV").is_some_and(|env| env == "production");
        let text = std::fs::read_to_string(".env").ok().filter(|_| !production).unwrap_or_default();
        let (file, problems) = crate::boot::env_file::read(&text);
        let values = SETTINGS
            .iter()
            .filter_map(|setting| {
                let from_file = || file.get(setting.name).filter(|value| !value.is_empty()).cloned();
                own(setting.name)
                    .map(|value| (value, "environment"))
                    .or_else(|| from_file().map(|value| (value, ".env")))
                    .map(|found| (setting.name, found))
            })
            .collect();
        Self { values, problems }
    }

    /// Uses these values, for tests.
    #[must_use]
    pub fn given(pairs: &[(&'static str, &str)]) -> Self {
        let values = pairs.iter().map(|(name, value)| (*name, ((*value).to_owned(), "given"))).collect();
        Self { values, problems: Vec::new() }
    }

    fn get(&self, name: &str) -> Option<String> {
        self.values.get(name).map(|(value, _)| value.clone())
    }

    fn secret(&self, name: &str) -> Option<SecretString> {
        self.get(name).map(SecretString::from)
    }

    /// Returns where a setting came from: `environment`, `.env`, `given` or `default`.
    #[must_use]
    pub fn origin(&self, name: &str) -> &'static str {
        self.values.get(name).map_or("default", |(_, origin)| origin)
    }

    /// Returns the value for display, with secrets hidden.
    #[must_use]
    pub fn shown(&self, setting: &Setting) -> String {
        match (self.get(setting.name), setting.secret) {
            (None, _) => setting.default.to_owned(),
            (Some(_), true) => "(set, not shown)".to_owned(),
            (Some(value), false) => value,
        }
    }
}

impl Config {
    /// Reads and checks all settings.
    ///
    /// # Errors
    /// Every problem found, each as a sentence that names the setting and the remedy.
    pub fn read(source: &Source) -> Result<Self, Vec<String>> {
        let mut problems = source.problems.clone();
        let env = match source.get("SLIPWAY_ENV").as_deref() {
            None | Some("development") => Env::Development,
            Some("production") => Env::Production,
            Some(_) => {
                problems.push("SLIPWAY_ENV must be development or production.".to_owned());
                Env::Production
            }
        };
        let listen =
            parse(source, "LISTEN_ADDR", "127.0.0.1:3000", "an address and port like 127.0.0.1:3000", &mut problems);
        let listen: SocketAddr = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 3000)));
        let own = format!("http://{listen}");
        let config = Self {
            env,
            listen,
            public_url: url(source, "PUBLIC_URL", &own, &mut problems),
            database_url: address(source, "DATABASE_URL", &address::POSTGRES, &mut problems),
            listen_url: address(source, "DATABASE_LISTEN_URL", &address::POSTGRES, &mut problems),
            owner_url: address(source, "DATABASE_OWNER_URL", &address::POSTGRES, &mut problems),
            data: absolute(source.get("SLIPWAY_DATA").unwrap_or_else(|| ".slipway".to_owned())),
            files_per_client: gigabytes(source, "FILES_PER_CLIENT_GB", worker::FILES_PER_CLIENT, &mut problems),
            files_kept_months: months(source, "FILES_KEPT_MONTHS", worker::FILES_KEPT_MONTHS, &mut problems),
            tool_processes: between(source, "TOOL_PROCESSES", (1, 1000), 8, &mut problems),
            tool_megabytes: between(source, "TOOL_MEMORY_MB", (64, 16_384), 256, &mut problems),
            tool_group: source.get("TOOL_CGROUP").map(absolute),
            site_root: absolute(source.get("SITE_ROOT").unwrap_or_else(|| "target/site".to_owned())),
            encryption_key: source.secret("ENCRYPTION_KEY"),
            super_admin: source.get("SUPER_ADMIN_EMAIL"),
            require_staff_mfa: flag(source, "REQUIRE_STAFF_MFA", env == Env::Production, &mut problems),
            ghl: highlevel(source, &mut problems),
            meta: MetaApp::read(source, &mut problems),
            ai: Ai::read(source, &mut problems),
            smtp: match source.get("SMTP_URL").as_deref() {
                Some(MAIL_FOLDER) => None,
                _ => address(source, "SMTP_URL", &address::SMTP, &mut problems),
            },
            mail_from: source.get("MAIL_FROM").unwrap_or_else(|| "Slipway <no-reply@localhost>".to_owned()),
            trusted_proxies: proxies(source, &mut problems),
            metrics_token: source.secret("METRICS_TOKEN"),
            simulator: parse(source, "SIMULATOR_ADDR", "127.0.0.1:4700", "an address and port", &mut problems)
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 4700))),
            time_scale: time_scale(source, &mut problems),
        };
        // If the environment is unknown, it is also unknown which settings it would refuse.
        if !problems.iter().any(|problem| problem.starts_with("SLIPWAY_ENV")) {
            config.demand_safety(&mut problems);
            if env == Env::Production && source.get("SMTP_URL").is_none() {
                problems.push(format!(
                    "SMTP_URL is missing: invitations and new passwords would reach nobody. Give a mail server, or SMTP_URL={MAIL_FOLDER} to keep mails as files in SLIPWAY_DATA/mail."
                ));
            }
        }
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    /// Adds a problem for each setting that is unsafe or unusable. Some checks apply everywhere, the others only
    /// in production.
    fn demand_safety(&self, problems: &mut Vec<String>) {
        let public = &self.public_url;
        let more = !matches!(public.path(), "" | "/") || public.query().is_some() || public.fragment().is_some();
        if more || !public.username().is_empty() || public.password().is_some() {
            problems.push(
                "PUBLIC_URL must be scheme, host and port alone, like https://app.example.com: browsers name nothing else when they send a form, so no form could be taken.".to_owned(),
            );
        }
        if self.trusted_proxies.trusts_all() && self.production() {
            problems.push(
                "TRUSTED_PROXIES names every address, so anybody could claim to come from any. Name the proxy's address or network.".to_owned(),
            );
        }
        if let Some(key) = &self.encryption_key
            && let Err(problem) = store::vault::Keyring::parse(key)
        {
            problems.push(format!("ENCRYPTION_KEY: {problem}. `slipway gen-env` makes a good one."));
        }
        if self.env == Env::Development {
            return;
        }
        if self.encryption_key.is_none() {
            problems.push(
                "ENCRYPTION_KEY is missing. `slipway gen-env` makes one; keep it apart from the database.".to_owned(),
            );
        }
        if self.public_url.scheme() != "https" {
            problems.push(
                "PUBLIC_URL must begin with https:// in production, else cookies could be read on the way.".to_owned(),
            );
        }
        if self.database_url.is_none() {
            problems.push("DATABASE_URL is missing. Production needs a Postgres of its own.".to_owned());
        }
        let own = [
            ("GHL_BASE_URL", &self.ghl.base),
            ("GHL_MARKETPLACE_URL", &self.ghl.marketplace),
            ("GHL_WHITELABEL_URL", &self.ghl.white_label),
        ];
        for (name, url) in own.into_iter().chain(self.meta.addresses()).chain(self.ai.address()) {
            if url.scheme() != "https" {
                problems.push(format!("{name} must begin with https:// in production."));
            }
        }
        let of_simulator = Keys::read(&simulator::defaults().webhook_public_key);
        if of_simulator.is_some_and(|keys| keys.shares(&self.ghl.webhook_keys)) {
            problems.push(
                "GHL_WEBHOOK_PUBLIC_KEYS names the simulator's key, with which anybody can sign. Remove it.".to_owned(),
            );
        }
        if self.metrics_token.as_ref().is_some_and(|token| token.expose_secret().len() < 16) {
            problems.push("METRICS_TOKEN is shorter than 16 characters.".to_owned());
        }
    }

    /// True in production.
    #[must_use]
    pub fn production(&self) -> bool {
        self.env == Env::Production
    }

    /// The public address without a slash at the end.
    #[must_use]
    pub fn origin(&self) -> String {
        self.public_url.as_str().trim_end_matches('/').to_owned()
    }
}

/// The value of `SMTP_URL` that writes mails to files.
const MAIL_FOLDER: &str = "folder";

/// HighLevel's consent host, unless another one is set.
const MARKETPLACE: &str = "https://marketplace.gohighlevel.com";
/// The same for white-labelled agencies.
const WHITE_LABEL: &str = "https://marketplace.leadconnectorhq.com";

impl Highlevel {
    /// Returns where people open HighLevel: its own web application, or the pages of the simulator if consent is
    /// given there.
    #[must_use]
    pub fn app(&self) -> String {
        let marketplace = self.marketplace.as_str().trim_end_matches('/');
        if marketplace == MARKETPLACE { APP_ADDRESS.to_owned() } else { marketplace.to_owned() }
    }

    /// The settings of the client.
    #[must_use]
    pub fn settings(&self) -> ghl::Settings {
        ghl::Settings {
            base: self.base.clone(),
            marketplace: self.marketplace.clone(),
            white_label: self.white_label.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            app_id: self.app_id.clone(),
        }
    }
}

fn highlevel(source: &Source, problems: &mut Vec<String>) -> Highlevel {
    let client_id = source.get("GHL_CLIENT_ID").unwrap_or_default();
    // A simulator that replaces the consent host also replaces the one for white-labelled agencies, unless that
    // one is set.
    let white_label = source.get("GHL_MARKETPLACE_URL").unwrap_or_else(|| WHITE_LABEL.to_owned());
    Highlevel {
        // The app id is the client id up to the first hyphen.
        app_id: source.get("GHL_APP_ID").unwrap_or_else(|| client_id.split('-').next().unwrap_or_default().to_owned()),
        client_id,
        client_secret: source.secret("GHL_CLIENT_SECRET").unwrap_or_else(|| SecretString::from(String::new())),
        base: url(source, "GHL_BASE_URL", "https://services.leadconnectorhq.com", problems),
        marketplace: url(source, "GHL_MARKETPLACE_URL", MARKETPLACE, problems),
        white_label: url(source, "GHL_WHITELABEL_URL", &white_label, problems),
        webhook_keys: webhook_keys(source, problems),
        legacy_signatures: flag(source, "GHL_WEBHOOK_LEGACY", false, problems),
    }
}

#[cfg(test)]
mod tests;
