//! The entries of the sidebar in each area, and the shortcuts of its search, as the features declare them
//! (`domain::feature`). What the caller may not open is left out.

use domain::feature::{self, NavEntry, PageRule, Shortcut};
use domain::language::Language;
use domain::permission::Right;

use crate::Glyph;
use crate::messages::nav_label;

/// The area that a page belongs to; each area has an edge in its own colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Area {
    /// A person's own pages.
    #[default]
    Own,
    /// The platform.
    Platform,
    /// An agency.
    Agency,
    /// A business.
    Business,
}

impl Area {
    /// Name of the area in the markup (`data-area`).
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Platform => "platform",
            Self::Agency => "agency",
            Self::Business => "business",
        }
    }

    /// The beginning of the addresses of its pages.
    const fn root(self) -> &'static str {
        match self {
            Self::Own => "/me",
            Self::Platform => "/admin",
            Self::Agency => "/a/{agency}",
            Self::Business => "/b/{business}",
        }
    }
}

/// One entry of the sidebar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavItem {
    /// Label of the entry.
    pub label: &'static str,
    /// Icon of the entry.
    pub icon: Glyph,
    /// Target of the entry.
    pub href: String,
    /// True if the current page belongs to the entry.
    pub current: bool,
    /// Heading of the group, if the entry is the first one in its group.
    pub heading: Option<&'static str>,
    /// Letter that opens the entry after `g`.
    pub key: Option<&'static str>,
    /// True if the bottom bar on phones shows the entry.
    pub dock: bool,
}

/// The entries of an area whose root is `base` (`/a/harbor`). `address` is the current page, and `may` says which
/// rights the caller has.
#[must_use]
pub fn nav(area: Area, base: &str, address: &str, may: impl Fn(Right) -> bool) -> Vec<NavItem> {
    let mut entries: Vec<(&PageRule, NavEntry)> =
        pages_of(area).filter_map(|page| page.nav.map(|entry| (page, entry))).collect();
    entries.retain(|(page, _)| page.needs.right().is_none_or(&may));
    entries.sort_by_key(|(_, entry)| entry.order);
    let belongs_to = pages_of(area).find(|page| is_at(address, &address_of(area, base, page.path), true));
    let belongs_to = belongs_to.and_then(|page| page.belongs_to);
    let mut group = "";
    let items = entries.into_iter().map(|(page, entry)| {
        let heading = Some(entry.group).filter(|heading| *heading != group);
        group = entry.group;
        let href = address_of(area, base, page.path);
        // The root of an area lies above its other pages, and so do the own pages of a person above each other.
        let exactly = href == base || area == Area::Own;
        NavItem {
            label: entry.label,
            icon: Glyph::named(entry.icon),
            current: belongs_to == Some(page.path) || is_at(address, &href, exactly),
            href,
            heading,
            key: entry.letter,
            dock: entry.dock,
        }
    });
    items.collect()
}

/// What the search of an area offers to do: shortcuts of pages and actions, each with its address.
pub fn shortcuts(area: Area, base: &str, may: impl Fn(Right) -> bool) -> Vec<(Shortcut, String)> {
    let open = pages_of(area).filter(|page| page.needs.right().is_none_or(&may));
    let pages = open.filter_map(|page| Some((page.shortcut?, address_of(area, base, page.path))));
    let inside = feature::actions().filter(|one| is_inside(area, one.path));
    let actions = inside.filter(|one| one.needs.right().is_none_or(&may));
    let mut found: Vec<_> = pages.chain(actions.map(|one| (one.shortcut, address_of(area, base, one.path)))).collect();
    // What people come for most often is to create the main object of an area.
    found.sort_by_key(|(_, href)| !href.ends_with("/new"));
    found
}

/// The address of the page on which the main object of an area is created. `None` if the caller may not create one, or
/// the area has none.
#[must_use]
pub fn create_page(area: Area, base: &str, may: impl Fn(Right) -> bool) -> Option<String> {
    let found = pages_of(area).find(|page| page.shortcut.is_some() && page.path.ends_with("/new"))?;
    found.needs.right().is_none_or(may).then(|| address_of(area, base, found.path))
}

/// The pages of an area, as the features declare them.
fn pages_of(area: Area) -> impl Iterator<Item = &'static PageRule> {
    feature::pages().filter(move |page| is_inside(area, page.path))
}

