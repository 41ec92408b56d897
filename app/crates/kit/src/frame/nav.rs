//! The entries of the sidebar in each area, as data. Entries that the caller may not open are left out.

use domain::permission::Right;

use crate::Glyph;

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

    /// Name of the area that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Own => "Your account",
            Self::Platform => "Platform",
            Self::Agency => "Agency",
            Self::Business => "Business",
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

/// An entry of an area: label, icon, path under the area's root, the right it needs, its letter, and whether the
/// bottom bar on phones shows it.
struct Entry(&'static str, Glyph, &'static str, Right, Option<&'static str>, bool);

/// Entries in groups; the first group has no heading.
type Groups = &'static [(Option<&'static str>, &'static [Entry])];

const PLATFORM: Groups = &[
    (
        None,
        &[
            Entry("Overview", Glyph::Gauge, "", Right::PlatformRead, Some("h"), true),
            Entry("Agencies", Glyph::Globe, "/agencies", Right::PlatformRead, Some("a"), true),
            Entry("Businesses", Glyph::Client, "/businesses", Right::PlatformRead, Some("c"), true),
            Entry("People", Glyph::People, "/people", Right::PlatformRead, Some("p"), true),
        ],
    ),
    (
        Some("Safety"),
        &[
            Entry("Audit log", Glyph::Audit, "/audit", Right::PlatformRead, Some("l"), false),
            Entry("System", Glyph::Server, "/system", Right::PlatformRead, Some("s"), false),
        ],
    ),
];

const AGENCY: Groups = &[
    (
        None,
        &[
            Entry("Home", Glyph::Home, "", Right::AgencyRead, Some("h"), true),
            Entry("Clients", Glyph::Client, "/clients", Right::ClientsRead, Some("c"), true),
        ],
    ),
    (
        Some("Provisioning"),
        &[
            Entry("Jobs", Glyph::Job, "/provisioning", Right::ProvisionRead, Some("j"), true),
            Entry("Snapshots", Glyph::Snapshot, "/snapshots", Right::ProvisionRead, Some("s"), false),
            Entry("Connections", Glyph::Plug, "/connections", Right::ConnectionsRead, Some("n"), true),
        ],
    ),
    (
        Some("Agency"),
        &[
            Entry("Team", Glyph::People, "/team", Right::TeamRead, Some("t"), false),
            Entry("API tokens", Glyph::Key, "/tokens", Right::TokensManage, None, false),
            Entry("Audit log", Glyph::Audit, "/audit", Right::AuditRead, Some("l"), false),
            Entry("Settings", Glyph::Settings, "/settings", Right::AgencyManage, None, false),
        ],
    ),
];

const BUSINESS: Groups = &[(
    None,
    &[
        Entry("Home", Glyph::Home, "", Right::BusinessRead, Some("h"), true),
        Entry("Integrations", Glyph::Plug, "/integrations", Right::BusinessRead, Some("n"), true),
    ],
)];

/// The entries of an area whose root is `base` (`/a/harbor`). `address` is the current page, and `may` says which
/// rights the caller has.
#[must_use]
pub fn nav(area: Area, base: &str, address: &str, may: impl Fn(Right) -> bool) -> Vec<NavItem> {
    let groups = match area {
        Area::Own => return own(address),
        Area::Platform => PLATFORM,
        Area::Agency => AGENCY,
        Area::Business => BUSINESS,
    };
    let mut items = Vec::new();
    for (heading, entries) in groups {
        let mut heading = *heading;
        for Entry(label, icon, path, needs, key, dock) in *entries {
            if may(*needs) {
                let href = format!("{base}{path}");
                let current = if path.is_empty() { is_at(address, base, true) } else { is_at(address, &href, false) };
                items.push(NavItem {
                    label,
                    icon: *icon,
                    href,
                    current,
                    heading: heading.take(),
                    key: *key,
                    dock: *dock,
                });
            }
        }
    }
    items
}

/// The entries of a person's own pages.
fn own(address: &str) -> Vec<NavItem> {
    let item = |label, icon, href: &str| NavItem {
        label,
        icon,
        href: href.to_owned(),
        current: is_at(address, href, true),
        heading: None,
        key: None,
        dock: true,
    };
    vec![item("Profile", Glyph::Person, "/me"), item("Second factor", Glyph::Shield, "/me/second-factor")]
}

/// True if `address` is this page or, unless `exactly` is set, lies under it.
fn is_at(address: &str, href: &str, exactly: bool) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address).trim_end_matches('/');
    path == href || (!exactly && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_may_be_opened_and_where_one_is() {
        let items =
            nav(Area::Agency, "/a/harbor", "/a/harbor/provisioning/123?step=4", |action| action != Right::TeamRead);
        assert!(items.iter().all(|item| item.label != "Team"));
        assert_eq!(items.iter().filter(|item| item.current).map(|item| item.label).collect::<Vec<_>>(), ["Jobs"]);
        assert_eq!(items.iter().find(|item| item.label == "API tokens").and_then(|item| item.heading), Some("Agency"));
    }
}
