//! What can be done with the agency's own connection: connect it again, test it, disconnect it, keep a second access.

use domain::integration::{self, Integration, State};
use kit::{Button, ButtonLink, ButtonStyle, Card, Confirm, Filled, Form, Glyph, PostButton, SecretField, counted};
use leptos::prelude::*;
use web::clock::now;

/// What can be done with the agency's own connection. While it does not work, connecting it is the one main action, and
/// the jobs that wait for it are counted.
#[component]
pub(super) fn Actions(
    /// Slug of the agency.
    agency: String,
    /// The connection.
    company: Integration,
    /// Where it is connected again; `None` if the caller may not, or this installation cannot.
    connect: Option<String>,
    /// True if there is a token for emergencies.
    backup: bool,
    /// True if the caller may change connections.
    may: bool,
    /// Number of jobs that wait until it is connected again.
    waiting: i64,
) -> impl IntoView {
    let state = integration::state(Some(&company), now()).state;
    let off = state == State::Disconnected;
    let (look, words) = match (off, company.is_repaired_by_consent(state)) {
        (true, _) => (ButtonStyle::Primary, "Connect HighLevel"),
        (false, true) => (ButtonStyle::Primary, "Reconnect HighLevel"),
        (false, false) => (ButtonStyle::Secondary, "Reconnect HighLevel"),
    };
    let connect = connect.map(|href| view! { <ButtonLink href look=look icon=Glyph::Plug>{words}</ButtonLink> });
    let jobs = format!("/a/{agency}/provisioning?view=needs_input");
    let hidden = vec![("agency", agency), ("integration", company.id.to_string())];
    let others = (may && !off).then(|| {
        let emergency = backup.then(|| view! { <UseBackup hidden=hidden.clone()/> });
        view! {
            <PostButton action="/do/check_connection" hidden=hidden.clone()>"Test connection"</PostButton>
            <Confirm action="/do/disconnect" label="Disconnect" verb="Disconnect HighLevel" hidden=hidden start=true>
                "The app is removed at HighLevel from your agency and all its sub-accounts, and our keys are deleted. Running jobs stop at their next call and wait. Your clients, history and snapshots stay; reconnecting continues where you were."
            </Confirm>
            {emergency}
        }
    });
    let waiting = (waiting > 0 && state.needs_person()).then(|| {
        let text = format!("{} for this.", counted(waiting, "job waits", "jobs wait"));
        view! { <a class="inline-flex min-h-8 items-center px-1 text-sm text-fg-2 underline underline-offset-2 hover:text-fg" href=jobs>{text}</a> }
    });
    view! { {connect}{others}{waiting} }
}

/// The form that puts the emergency token into use. It asks for a reason, which goes into the audit log.
#[component]
fn UseBackup(hidden: Vec<(&'static str, String)>) -> impl IntoView {
    view! {
        <Confirm action="/do/use_private_token" label="Use backup access" verb="Use it now" hidden=hidden>
            "Your agency's calls use it until you reconnect. It can do what you selected for it in HighLevel. Creating sub-accounts needs the connection itself."
            <label class="flex flex-col gap-1">"Why"<input class="control" name="reason" maxlength="200" required=true/></label>
        </Confirm>
    }
}

/// The form for a private integration token of the agency, which is kept beside the OAuth integration.
#[component]
pub(super) fn PrivateToken(
    /// Slug of the agency.
    agency: String,
    /// What the form remembers.
    filled: Filled,
) -> impl IntoView {
    let open = filled.is_bad();
    view! {
        <Card>
            <details open=open>
                <summary class="fold font-medium">"Backup access: private integration token"</summary>
                <p class="py-3 text-sm text-fg-2">"Create it in HighLevel under Settings, Private integrations. It's used only if you choose to, is never shown again after saving, and should be replaced every 90 days."</p>
                <Form action="/do/add_private_token" filled=filled hidden=vec![("agency", agency)]>
                    <SecretField name="token" label="Private token"/>
                    <div><Button>"Save token"</Button></div>
                </Form>
            </details>
        </Card>
    }
}
