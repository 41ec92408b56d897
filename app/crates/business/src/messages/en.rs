//! The texts in English.

use domain::integration::State;

use super::Messages;

pub(super) static MESSAGES: Messages = Messages {
    open_highlevel: "Open HighLevel",
    managed_since: |agency, day| format!("Managed by {agency} · Client since {day}"),
    home: "Home",
    open_inbox: "Open inbox",
    contact_at: |agency| format!("Your contact at {agency}"),
    ask_agency: |agency| format!("{agency} looks after your account. Ask your contact there."),

    set_up_title: "What was set up for you",
    set_up_by: |agency| format!("{agency} set up your HighLevel account."),
    contact_tags: "Contact tags",
    started_from: "Started from",
    ready_since: "Ready since",

    your_business: "Your business",
    email: "Email",
    phone: "Phone",
    website: "Website",
    address: "Address",
    time_zone: "Time zone",
    edit_details: "Edit details",
    street_address: "Street address",
    city: "City",
    state: "State",
    postal_code: "ZIP code",
    save_details: "Save details",
    details_saved: "Details saved.",

    people: "People",
    not_sent_yet: "Invitation not sent yet",
    invited_on: |day| format!("Invited on {day}"),
    cancel_invitation: "Cancel invitation",
    invite_colleague: "Invite a colleague",
    their_email: "Their email",
    role: "Role",
    role_help: "Owners can edit these details, invite people and change roles.",
    send_invitation: "Send invitation",
    invitation_sent: |email| format!("Invitation sent to {email}. The link works for 7 days."),
    invitation_canceled: "Invitation canceled. Its link no longer works.",
    choose_role: "Choose a role.",
    role_of: |name| format!("Role for {name}"),
    change_role: "Change role",
    role_changed: |role| format!("Role changed to {role}. Takes effect immediately."),

    to_dos: "Your to-dos",
    to_do: |_, _, _| None,
    mark_done: "Mark as done",
    reopen: "Reopen",
    open_in_highlevel: "Open in HighLevel",
    done_by: |name, day| format!("Done by {name} on {day}"),
    to_do_done: |what| format!("Done: {what}."),
    to_do_reopened: |what| format!("Reopened: {what}."),

    connections: "Connections",
    managed_by: |agency| format!("Managed by {agency}."),
    connection,
};

const fn connection(state: State) -> (&'static str, &'static str) {
    match state {
        State::Working | State::Quiet | State::RenewSoon => ("Connected", "Your HighLevel account is connected."),
        State::NotConnected | State::Connecting => ("Not connected", "Your HighLevel account is not connected yet."),
        State::Paused | State::Disconnected => ("Off", "Your agency turned this connection off."),
        State::Expired | State::Error | State::Suspended => {
            ("Needs attention", "The HighLevel connection is down. Your agency needs to fix it. Nothing is lost.")
        }
    }
}
