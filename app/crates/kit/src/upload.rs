//! A form field for a file. The form around it is one with `upload`.

use leptos::prelude::*;

use crate::field::{FieldFrame, described};
use crate::form::filled;

/// A field for one file. Its name ends in `_file`: what it holds is never kept for a form that comes back.
#[component]
pub fn UploadField(
    /// Name of the field.
    name: &'static str,
    /// Label above the control.
    #[prop(into)]
    label: String,
    /// Types of files that the browser offers, such as `image/png`.
    accept: &'static str,
    /// Help under the control.
    #[prop(optional, into)]
    help: Option<String>,
    /// True if a file must be chosen.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let error = filled().error(name);
    let describedby = described(name, error.is_some(), help.is_some());
    let invalid = error.is_some().then_some("true");
    view! {
        <FieldFrame name=name label=label help=help error=error required=required>
            <input class="control" id=format!("field-{name}") type="file" name=name accept=accept required=required aria-invalid=invalid aria-describedby=describedby />
        </FieldFrame>
    }
}
