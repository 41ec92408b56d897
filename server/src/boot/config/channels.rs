//! Which app of Meta is ours, where is Meta, and which language model writes answers?

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Source;
use super::values::url;

/// Our app at Meta and the addresses of Meta.
#[derive(Clone, Debug)]
pub struct MetaApp {
    /// App id; empty when not set.
    pub app_id: String,
    /// App secret; empty when not set.
    pub app_secret: SecretString,
    /// Verification token of the webhooks; empty when not set, and then nobody knows it.
    pub verify_token: SecretString,
    /// Configuration of Facebook Login for Business; `None` when not set.
    pub config_id: Option<String>,
    /// Instagram app id; empty when not set.
    pub instagram_app_id: String,
    /// Instagram app secret; empty when not set.
    pub instagram_app_secret: SecretString,
    /// API host.
    pub graph: Url,
    /// Consent host.
    pub dialog: Url,
    /// Version of the API.
    pub version: String,
    /// Instagram's API host.
    pub instagram_graph: Url,
    /// Instagram's consent host.
    pub instagram_dialog: Url,
    /// Where Instagram exchanges codes.
    pub instagram_token: Url,
}

/// Meta's host for files of messages (Meta, media: lookaside addresses).
const FILES: &str = "https://lookaside.fbsbx.com";

impl MetaApp {
    pub(super) fn read(source: &Source, problems: &mut Vec<String>) -> Self {
        let text = |name| source.get(name).unwrap_or_default();
        let secret = |name| source.secret(name).unwrap_or_else(|| SecretString::from(String::new()));
        let version = source.get("META_GRAPH_VERSION").unwrap_or_else(|| "v23.0".to_owned());
        let number = version.strip_prefix('v').and_then(|rest| rest.split_once('.'));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !number.is_some_and(|(major, minor)| is_number(major) && is_number(minor)) {
            problems.push("META_GRAPH_VERSION must be a version like v23.0.".to_owned());
        }
        let address = |name, default, problems: &mut Vec<String>| url(source, name, default, problems);
        Self {
            app_id: text("META_APP_ID"),
            app_secret: secret("META_APP_SECRET"),
            verify_token: secret("META_WEBHOOK_VERIFY_TOKEN"),
            config_id: source.get("META_CONFIG_ID"),
            instagram_app_id: text("META_IG_APP_ID"),
            instagram_app_secret: secret("META_IG_APP_SECRET"),
            graph: address("META_GRAPH_URL", "https://graph.facebook.com", problems),
            dialog: address("META_DIALOG_URL", "https://www.facebook.com", problems),
            version,
            instagram_graph: address("META_IG_GRAPH_URL", "https://graph.instagram.com", problems),
            instagram_dialog: address("META_IG_DIALOG_URL", "https://www.instagram.com", problems),
            instagram_token: address("META_IG_TOKEN_URL", "https://api.instagram.com/oauth/access_token", problems),
        }
    }

    /// True if the app is known, so that accounts can be connected.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.app_id.is_empty() && !self.app_secret.expose_secret().is_empty()
    }

    /// The secrets with which Meta may have signed what it sends. Empty ones are left out.
    #[must_use]
    pub fn secrets(&self) -> Vec<SecretString> {
        let both = [&self.app_secret, &self.instagram_app_secret];
        both.into_iter().filter(|secret| !secret.expose_secret().is_empty()).cloned().collect()
    }

    /// The settings of the client.
    #[must_use]
    pub fn settings(&self) -> meta::Settings {
        meta::Settings {
            graph: self.graph.clone(),
            dialog: self.dialog.clone(),
            version: self.version.clone(),
            media: vec![Url::parse(FILES).expect("a fixed address parses")],
            app_id: self.app_id.clone(),
            app_secret: self.app_secret.clone(),
            config_id: self.config_id.clone(),
            instagram: meta::Instagram {
                graph: self.instagram_graph.clone(),
                dialog: self.instagram_dialog.clone(),
                token: self.instagram_token.clone(),
                app_id: self.instagram_app_id.clone(),
                app_secret: self.instagram_app_secret.clone(),
            },
        }
    }

    pub(super) fn addresses(&self) -> [(&'static str, &Url); 5] {
        [
            ("META_GRAPH_URL", &self.graph),
            ("META_DIALOG_URL", &self.dialog),
            ("META_IG_GRAPH_URL", &self.instagram_graph),
            ("META_IG_DIALOG_URL", &self.instagram_dialog),
            ("META_IG_TOKEN_URL", &self.instagram_token),
        ]
    }
}

/// What writes the answers of assistants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AiProvider {
    /// The business's own knowledge, word for word; no model is called.
    Local,
    /// Any address that speaks the chat completions API.
    OpenAi,
    /// Anthropic.
    Anthropic,
}

/// The language model that writes answers.
#[derive(Clone, Debug)]
pub struct Ai {
    /// What writes them.
    pub provider: AiProvider,
    /// Address of its API; `None` if no model is called.
    pub base: Option<Url>,
    /// Key of its API; `None` when not set.
    pub key: Option<SecretString>,
    /// Name of the model; empty when not set.
    pub model: String,
    /// What the model costs; `None` when not set.
    pub prices: Option<model::Prices>,
}

