//! Where does a person give their consent, and what does the browser bring back from there?

use url::Url;

use super::scopes;
use crate::client::Meta;

/// A way of connecting a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// WhatsApp, through Facebook Login.
    Whatsapp,
    /// A Facebook page and its Messenger.
    Facebook,
    /// An Instagram account that is linked to a page, through Facebook Login.
    InstagramByPage,
    /// An Instagram account, through Instagram Login.
    InstagramLogin,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::Whatsapp, Self::Facebook, Self::InstagramByPage, Self::InstagramLogin];
}

/// The address of the consent page. `redirect` must be registered in the app, character for character, and be given again
/// at the exchange. `again` asks once more for what was declined, and on Instagram for the account.
#[must_use]
pub fn consent_url(meta: &Meta, way: Way, redirect: &Url, state: &str, again: bool) -> Url {
    let settings = &meta.settings;
    let names: Vec<_> = scopes(way).iter().map(|scope| scope.name).collect();
    let names = names.join(",");
    let own_app = if way == Way::InstagramLogin { &settings.instagram.app_id } else { &settings.app_id };
    let mut query = vec![
        ("client_id", own_app.as_str()),
        ("redirect_uri", redirect.as_str()),
        ("state", state),
        ("response_type", "code"),
    ];
    match (way, settings.config_id.as_deref()) {
        // A configuration fixes the permissions itself.
        (Way::Whatsapp, Some(config)) => {
            query.extend([("config_id", config), ("override_default_response_type", "true")]);
        }
        _ => query.push(("scope", &names)),
    }
    match way {
        Way::InstagramLogin if again => query.push(("force_reauth", "true")),
        Way::InstagramLogin => {}
        _ if again => query.push(("auth_type", "rerequest")),
        _ => {}
    }
    let (base, path) = match way {
        Way::InstagramLogin => (settings.instagram.dialog.clone(), "/oauth/authorize"),
        _ => (crate::client::versioned(&settings.dialog, &settings.version), "/dialog/oauth"),
    };
    outbound::address(&base, path, &[], &query).expect("the path is constant and the base is http(s)")
}

/// What the browser brings back from the consent page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returned {
    /// A code to exchange at once: it can be used once and lives for minutes, or 30 seconds.
    Code(String),
    /// The person refused.
    Denied,
    /// Something else went wrong.
    Failed,
}

impl Returned {
    /// Reads the query of the callback. Instagram ends a code with `#_`, which is not part of it.
    pub fn read<'a>(query: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let (mut code, mut denied, mut failed) = ("", false, false);
        for (name, value) in query {
            match (name, value) {
                ("code", value) => code = value.trim_end_matches("#_=_").trim_end_matches("#_"),
                ("error", "access_denied") => denied = true,
                ("error" | "error_code", _) => failed = true,
                _ => {}
            }
        }
        match code {
            _ if denied => Self::Denied,
            "" => Self::Failed,
            _ if failed => Self::Failed,
            code => Self::Code(code.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_code_without_an_error_is_a_code() {
        let cases: &[(&[(&str, &str)], Returned)] = &[
            (&[("code", "AQB"), ("state", "s")], Returned::Code("AQB".into())),
            (&[("code", "AQD#_")], Returned::Code("AQD".into())),
            (&[("code", "AQD#_=_")], Returned::Code("AQD".into())),
            (&[("code", "")], Returned::Failed),
            (&[("error_code", "200"), ("error", "access_denied"), ("error_reason", "user_denied")], Returned::Denied),
            (&[("code", "AQB"), ("error", "access_denied")], Returned::Denied),
            (&[("error_code", "1349048"), ("error_message", "x")], Returned::Failed),
            (&[("code", "AQB"), ("error_code", "1")], Returned::Failed),
            (&[], Returned::Failed),
        ];
        for (query, expected) in cases {
            assert_eq!(Returned::read(query.iter().copied()), *expected, "{query:?}");
        }
    }
}
