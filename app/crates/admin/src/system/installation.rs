//! The database with its size, connections and backup, and how this installation is set up.

use kit::{Ago, Card, CopyId, KeyValue, KeyValues, StatusPill, Tone};
use leptos::prelude::*;
use store::platform::DatabaseFacts;

/// How this installation is set up.
pub(super) struct Installed {
    /// Whether the schema fits this version.
    pub schema_fits: bool,
    /// Whether mails go to a mail server.
    pub mails_leave: bool,
    /// Whether a marketplace app is configured.
    pub highlevel_ready: bool,
    /// The address to register with HighLevel.
    pub callback: String,
    /// Whether the person who reads this came by the host of that address.
    pub is_reached: bool,
}

/// Version, schema, mail and the HighLevel app.
#[component]
pub(super) fn Installation(
    /// The facts.
    installed: Installed,
) -> impl IntoView {
    let schema = if installed.schema_fits { "Fits this version" } else { "Doesn't fit: run `slipway migrate`" };
    let mail = if installed.mails_leave { "Sent by the mail server" } else { "Not set up: emails are saved to files" };
    let app =
        if installed.highlevel_ready { "Configured" } else { "Not set up: set GHL_CLIENT_ID and GHL_CLIENT_SECRET" };
    let (tone, reached, why) = if installed.is_reached {
        (
            Tone::Ok,
            "Reached",
            "You opened this page on the redirect address's host, as HighLevel will when it sends people back.",
        )
    } else {
        (
            Tone::Warn,
            "Not tried",
            "Open this page on the redirect address's host. If it loads, HighLevel can send people back.",
        )
    };
    view! {
        <div id="installation">
            <Card title="Installation">
                <KeyValues>
                    <KeyValue name="Version">{env!("CARGO_PKG_VERSION")}</KeyValue>
                    <KeyValue name="Schema">{schema}</KeyValue>
                    <KeyValue name="Email">{mail}</KeyValue>
                    <KeyValue name="HighLevel app">{app}</KeyValue>
                    <KeyValue name="Redirect address to register">
                        <span class="break-all"><CopyId id=installed.callback tail=0 label="Copy redirect address"/></span>
                    </KeyValue>
                    <KeyValue name="Return from HighLevel"><StatusPill tone plain=true>{reached}</StatusPill></KeyValue>
                </KeyValues>
                <p class="pt-3 text-sm text-fg-2">{why}</p>
                {installed.highlevel_ready.then(|| view! { <Trial/> })}
            </Card>
        </div>
    }
}

/// Tries the redirect address with HighLevel itself, which alone knows what is registered.
#[component]
fn Trial() -> impl IntoView {
    view! {
        <p class="pt-3 text-sm text-fg-2">
            <a class="link" href="/api/integrations/ghl/try" rel="external">"Try it at HighLevel"</a>
            ": if the address is registered, its consent page opens and brings you back when you cancel. Otherwise HighLevel refuses it."
        </p>
    }
}

/// The database: its size, its connections, its backup.
#[component]
pub(super) fn Database(
    /// The facts.
    facts: DatabaseFacts,
) -> impl IntoView {
    let backup = match facts.archived_at {
        Some(at) => view! { "Log archived "<Ago at=at/> }.into_any(),
        None => "No backup known".into_any(),
    };
    let how = facts.archived_at.is_none().then(|| {
        view! {
            <p class="pt-3 text-sm text-fg-2">"Make one with "<code class="break-all">"pg_dump --format=custom --file=slipway.dump \"$DATABASE_OWNER_URL\""</code>", and keep "<code>"ENCRYPTION_KEY"</code>" separately: without the key, stored secrets can't be opened. Dumps made elsewhere don't show up here; archiving the database's log does."</p>
        }
    });
    view! {
        <div id="database">
            <Card title="Database">
                <KeyValues>
                    <KeyValue name="Size">{size(facts.bytes)}</KeyValue>
                    <KeyValue name="Connections">{format!("{} of {}", facts.connections, facts.most_connections)}</KeyValue>
                    <KeyValue name="Postgres">{facts.version}</KeyValue>
                    <KeyValue name="Backup">{backup}</KeyValue>
                </KeyValues>
                {how}
            </Card>
        </div>
    }
}

/// A number of bytes as people read it: "12 MB", "3.4 GB".
fn size(bytes: i64) -> String {
    let (kilo, mega, giga) = (1_000, 1_000_000, 1_000_000_000);
    match bytes {
        ..1_000_000 => format!("{} kB", bytes / kilo),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / mega),
        _ => format!("{}.{} GB", bytes / giga, bytes % giga / (giga / 10)),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_rounded_down() {
        assert_eq!([size(9_000), size(12_345_678), size(3_499_000_000)], ["9 kB", "12 MB", "3.4 GB"]);
    }
}
