//! The last group of the form for a new business: users, custom values and tags. A button adds a row. It posts the
//! form, which comes back with everything typed and one more row, so rows can be added without JavaScript.

use kit::field::{FieldFrame, described};
use kit::form::filled;
use kit::{Button, ButtonStyle, FormSection, Glyph, TextField};
use leptos::prelude::*;

use crate::provisioning::order_form::{Fields, rows};

/// Users, custom values and tags.
#[component]
pub fn Extras(
    /// The current values of the form.
    fields: Fields,
) -> impl IntoView {
    let users = rows(&fields, "users", 1);
    let values = rows(&fields, "custom_values", 1);
    let people = (0..users).map(|row| view! { <UserRow row=row/> }).collect_view();
    let pairs = (0..values).map(|row| view! { <ValueRow row=row/> }).collect_view();
    view! {
        <FormSection title="Users, values and tags" help="Empty rows are left out.">
            <div class="flex flex-col gap-3" id="rows-users">
                <h3 class="text-sm font-medium">"Users in HighLevel"</h3>
                <input type="hidden" name="rows_users" value=users.to_string()/>
                {people}
                <div><Button name="intent" value="add_users" novalidate=true look=ButtonStyle::Quiet icon=Glyph::Plus>"Add another user"</Button></div>
            </div>
            <div class="flex flex-col gap-3" id="rows-custom_values">
                <h3 class="text-sm font-medium">"Custom values"</h3>
                <input type="hidden" name="rows_custom_values" value=values.to_string()/>
                {pairs}
                <div><Button name="intent" value="add_custom_values" novalidate=true look=ButtonStyle::Quiet icon=Glyph::Plus>"Add another value"</Button></div>
            </div>
            <TextField name="/tags" label="Tags" help="Separated by commas. HighLevel keeps them in lower case." maxlength=2000_u32/>
        </FormSection>
    }
}

/// One user to create.
#[component]
fn UserRow(row: usize) -> impl IntoView {
    let at = move |member: &str| format!("/users/{row}/{member}");
    let role = filled().values.get(&at("role")).cloned().unwrap_or_else(|| "user".to_owned());
    let options = [("user", "User"), ("admin", "Admin")]
        .map(|(value, label)| view! { <option value=value selected={value == role}>{label}</option> })
        .into_iter()
        .collect_view();
    view! {
        <div class="grid gap-3 sm:grid-cols-[1fr_1fr_1.6fr_7rem]" role="group" aria-label=format!("User {}", row + 1)>
            <Cell name=at("first_name") label="First name" most=100/>
            <Cell name=at("last_name") label="Last name" most=100/>
            <Cell name=at("email") label="Email" kind="email" most=255/>
            <FieldFrame name=at("role") label="Role" settled=true>
                <select class="control control-select" id=format!("field-{}", at("role")) name=at("role")>{options}</select>
            </FieldFrame>
        </div>
    }
}

/// One custom value.
#[component]
fn ValueRow(row: usize) -> impl IntoView {
    let at = move |member: &str| format!("/custom_values/{row}/{member}");
    view! {
        <div class="grid gap-3 sm:grid-cols-[1fr_2fr]" role="group" aria-label=format!("Custom value {}", row + 1)>
            <Cell name=at("name") label="Name" most=120/>
            <Cell name=at("value") label="Value" most=5000/>
        </div>
    }
}

/// A field of a numbered row. The shared text field takes only constant names; these names contain the row's
/// number.
#[component]
fn Cell(name: String, label: &'static str, most: u32, #[prop(default = "text")] kind: &'static str) -> impl IntoView {
    let carried = filled();
    let error = carried.error(&name);
    let value = carried.values.get(&name).cloned().unwrap_or_default();
    let describedby = described(&name, error.is_some(), false);
    let invalid = error.is_some().then_some("true");
    view! {
        <FieldFrame name=name.clone() label=label error=error>
            <input class="control" id=format!("field-{name}") type=kind name=name value=value maxlength=most autocomplete="off" aria-invalid=invalid aria-describedby=describedby/>
        </FieldFrame>
    }
}
