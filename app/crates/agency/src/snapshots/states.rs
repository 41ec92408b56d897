//! What the page says of the list as a whole: not connected, being read, failed, none in HighLevel. Each state has the
//! one thing to do next.

use chrono::{DateTime, Utc};
use domain::snapshot::sync::{SyncFailure, SyncState};
use kit::{Ago, Banner, ButtonLink, ButtonStyle, Empty, FailureCard, FailureNotice, Glyph, PostButton, Tone};
use leptos::prelude::*;

/// What the person may do about the list.
#[derive(Clone, Debug)]
pub struct Able {
    /// Short name of the agency.
    pub agency: String,
    /// Whether they may sync.
    pub may_sync: bool,
    /// Whether they may connect HighLevel.
    pub may_connect: bool,
    /// Whether they may create clients.
    pub may_create: bool,
}

impl Able {
    fn connect(&self, label: &'static str) -> AnyView {
        let href = format!("/a/{}/connections", self.agency);
        let link = || view! { <ButtonLink href=href look=ButtonStyle::Primary>{label}</ButtonLink> };
        self.may_connect.then(link).into_any()
    }

    /// The button that syncs, in this look.
    pub fn sync(&self, label: &'static str, look: ButtonStyle) -> AnyView {
        let hidden = vec![("agency", self.agency.clone())];
        let button = || {
            view! { <PostButton action="/do/sync_snapshots" hidden=hidden look=look icon=Glyph::Refresh>{label}</PostButton> }
        };
        self.may_sync.then(button).into_any()
    }

    /// The link to a new client, which the key C presses.
    pub fn create(&self) -> AnyView {
        let href = format!("/a/{}/provisioning/new", self.agency);
        let link = || view! { <ButtonLink href=href icon=Glyph::Plus key="c">"New client"</ButtonLink> };
        self.may_create.then(link).into_any()
    }

    /// The way out of a failure.
    fn mend(&self, failure: SyncFailure, look: ButtonStyle) -> AnyView {
        if failure.needs_connection() { self.connect("Open connections") } else { self.sync("Retry", look) }
    }
}

/// Stands in place of the list while there is none.
#[component]
pub fn NoList(state: SyncState, able: Able) -> impl IntoView {
    match state {
        SyncState::NotConnected => view! {
            <Empty title="Connect HighLevel to see your snapshots" text="Snapshots are the templates for new clients. We read the list from your HighLevel account and never change them.">
                {able.connect("Connect HighLevel")}
            </Empty>
        }
        .into_any(),
        SyncState::Never => view! {
            <Empty title="Snapshots haven't been synced yet" text="We read the list from your HighLevel account and never change your snapshots.">
                {able.sync("Sync snapshots", ButtonStyle::Primary)}
            </Empty>
        }
        .into_any(),
        SyncState::Syncing(_) => view! {
            <Empty title="Syncing snapshots\u{2026}" text="We're reading the list from HighLevel. It appears here by itself."/>
        }
        .into_any(),
        SyncState::Failed(failure, at, detail) => view! { <Failure failure at detail able/> }.into_any(),
        SyncState::NoneThere(_) | SyncState::Synced(_) => view! { <NoneThere able/> }.into_any(),
    }
}

/// The list could not be read and there is none from before.
#[component]
fn Failure(failure: SyncFailure, at: Option<DateTime<Utc>>, detail: Option<String>, able: Able) -> impl IntoView {
    let notice = FailureNotice {
        title: "Your snapshots couldn't be synced".to_owned(),
        effect: failure.words().to_owned(),
        detail,
        ..FailureNotice::default()
    };
    view! {
        <FailureCard notice=notice>
            {able.mend(failure, ButtonStyle::Primary)}
            {at.map(|at| view! { <span class="text-sm text-fg-3">"Last tried " <Ago at=at/></span> })}
        </FailureCard>
    }
}

/// HighLevel has no snapshots: how to make one.
#[component]
fn NoneThere(able: Able) -> impl IntoView {
    let new = format!("/a/{}/provisioning/new", able.agency);
    let create = able.may_create.then(|| view! { <ButtonLink href=new>"Create a client without one"</ButtonLink> });
    let how = "To make one, open your agency view in HighLevel, go to Account Snapshots, choose Create New Snapshot and \
               pick the sub-account to copy. Then sync here.";
    view! {
        <Empty title="There are no snapshots in your HighLevel account" text=how>
            {able.sync("Sync again", ButtonStyle::Primary)}
            {create}
        </Empty>
    }
}

/// A line above a list that is not the newest.
#[component]
pub fn Stale(state: SyncState, able: Able) -> impl IntoView {
    match state {
        SyncState::NotConnected => view! {
            <Banner tone=Tone::Warn text="HighLevel is not connected. These are the snapshots as we last read them.">{able.connect("Connect HighLevel")}</Banner>
        }
        .into_any(),
        SyncState::Syncing(_) => view! { <Banner tone=Tone::Running text="Syncing snapshots\u{2026}"/> }.into_any(),
        SyncState::Failed(failure, at, _) => {
            let tried = at.map(|at| view! { <span class="text-sm">"Last tried " <Ago at=at/></span> });
            view! { <Banner tone=Tone::Warn text=failure.words()>{tried}{able.mend(failure, ButtonStyle::Secondary)}</Banner> }
                .into_any()
        }
        SyncState::NoneThere(_) => view! {
            <Banner tone=Tone::Warn text="HighLevel no longer lists any snapshots, so these are hidden from new clients."/>
        }
        .into_any(),
        SyncState::Never | SyncState::Synced(_) => ().into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(state: SyncState, may: bool) -> String {
        let able = Able { agency: "harbor".to_owned(), may_sync: may, may_connect: may, may_create: may };
        Owner::new().with(|| view! { <NoList state able/> }.to_html())
    }

    #[test]
    fn each_state_says_what_to_do_and_only_who_may_gets_a_button() {
        let at = DateTime::from_timestamp(0, 0).unwrap();
        for (state, words, button) in [
            (SyncState::NotConnected, "Connect HighLevel to see", "/a/harbor/connections"),
            (SyncState::Never, "synced yet", "/do/sync_snapshots"),
            (SyncState::NoneThere(at), "Create New Snapshot", "/do/sync_snapshots"),
            (SyncState::Failed(SyncFailure::Unavailable, Some(at), None), "had a problem", "/do/sync_snapshots"),
            (SyncState::Failed(SyncFailure::Reconnect, None, None), "Reconnect to continue", "/a/harbor/connections"),
        ] {
            let shown = page(state.clone(), true);
            assert!(shown.contains(words) && shown.contains(button), "{shown}");
            let shown = page(state, false);
            assert!(shown.contains(words) && !shown.contains(button), "{shown}");
        }
        assert!(page(SyncState::Syncing(at), true).contains("Syncing snapshots"));
    }
}
