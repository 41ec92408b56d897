//! Reads what is typed into the search, and shows the page of hits.

use domain::brand::Brand;
use domain::language::Language;
use domain::page::ListQuery;
use domain::permission::Right;
use kit::frame::palette::{FindForm, Found, Results};
use kit::frame::{Area, Frame, Shell, find_texts, nav, shortcuts, translated};
use kit::title::PageTitle;
use kit::{Glyph, PageHeader};
use leptos::prelude::*;

use crate::brand::BrandAccent;

/// Maximum number of hits of each kind.
pub const MOST: usize = 6;

/// What to find: the words, and the leading character if one narrowed the search.
pub struct FindQuery {
    /// The kind of hits that the first sign asks for.
    pub only: Option<char>,
    /// The words, in the form in which texts are searched.
    pub words: String,
}

impl FindQuery {
    /// Reads what was typed.
    #[must_use]
    pub fn read(typed: &str) -> Self {
        let typed = domain::text::line(typed);
        let only = typed.chars().next().filter(|first| matches!(first, '#' | '@' | '/' | '>'));
        let words = typed.trim_start_matches(|letter| Some(letter) == only).trim();
        Self { only, words: domain::text::searchable(words) }
    }

    /// True if hits of this kind are wanted. Without a leading character every kind is wanted.
    #[must_use]
    pub fn wants(&self, kind: char) -> bool {
        self.only.is_none_or(|only| only == kind)
    }

    /// True if the text contains the words, or their letters in this order: "nwc" finds "New client".
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        let text = domain::text::searchable(text);
        let mut rest = text.chars();
        text.contains(&self.words) || self.words.chars().all(|letter| rest.any(|other| other == letter))
    }

    /// True if the text contains each of the words.
    fn is_in(&self, text: &str) -> bool {
        let text = domain::text::searchable(text);
        self.words.split(' ').all(|word| text.contains(word))
    }

    /// The query of a list for these words.
    #[must_use]
    pub fn query(&self, words: &str) -> ListQuery {
        ListQuery { q: words.to_owned(), limit: u16::try_from(MOST).unwrap_or(6), ..ListQuery::default() }
    }
}

/// The page of hits, in the brand of its place if it has one.
pub fn page(frame: Frame, language: Language, brand: Option<Brand>, typed: String, found: Vec<Found>) -> impl IntoView {
    let (at, area, title) = (frame.find.clone(), frame.area, find_texts(language).title);
    // The form is on the page itself, so the dialog would only be in its way, and nothing here changes by itself.
    let frame = Frame { find: None, live: None, ..frame };
    view! {
        <PageTitle text=title.to_owned()/>
        <Shell frame=frame>
            {brand.map(|brand| view! { <BrandAccent brand/> })}
            <PageHeader title=title/>
            <div class="max-w-2xl">
                {at.map(|at| view! { <FindForm at=at typed=typed.clone()/> })}
                <Results area typed=typed found=found/>
            </div>
        </Shell>
    }
}

/// Pages of an area, as they are called in a language, and what can be done there, that fit what was typed and that the
/// caller may open. Before anything is typed, what can be done comes first.
#[must_use]
pub fn pages(
    find_query: &FindQuery,
    language: Language,
    area: Area,
    base: &str,
    may: impl Fn(Right) -> bool,
) -> Vec<Found> {
    let texts = find_texts(language);
    let entries = translated(nav(area, base, "", &may), language).into_iter();
    let entries = entries.filter(|item| find_query.wants('/') && find_query.fits(item.label));
    let pages = entries.map(|item| Found::new(texts.pages, item.icon, item.label, "", item.href));
    let fits = |label: &str, words: &str| {
        find_query.wants('>') && (find_query.fits(label) || find_query.is_in(&format!("{label} {words}")))
    };
    let shortcuts = shortcuts(area, base, &may).into_iter().filter(|(one, _)| fits(one.label, one.words));
    let acts = shortcuts.map(|(one, href)| Found::new(texts.actions, Glyph::named(one.icon), one.label, "", href));
    if find_query.words.is_empty() { acts.chain(pages).collect() } else { pages.chain(acts).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_sign_narrows_and_letters_in_order_are_enough() {
        let find_query = FindQuery::read(" #214 ");
        assert_eq!((find_query.only, find_query.words.as_str()), (Some('#'), "214"));
        assert!(find_query.wants('#') && !find_query.wants('@'));
        let find_query = FindQuery::read("Snp");
        assert!(find_query.wants('@') && find_query.fits("Snapshots") && !find_query.fits("Team"));
        assert!(FindQuery::read("jose").fits("José Núñez") && FindQuery::read("NÚÑ").fits("Jose Nunez"));
    }

    #[test]
    fn before_anything_is_typed_what_can_be_done_comes_first() {
        let found = pages(&FindQuery::read(""), Language::English, Area::Agency, "/a/x", |_| true);
        let groups: Vec<_> = found.iter().map(|one| one.group).collect();
        let first_page = groups.iter().filter(|group| **group == "Actions").count();
        assert!(first_page > 4, "{groups:?}");
        assert!(groups[first_page..].iter().all(|group| *group == "Go to"), "{groups:?}");
    }

    #[test]
    fn only_pages_that_may_be_opened_are_found() {
        let team = |right: Right| right == Right::TeamRead;
        let found = pages(&FindQuery::read(""), Language::English, Area::Agency, "/a/x", team);
        assert_eq!(found.iter().map(|one| one.href.as_str()).collect::<Vec<_>>(), ["/a/x/team"]);
    }

    #[test]
    fn what_can_be_done_is_found_by_its_name_and_further_words() {
        let found = |typed: &str, right| {
            pages(&FindQuery::read(typed), Language::English, Area::Agency, "/a/x", |asked| asked == right)
        };
        // Letters that only stand far apart in its further words do not find it.
        assert!(found("bri", Right::AgencyRead).iter().all(|one| one.what != "Notifications"));
        for typed in [">", "> new client", "create", "nwc"] {
            let found = found(typed, Right::Provision);
            assert_eq!(
                found.iter().map(|one| (one.group, one.what.as_str())).collect::<Vec<_>>(),
                [("Actions", "New client")]
            );
            assert_eq!(found[0].href, "/a/x/provisioning/new");
        }
        let sync = found("> sync", Right::SnapshotsManage);
        assert_eq!((sync[0].what.as_str(), sync[0].href.as_str()), ("Sync snapshots", "/a/x/snapshots"));
        assert!(found("/", Right::Provision).is_empty() && found(">", Right::TeamRead).is_empty());
    }

    #[test]
    fn the_pages_of_a_business_are_found_by_what_they_are_called_there() {
        let find = |typed| pages(&FindQuery::read(typed), Language::Spanish, Area::Business, "/b/x", |_| true);
        let found = find("contactos");
        assert_eq!(found.iter().map(|one| one.href.as_str()).collect::<Vec<_>>(), ["/b/x/contacts"]);
        assert_eq!((found[0].group, found[0].what.as_str()), ("Ir a", "Contactos"));
        assert!(find("home").is_empty());
    }
}
