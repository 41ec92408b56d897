//! The menu of saved views in the toolbar of a list: opens a view, saves the present one, renames and deletes. It
//! consists of links and forms, so it works without scripts.

use domain::saved_view::{self, LONGEST_NAME, SavedView};
use leptos::prelude::*;

use crate::address::Address;
use crate::button::ButtonStyle;
use crate::chip::Chip;
use crate::icon::{Glyph, Icon};
use crate::region::Region;

/// The saved views of a list, as far as the person who looks sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewsOfList {
    /// Short name of the agency.
    pub agency: String,
    /// Key of the list.
    pub list: &'static str,
    /// The views, by name.
    pub views: Vec<SavedView>,
    /// True if the person may share views with the agency.
    pub may_share: bool,
}

/// The menu of saved views.
#[component]
pub fn SavedViews(
    /// Address of the list.
    at: Address,
    /// The views.
    saved: ViewsOfList,
) -> impl IntoView {
    let href = at.href();
    let present = saved_view::query(&saved_view::kept(href.split_once('?').map_or("", |(_, query)| query)));
    let open = saved.views.iter().find(|view| view.query == present);
    let label = open.map_or_else(|| "Views".to_owned(), |view| view.name.clone());
    let lines = saved.views.iter().map(|view| {
        let is_open = view.query == present;
        view! { <Line path=at.path.clone() agency=saved.agency.clone() view=view.clone() is_open may_share=saved.may_share/> }
    });
    let lines = (!saved.views.is_empty()).then(|| view! { <ul class="flex flex-col">{lines.collect_view()}</ul> });
    view! {
        <details class="pop" data-pop>
            <summary class=ButtonStyle::Secondary.class()>
                <span class="max-w-40 truncate">{label}</span>
                <Icon of=Glyph::Down/>
            </summary>
            <div class="pop-panel pop-end w-80 p-3 text-start text-sm whitespace-normal">
                // A search while typing changes what would be saved.
                <Region key="saved-views" topics="" class="flex flex-col gap-3">{lines}<Save saved present/></Region>
            </div>
        </details>
    }
}

/// A saved view: its link, and what can be done with it.
#[component]
fn Line(path: String, agency: String, view: SavedView, is_open: bool, may_share: bool) -> impl IntoView {
    let href = format!("{path}?{}", view.query);
    let shared = view.is_shared.then(|| view! { <Chip>"Shared"</Chip> });
    let edit = (view.is_mine || (view.is_shared && may_share)).then(|| {
        let hidden = || view! {
            <input type="hidden" name="agency" value=agency.clone()/>
            <input type="hidden" name="id" value=view.id.to_string()/>
        };
        view! {
            <details class="ps-2">
                <summary class="fold w-fit py-1 text-xs text-fg-3">"Edit"<span class="sr-only">{format!(" {}", view.name)}</span></summary>
                <form method="post" action="/do/rename_view" class="flex flex-col gap-2 pt-1">
                    {hidden()}
                    <Name value=view.name.clone()/>
                    {may_share.then(|| view! { <Share checked=view.is_shared/> })}
                    <div><button type="submit" class=ButtonStyle::Secondary.class()>"Save"</button></div>
                </form>
                <form method="post" action="/do/remove_view" class="pt-2 pb-1">
                    {hidden()}
                    <button type="submit" class=ButtonStyle::Danger.class()>"Delete view"</button>
                </form>
            </details>
        }
    });
    view! {
        <li>
            <a class="menu-item" href=href aria-current=is_open.then_some("page")>
                <span class="min-w-0 grow truncate" title=view.name.clone()>{view.name.clone()}</span>
                {shared}
                {is_open.then(|| view! { <Icon of=Glyph::Check/> })}
            </a>
            {edit}
        </li>
    }
}

/// The form that saves what the list shows now.
#[component]
fn Save(saved: ViewsOfList, present: String) -> impl IntoView {
    if present.is_empty() {
        return view! { <p class="text-fg-3">"Search, filter or sort the list, then save it here to come back to it."</p> }
            .into_any();
    }
    view! {
        <form method="post" action="/do/save_view" class="flex flex-col gap-2">
            <input type="hidden" name="agency" value=saved.agency/>
            <input type="hidden" name="list" value=saved.list/>
            <input type="hidden" name="query" value=present/>
            <Name value=String::new()/>
            {saved.may_share.then(|| view! { <Share checked=false/> })}
            <div><button type="submit" class=ButtonStyle::Primary.class()>"Save this view"</button></div>
        </form>
    }
    .into_any()
}

#[component]
fn Name(value: String) -> impl IntoView {
    view! {
        <label class="flex flex-col gap-1">
            "Name"
            <input class="control" name="name" value=value maxlength=LONGEST_NAME.to_string() required autocomplete="off"/>
        </label>
    }
}

#[component]
fn Share(checked: bool) -> impl IntoView {
    view! {
        <label class="flex items-center gap-2">
            <input class="tick" type="checkbox" name="shared" value="on" checked=checked/>
            "Share with the team"
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str, may_share: bool) -> String {
        let view = |name: &str, query: &str, is_shared, is_mine| SavedView {
            id: "00000000-0000-0000-0000-000000000000".parse().unwrap(),
            name: name.to_owned(),
            query: query.to_owned(),
            is_shared,
            is_mine,
        };
        let views = vec![view("<Failed>", "view=failed", false, true), view("Ours", "q=dental", true, false)];
        let saved = ViewsOfList { agency: "harbor".to_owned(), list: "jobs", views, may_share };
        let at = Address::new("/a/harbor/provisioning", query);
        Owner::new().with(|| view! { <SavedViews at saved/> }.to_html())
    }

    #[test]
    fn the_open_view_is_named_and_what_is_shown_can_be_saved() {
        let page = page("?view=failed&cursor=abc", false);
        assert!(page.contains("href=\"/a/harbor/provisioning?view=failed\" aria-current=\"page\""), "{page}");
        assert!(page.contains("name=\"query\" value=\"view=failed\""), "the position is not saved");
        assert!(page.contains("&lt;Failed&gt;") && !page.contains("<Failed>"));
        assert_eq!(page.matches("/do/rename_view").count(), 1, "another person's view cannot be changed");
        assert!(!page.contains("name=\"shared\""));
    }

    #[test]
    fn whoever_shares_changes_shared_views_and_a_plain_list_has_nothing_to_save() {
        let page = page("", true);
        assert_eq!(page.matches("/do/remove_view").count(), 2);
        assert!(page.contains("name=\"shared\"") && !page.contains("/do/save_view"));
    }
}
