//! A part of a page that is updated while the page is open. It names the topics that it shows. When one of them changes,
//! the browser asks for the same address again and names the regions that it needs; only those are rendered.

use std::sync::Arc;

use leptos::prelude::*;

/// The header in which a refresh names the regions that it asks for, separated by commas.
pub const HEADER: &str = "x-live-regions";

/// The regions that a refresh asks for. A navigation has none of these and renders everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedRegions(Arc<[String]>);

impl AskedRegions {
    /// Reads the header. `None` if it names nothing.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let keys: Vec<String> =
            header.split(',').map(|key| key.trim().to_owned()).filter(|key| !key.is_empty()).collect();
        (!keys.is_empty()).then(|| Self(keys.into()))
    }

    /// True if this region is asked for.
    #[must_use]
    pub fn holds(&self, key: &str) -> bool {
        self.0.iter().any(|one| one == key)
    }
}

/// True if the request wants this region: it is a navigation, or a refresh that asks for it.
#[must_use]
pub fn is_asked(key: &str) -> bool {
    use_context::<AskedRegions>().is_none_or(|asked| asked.holds(key))
}

/// True if the request is a navigation, which renders everything, and no refresh of some regions.
#[must_use]
pub fn is_navigation() -> bool {
    use_context::<AskedRegions>().is_none()
}

/// A region. On a refresh that does not ask for it, nothing is rendered.
#[component]
pub fn Region(
    /// Name of the region, unique on its page.
    key: &'static str,
    /// The topics that it shows, separated by blanks.
    #[prop(into)]
    topics: String,
    /// CSS classes.
    #[prop(optional)]
    class: &'static str,
    /// True while it shows what an update must not replace: it is part of the page, but no region.
    #[prop(optional)]
    frozen: bool,
    /// The content.
    children: Children,
) -> impl IntoView {
    is_asked(key).then(|| {
        let (name, topics) = ((!frozen).then_some(key), (!frozen).then_some(topics));
        view! { <div class=class data-live=name data-topics=topics>{children()}</div> }
    })
}

#[cfg(test)]
mod tests {
    use super::AskedRegions;

    #[test]
    fn a_header_names_regions() {
        let asked = AskedRegions::parse("steps, pane,,").unwrap();
        assert!(asked.holds("steps") && asked.holds("pane") && !asked.holds("head"));
        assert_eq!(AskedRegions::parse(" , "), None);
    }
}
