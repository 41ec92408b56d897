//! The bell in the header: how much a person did not see yet, or how much of a business waits for an approval, and the link
//! to all of it. It updates while the page is open, and its number is also shown in the browser's tab (`unread`).

use leptos::prelude::*;

use crate::messages::messages;
use crate::region::Region;
use crate::{Glyph, Icon};

/// Name of the bell's region.
pub const REGION: &str = "bell";
/// Name of the region beside "Jobs", which shows a number of the bell too.
pub const JOBS_REGION: &str = "bell-jobs";

/// What the bell shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bell {
    /// The page of notifications, or of approvals.
    pub href: String,
    /// The topics that the bell follows.
    pub topics: String,
    /// True if it counts what waits for an approval, in a business, rather than unseen notifications.
    pub approvals: bool,
    /// Number of unseen notifications, or of what waits.
    pub unread: i64,
    /// True if one of them waits for the person.
    pub urgent: bool,
    /// The page of jobs, and the number of unseen notifications about jobs that wait for the person.
    pub jobs: (String, i64),
}

impl Bell {
    fn label(&self) -> String {
        match self.unread {
            _ if self.approvals => (messages().approvals)(&short(self.unread)),
            ..=0 => "Notifications".to_owned(),
            _ => format!("Notifications, {} unread", short(self.unread)),
        }
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
    let (number, label, topics) = (short(bell.unread), bell.label(), bell.topics);
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
    let (number, topics) = (short(bell.jobs.1), bell.topics);
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
    use domain::language::Language;

    use super::*;

    fn html(unread: i64, jobs: i64) -> String {
        let (href, topics) = ("/a/x/notifications".to_owned(), "notifications.changed:u".to_owned());
        let jobs_page = "/a/x/provisioning".to_owned();
        let bell = Bell { href, topics, approvals: false, unread, urgent: jobs > 0, jobs: (jobs_page, jobs) };
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

    #[test]
    fn the_bell_of_a_business_says_what_waits_in_the_language_of_the_page() {
        for (language, unread, label) in [
            (Language::English, 0, "aria-label=\"Approvals\""),
            (Language::English, 2, "aria-label=\"Approvals, 2 waiting\""),
            (Language::Spanish, 2, "aria-label=\"Aprobaciones, 2 en espera\""),
        ] {
            let bell = Bell { approvals: true, unread, ..Bell::default() };
            let html = Owner::new().with(|| {
                provide_context(language);
                view! { <BellLink bell=bell /> }.to_html()
            });
            assert!(html.contains(label), "{html}");
        }
    }
}
