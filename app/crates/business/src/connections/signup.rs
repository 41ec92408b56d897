//! WhatsApp's Embedded Signup: a window of Meta's own that tells this page what was set up. Without a configuration, a script
//! or room for a window, the same link leads to Meta itself.

use domain::language::Language;
use kit::region::AskedRegions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use web::guard::ServerContext;
use web::opened_windows::keep_opened_windows;

use super::signup_texts::texts;

/// What opens the window and hears from it.
const SCRIPT: &str = include_str!("signup.js");

/// The origins whose messages about the signup are heard; `None` if this installation has none. Else the page keeps hold of
/// the window that it opens.
pub(super) fn origins(context: &ServerContext) -> Option<Vec<String>> {
    let origins = context.state.meta.settings().signup_origins()?;
    keep_opened_windows(&context.response);
    Some(origins)
}

/// The script of the signup, and where it says why nothing was connected.
#[component]
pub(super) fn EmbeddedSignup(language: Language, origins: Vec<String>) -> impl IntoView {
    let words = texts(language);
    // A refresh has another nonce, and the page has its script already.
    let script = use_context::<AskedRegions>().is_none().then(|| {
        let nonce = use_nonce().map(|nonce| nonce.to_string());
        view! { <script nonce=nonce>{SCRIPT}</script> }
    });
    view! {
        <div role="status">
            <p
                id="embedded-signup"
                class="mb-6 max-w-3xl rounded-control bg-warn-bg px-3 py-2 text-sm text-warn empty:hidden"
                data-origins=origins.join(" ")
                data-stopped=words.stopped
                data-canceled=words.canceled
                data-failed=words.failed
                data-in-app=words.in_app
            ></p>
        </div>
        {script}
    }
}
