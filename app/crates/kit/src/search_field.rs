//! How is a list searched? A GET form, so Enter is enough and the result has an address. With scripts the list follows the
//! typing (`live_search`).

use leptos::prelude::*;

use crate::messages::messages;
use crate::{Address, Glyph, Icon};

/// The search field of the list at `at`.
#[component]
pub fn SearchField(
    /// Address of the list. The search keeps its parameters.
    at: Address,
    /// What the search covers: "Search clients".
    label: &'static str,
    /// Name of the region with the rows; empty for the first region after the toolbar.
    #[prop(default = "")]
    region: &'static str,
    /// How wide the field is.
    #[prop(default = "w-full")]
    width: &'static str,
) -> impl IntoView {
    let hidden = at.others(&["q"]);
    let hidden = hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    let typed = at.get("q").to_owned();
    let (cleared, is_empty, clear) = (at.with("q", "").href(), typed.is_empty(), messages().clear_search);
    view! {
        <form method="get" action=at.path.clone() role="search" data-live-search=region class=format!("relative {width}")>
            {hidden}
            <span class="pointer-events-none absolute inset-y-0 start-2.5 grid place-items-center text-fg-3"><Icon of=Glyph::Search/></span>
            <input class="control ps-8 pe-8" type="search" name="q" value=typed placeholder=label aria-label=label data-key="/"/>
            <a class="absolute inset-y-0 end-0 grid w-8 place-items-center text-fg-3 hover:text-fg" href=cleared hidden=is_empty data-clear aria-label=clear><Icon of=Glyph::Close/></a>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use domain::language::Language;

    use super::*;

    fn drawn(query: &str, language: Language) -> String {
        let at = Address::new("/b/x/contacts", query);
        Owner::new().with(|| {
            provide_context(language);
            view! { <SearchField at label="Search names" region="contacts"/> }.to_html()
        })
    }

    #[test]
    fn a_search_keeps_the_list_begins_at_its_first_row_and_can_be_cleared() {
        let html = drawn("q=%3Cb%3E&view=mine&cursor=c&at=50", Language::English);
        assert!(html.contains("name=\"view\" value=\"mine\"") && !html.contains("cursor"), "{html}");
        assert!(html.contains("href=\"/b/x/contacts?view=mine\"") && html.contains("Clear search"), "{html}");
        assert!(html.contains("data-live-search=\"contacts\"") && !html.contains("<b>"), "{html}");
        assert!(drawn("", Language::Spanish).contains("Borrar búsqueda"));
    }
}
