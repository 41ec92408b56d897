//! The one Leptos app. Every page is rendered on the server; in the browser only the islands are hydrated. All
//! conditional compilation for server and browser is in this file: pages exist only on the server, the kit with
//! its islands on both sides.

pub mod error;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod access_request;
#[cfg(feature = "ssr")]
pub mod admin;
#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod business;
#[cfg(feature = "ssr")]
pub mod checks;
#[cfg(feature = "ssr")]
pub mod clients;
#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
pub mod find;
#[cfg(feature = "ssr")]
pub mod first_steps;
#[cfg(feature = "ssr")]
pub mod flash;
#[cfg(feature = "ssr")]
pub mod flash_notice;
#[cfg(feature = "ssr")]
pub mod frame;
#[cfg(feature = "ssr")]
pub mod guard;
#[cfg(feature = "ssr")]
pub mod home;
#[cfg(feature = "ssr")]
pub mod identity;
#[cfg(feature = "ssr")]
pub mod integrations;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod page_frame;
#[cfg(feature = "ssr")]
pub mod provisioning;
#[cfg(feature = "ssr")]
pub mod request_context;
#[cfg(feature = "ssr")]
pub mod roles;
#[cfg(feature = "ssr")]
pub mod root;
#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
pub mod settings;
#[cfg(feature = "ssr")]
pub mod snapshots;
#[cfg(feature = "ssr")]
pub mod state;
#[cfg(feature = "ssr")]
pub mod team;
#[cfg(feature = "ssr")]
pub mod title;
#[cfg(feature = "ssr")]
pub mod tokens;

pub use error::{Error, Result};
#[cfg(feature = "ssr")]
pub use guard::ours;
#[cfg(feature = "ssr")]
pub use root::{Root, shell};
#[cfg(feature = "ssr")]
pub use state::State;

/// Hydrates the islands of the page that the server rendered.
#[cfg(feature = "hydrate")]
pub fn wake() {
    leptos::mount::hydrate_islands();
}

/// True if an address is one of our own pages, so that a redirect to it is safe.
///
/// It is ASCII of at most 512 bytes, starts with a single slash, and holds no control character, backslash or
/// second slash that a browser could take for another host.
#[must_use]
pub fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 512
        && !path.chars().any(|letter| letter.is_control() || letter == '\\' || !letter.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_our_own_pages_are_redirect_targets() {
        for good in ["/", "/a/harbor", "/a/harbor/provisioning?view=failed"] {
            assert!(is_local(good), "{good}");
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nb",
            "/\t/evil",
            "javascript:alert(1)",
            "/é",
        ] {
            assert!(!is_local(bad), "{bad}");
        }
        assert!(!is_local(&format!("/{}", "a".repeat(600))));
    }
}
