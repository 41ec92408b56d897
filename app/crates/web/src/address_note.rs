//! Tells people the address under which they can sign in, before they type a password. Cookies and forms work only
//! under `PUBLIC_URL`, so somebody who opened the page under another name or an IP address would come back to it
//! without an explanation.

use kit::{StatusIcon, Tone};
use leptos::prelude::*;

use crate::request_context::RequestContext;

/// True if the browser used this public address, as far as the request tells. A proxy may name neither scheme nor
/// host; what is missing counts as a match.
fn is_here(public: &str, scheme: Option<&str>, host: Option<&str>) -> bool {
    let (wanted_scheme, wanted_host) = public.split_once("://").unwrap_or(("", public));
    scheme.is_none_or(|scheme| scheme.eq_ignore_ascii_case(wanted_scheme))
        && host.is_none_or(|host| host.eq_ignore_ascii_case(wanted_host))
}

/// Names the installation's address for people who may have opened another one. Scripts know the address for sure
/// and show or hide this note (`page_scripts`).
#[component]
pub fn AddressNote(
    /// The public address.
    public: String,
    /// The request.
    request: RequestContext,
) -> impl IntoView {
    let hidden = is_here(&public, request.scheme.as_deref(), request.host.as_deref());
    let named = public.clone();
    let there = if domain::redirect::is_local(&request.address) {
        format!("{public}{}", request.address)
    } else {
        public.clone()
    };
    view! {
        <div class=format!("flex items-start gap-2 rounded-card px-3 py-2 {}", Tone::Warn.filled()) role="note" hidden=hidden data-lives-at=named>
            <span class="mt-[3px]"><StatusIcon tone=Tone::Warn/></span>
            <p class="min-w-0 wrap-anywhere">
                "This Slipway runs at " <a class="underline underline-offset-2" href=there>{public}</a>
                ", and you can sign in only there. If your browser shows another address, open that one."
            </p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn another_scheme_or_host_is_another_place() {
        let public = "https://app.example";
        for (scheme, host) in [(Some("https"), Some("app.example")), (None, Some("APP.example")), (None, None)] {
            assert!(is_here(public, scheme, host), "{scheme:?} {host:?}");
        }
        for (scheme, host) in [
            (Some("http"), Some("app.example")),
            (Some("https"), Some("192.0.2.7:3000")),
            (None, Some("app.example:8443")),
        ] {
            assert!(!is_here(public, scheme, host), "{scheme:?} {host:?}");
        }
        assert!(is_here("http://127.0.0.1:3000", None, Some("127.0.0.1:3000")));
    }
}
