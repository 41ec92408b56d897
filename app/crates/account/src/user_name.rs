//! A hidden field with the account's address beside a password field. Password managers store a password under the
//! name they find beside it.

use leptos::prelude::*;

/// The account's address beside a field for its password, for password managers rather than people.
#[component]
pub(super) fn UserName(
    /// The account's address.
    email: String,
) -> impl IntoView {
    view! {
        <input type="text" class="hidden" name="email" value=email autocomplete="username" readonly=true tabindex="-1" aria-hidden="true"/>
    }
}