impl Ai {
    pub(super) fn read(source: &Source, problems: &mut Vec<String>) -> Self {
        let (provider, own) = match source.get("AI_PROVIDER").as_deref() {
            None | Some("local") => (AiProvider::Local, None),
            Some("openai") => (AiProvider::OpenAi, Some("https://api.openai.com/v1")),
            Some("anthropic") => (AiProvider::Anthropic, Some("https://api.anthropic.com")),
            Some(_) => {
                problems.push("AI_PROVIDER must be local, openai or anthropic.".to_owned());
                (AiProvider::Local, None)
            }
        };
        let ai = Self {
            provider,
            base: own.map(|own| url(source, "AI_BASE_URL", own, problems)),
            key: source.secret("AI_API_KEY"),
            model: source.get("AI_MODEL").unwrap_or_default(),
            prices: prices(source, problems),
        };
        if provider != AiProvider::Local && ai.model.is_empty() {
            problems.push("AI_MODEL is missing: it names the language model that writes answers.".to_owned());
        }
        if provider == AiProvider::Anthropic && ai.key.is_none() {
            problems.push("AI_API_KEY is missing: Anthropic answers nobody without one.".to_owned());
        }
        ai
    }

    /// The settings of the client; `None` if no model is called.
    #[must_use]
    pub fn settings(&self) -> Option<model::Settings> {
        let provider = match self.provider {
            AiProvider::Local => return None,
            AiProvider::OpenAi => model::Provider::OpenAi,
            AiProvider::Anthropic => model::Provider::Anthropic,
        };
        let (base, key, model) = (self.base.clone()?, self.key.clone(), self.model.clone());
        Some(model::Settings { provider, base, key, model, prices: self.prices })
    }

    pub(super) fn address(&self) -> Option<(&'static str, &Url)> {
        self.base.as_ref().map(|base| ("AI_BASE_URL", base))
    }
}

/// The prices of the language model. One without the other would tell half of what an answer costs.
fn prices(source: &Source, problems: &mut Vec<String>) -> Option<model::Prices> {
    let mut price = |name: &str| {
        let read = source.get(name).map(|typed| model::Prices::read(&typed));
        if read == Some(None) {
            problems.push(format!("{name} must be US dollars for a million tokens, below 10000, such as 3 or 0.15."));
        }
        read
    };
    let (input, output) = (price("AI_PRICE_INPUT"), price("AI_PRICE_OUTPUT"));
    if input.is_some() != output.is_some() {
        let missing = if input.is_some() { "AI_PRICE_OUTPUT" } else { "AI_PRICE_INPUT" };
        problems.push(format!("{missing} is missing: set both prices of the language model, or none."));
    }
    Some(model::Prices { input: input.flatten()?, output: output.flatten()? })
}

#[cfg(test)]
mod tests {
    use crate::boot::config::{AiProvider, Config, Source};

    #[test]
    fn empty_secrets_sign_nothing_and_no_app_is_ready_by_halves() {
        let read = |given: &[(&'static str, &str)]| Config::read(&Source::given(given)).unwrap().meta;
        assert!(read(&[]).secrets().is_empty() && !read(&[]).is_ready());
        assert!(!read(&[("META_APP_ID", "1")]).is_ready());
        assert!(read(&[("META_APP_ID", "1"), ("META_APP_SECRET", "s")]).is_ready());
        assert_eq!(read(&[("META_APP_SECRET", "s"), ("META_IG_APP_SECRET", "t")]).secrets().len(), 2);
    }

    #[test]
    fn a_model_that_could_not_be_called_is_a_problem() {
        let read = |given: &[(&'static str, &str)]| Config::read(&Source::given(given));
        assert_eq!(read(&[]).unwrap().ai.provider, AiProvider::Local);
        assert!(read(&[("AI_PROVIDER", "openai")]).unwrap_err().join(" ").contains("AI_MODEL"));
        let anthropic = [("AI_PROVIDER", "anthropic"), ("AI_MODEL", "m")];
        assert!(read(&anthropic).unwrap_err().join(" ").contains("AI_API_KEY"));
        assert!(read(&[("AI_PROVIDER", "nobody")]).unwrap_err().join(" ").contains("AI_PROVIDER"));
        let known = read(&[anthropic[0], anthropic[1], ("AI_API_KEY", "k")]).unwrap().ai.settings().unwrap();
        assert_eq!((known.base.as_str(), known.model.as_str()), ("https://api.anthropic.com/", "m"));
        assert!(read(&[]).unwrap().ai.settings().is_none());
        assert!(read(&[("META_GRAPH_VERSION", "23")]).unwrap_err().join(" ").contains("META_GRAPH_VERSION"));
    }

    #[test]
    fn both_prices_are_read_or_none_and_nonsense_is_a_problem() {
        let read = |input: &str, output: &str| {
            let model = [("AI_PROVIDER", "openai"), ("AI_MODEL", "m")];
            let prices = [("AI_PRICE_INPUT", input), ("AI_PRICE_OUTPUT", output)];
            let given = model.into_iter().chain(prices.into_iter().filter(|(_, price)| !price.is_empty()));
            Config::read(&Source::given(&given.collect::<Vec<_>>()))
        };
        let prices = read("0.15", "3").unwrap().ai.settings().unwrap().prices;
        assert_eq!(prices, Some(model::Prices { input: 150_000, output: 3_000_000 }));
        assert_eq!(read("", "").unwrap().ai.prices, None);
        for (input, output, named) in [
            ("3", "", "AI_PRICE_OUTPUT"),
            ("", "3", "AI_PRICE_INPUT"),
            ("-1", "3", "AI_PRICE_INPUT"),
            ("3", "a lot", "AI_PRICE_OUTPUT"),
        ] {
            assert!(read(input, output).unwrap_err().join(" ").contains(named), "{input} {output}");
        }
    }
}