/// True if a declared address belongs to an area.
fn is_inside(area: Area, path: &str) -> bool {
    path.strip_prefix(area.root()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The address of a declared page of an area whose root is `base`.
fn address_of(area: Area, base: &str, path: &str) -> String {
    format!("{base}{}", path.strip_prefix(area.root()).unwrap_or_default())
}

/// True if `address` is this page or, unless `exactly` is set, lies under it.
fn is_at(address: &str, href: &str, exactly: bool) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address).trim_end_matches('/');
    path == href || (!exactly && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')))
}

/// The entries of a menu in a language.
#[must_use]
pub fn translated(entries: Vec<NavItem>, language: Language) -> Vec<NavItem> {
    entries.into_iter().map(|entry| NavItem { label: nav_label(entry.label, language), ..entry }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREAS: [(Area, &str); 4] =
        [(Area::Own, "/me"), (Area::Platform, "/admin"), (Area::Agency, "/a/harbor"), (Area::Business, "/b/bright")];

    #[test]
    fn the_menus_of_a_business_and_of_a_person_are_translated() {
        for (area, root) in [(Area::Business, "/b/x"), (Area::Own, "/me")] {
            let entries = nav(area, root, root, |_| true);
            assert_eq!(translated(entries.clone(), Language::English), entries);
            for (own, other) in entries.clone().into_iter().zip(translated(entries, Language::Spanish)) {
                assert_ne!(own.label, other.label, "kit/src/messages/es.rs knows no word for it");
            }
        }
    }

    fn labels(area: Area, base: &str) -> Vec<&'static str> {
        nav(area, base, "", |_| true).iter().map(|item| item.label).collect()
    }

    #[test]
    fn shows_what_may_be_opened_and_where_one_is() {
        let items =
            nav(Area::Agency, "/a/harbor", "/a/harbor/provisioning/123?step=4", |action| action != Right::TeamRead);
        assert!(items.iter().all(|item| item.label != "Team"));
        assert_eq!(items.iter().filter(|item| item.current).map(|item| item.label).collect::<Vec<_>>(), ["Jobs"]);
        assert_eq!(items.iter().find(|item| item.label == "API tokens").and_then(|item| item.heading), Some("Agency"));
    }

    #[test]
    fn each_area_has_its_own_entries_in_their_order() {
        assert_eq!(labels(Area::Own, "/me"), ["Account", "Notifications", "Two-factor"]);
        assert_eq!(
            labels(Area::Platform, "/admin"),
            [
                "Overview",
                "Agencies",
                "Businesses",
                "People",
                "Audit log",
                "System",
                "Incoming webhooks",
                "Tool processes",
                "Tool servers"
            ]
        );
        assert_eq!(
            labels(Area::Business, "/b/bright"),
            ["Home", "Inbox", "Contacts", "Assistant", "AI tools", "Connections"]
        );
        let agency = labels(Area::Agency, "/a/harbor");
        assert!(
            agency.starts_with(&["Home", "Clients", "Inbox", "Usage", "Jobs"])
                && agency.ends_with(&["Audit log", "Settings"])
        );
        let items = nav(Area::Agency, "/a/harbor", "/a/harbor", |_| true);
        let headings: Vec<&str> = items.iter().filter_map(|item| item.heading).collect();
        assert_eq!(headings, ["Provisioning", "Agency"]);
        assert_eq!(items[0].href, "/a/harbor");
        assert!(items[0].current && items[1..].iter().all(|item| !item.current));
    }

    /// An address with something in place of each variable part below the area's root.
    fn sample(area: Area, root: &str, path: &str) -> String {
        let rest = path.strip_prefix(area.root()).unwrap_or_default().split('/');
        let parts = rest.map(|part| if part.starts_with('{') { "1" } else { part });
        format!("{root}{}", parts.collect::<Vec<_>>().join("/"))
    }

    #[test]
    fn every_page_of_a_business_belongs_to_one_entry() {
        for page in pages_of(Area::Business) {
            let address = format!("{}?page=2", sample(Area::Business, "/b/bright", page.path));
            let items = nav(Area::Business, "/b/bright", &address, |_| true);
            let current: Vec<_> = items.iter().filter(|item| item.current).map(|item| item.label).collect();
            assert_eq!(current.len(), 1, "{address}: {current:?}");
        }
        for page in feature::pages().filter(|page| page.belongs_to.is_some()) {
            let entry = feature::pages().find(|one| page.belongs_to == Some(one.path));
            assert!(entry.is_some_and(|one| one.nav.is_some()), "{} belongs to a page without an entry", page.path);
        }
        let items = nav(Area::Business, "/b/bright", "/b/bright/scheduled", |_| true);
        assert!(items.iter().any(|item| item.current && item.label == "Inbox"));
    }

    #[test]
    fn a_heading_moves_to_the_first_entry_that_is_left() {
        let items = nav(Area::Agency, "/a/harbor", "", |action| action == Right::AuditRead);
        assert_eq!(
            items.iter().map(|item| (item.label, item.heading)).collect::<Vec<_>>(),
            [("Audit log", Some("Agency"))]
        );
    }

    #[test]
    fn own_pages_need_no_right_and_are_current_one_at_a_time() {
        let items = nav(Area::Own, "/me", "/me/second-factor", |_| false);
        assert_eq!(items.iter().map(|item| item.current).collect::<Vec<_>>(), [false, false, true]);
    }

    #[test]
    fn every_icon_of_a_feature_exists() {
        let pages = feature::pages();
        let icons = pages.flat_map(|page| [page.nav.map(|entry| entry.icon), page.shortcut.map(|one| one.icon)]);
        let actions = feature::actions().map(|one| one.shortcut.icon);
        for icon in icons.flatten().chain(actions) {
            assert_eq!(format!("{:?}", Glyph::named(icon)), icon, "there is no icon of this name in kit/src/icon.rs");
        }
    }

    #[test]
    fn the_main_object_of_an_agency_is_a_client() {
        let page = |area, base, right| create_page(area, base, |asked| asked == right);
        assert_eq!(page(Area::Agency, "/a/harbor", Right::Provision).as_deref(), Some("/a/harbor/provisioning/new"));
        assert_eq!(page(Area::Agency, "/a/harbor", Right::TeamRead), None);
        assert_eq!(page(Area::Business, "/b/bright", Right::Provision), None);
    }

    #[test]
    fn a_shortcut_leads_to_its_page() {
        let found = shortcuts(Area::Agency, "/a/harbor", |right| right == Right::Provision);
        assert!(found.iter().any(|(one, href)| one.label == "New client" && href == "/a/harbor/provisioning/new"));
        let found = shortcuts(Area::Agency, "/a/harbor", |right| right == Right::TeamManage);
        assert!(found.iter().any(|(one, href)| one.label == "Invite teammate" && href == "/a/harbor/team#field-email"));
        assert!(found.iter().all(|(one, _)| one.label != "Sync snapshots"), "only what the person may do");
        assert!(AREAS.into_iter().all(|(area, base)| shortcuts(area, base, |_| false).is_empty()));
    }
}
