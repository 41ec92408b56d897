//! Whose password is it that is set here? Password managers keep a password under the name they find beside it.

use leptos::prelude::*;

/// The account's address beside a field for its password: for password managers, not for people.
#[component]
pub(super) fn UserName(
    /// The account's address.
    email: String,
) -> impl IntoView {
    view! {
        <input type="text" class="hidden" name="email" value=email autocomplete="username" readonly=true tabindex="-1" aria-hidden="true"/>
    }
}
