//! The bell in the header: how much a person did not see yet, and the link to all of it. It updates while the page is
//! open, and its number is also shown in the browser's tab (`unread`).

use leptos::prelude::*;

use crate::region::Region;
use crate::{Glyph, Icon};

/// Name of the bell's region.
pub const REGION: &str = "bell";
/// Name of the region beside "Jobs", which shows a number of the bell too.
pub const JOBS_REGION: &str = "bell-jobs";

/// What the bell shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bell {
    /// The page of notifications.
    pub href: String,
    /// Id of the person, whose notifications the bell follows.
    pub user: String,
    /// Number of unseen notifications.
    pub unread: i64,
    /// True if one of them waits for the person.
    pub urgent: bool,
    /// The page of jobs, and the number of unseen notifications about jobs that wait for the person.
    pub jobs: (String, i64),
}

impl Bell {
    fn label(&self) -> String {
        match self.unread {
            ..=0 => "Notifications".to_owned(),
            _ => format!("Notifications, {} unread", short(self.unread)),
        }
    }

    fn topics(&self) -> String {
        format!("notifications.changed:{}", self.user)
    }
}

/// A number as short as its place is; empty for none.
fn short(count: i64) -> String {
    match count {
        ..=0 => String::new(),
        1..=99 => count.to_string(),
        _ => "99+".to_owned(),
    }
}

/// The bell.
#[component]
pub fn BellLink(
    /// What it shows.
    bell: Bell,
) -> impl IntoView {
    let (number, label, topics) = (short(bell.unread), bell.label(), bell.topics());
    let badge = (!number.is_empty()).then(|| view! { <Badge number=number.clone() urgent=bell.urgent /> });
    view! {
        <Region key=REGION topics=topics>
            <a class="btn btn-quiet" href=bell.href data-unread=number title=label.clone() aria-label=label><Icon of=Glyph::Bell />{badge}</a>
        </Region>
    }
}

/// Beside "Jobs" in the sidebar: how many jobs wait for the person, as far as they did not see it.
#[component]
pub fn JobsWaiting(
    /// What the bell shows.
    bell: Bell,
) -> impl IntoView {
    let (number, topics) = (short(bell.jobs.1), bell.topics());
    let badge = (!number.is_empty()).then(|| {
        view! { <Badge number=number urgent=true /><span class="sr-only">" need you"</span> }
    });
    view! { <Region key=JOBS_REGION topics=topics class="ms-auto empty:hidden">{badge}</Region> }
}

#[component]
fn Badge(number: String, urgent: bool) -> impl IntoView {
    let tint = if urgent { "bg-bad-bg text-bad" } else { "bg-raised text-fg" };
    view! { <span class=format!("rounded-full px-1.5 text-xs font-semibold tabular-nums {tint}")>{number}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(unread: i64, jobs: i64) -> String {
        let (href, user) = ("/a/x/notifications".to_owned(), "u".to_owned());
        let bell = Bell { href, user, unread, urgent: jobs > 0, jobs: ("/a/x/provisioning".to_owned(), jobs) };
        Owner::new().with(|| view! { <BellLink bell=bell.clone() /><JobsWaiting bell=bell /> }.to_html())
    }

    #[test]
    fn a_bell_says_its_number_to_everybody() {
        for (unread, shown, label) in [
            (0, "data-unread=\"\"", "aria-label=\"Notifications\""),
            (3, "data-unread=\"3\"", "aria-label=\"Notifications, 3 unread\""),
            (250, "data-unread=\"99+\"", "aria-label=\"Notifications, 99+ unread\""),
        ] {
            let html = html(unread, 0);
            assert!(html.contains(shown) && html.contains(label), "{html}");
            assert!(html.contains("data-topics=\"notifications.changed:u\""), "{html}");
            assert!(!html.contains("need you"), "{html}");
        }
        assert!(html(3, 2).contains("need you"));
    }
}
