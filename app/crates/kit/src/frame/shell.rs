//! The layout of every signed-in page: sidebar, a header with breadcrumbs and the live indicator, the page, and on
//! a phone the bottom bar. A 3 px edge in the area's colour shows which area the page belongs to.

use domain::first_steps::{FirstStep, FirstSteps};
use leptos::prelude::*;

use super::bell::{Bell, BellLink, JobsWaiting};
use super::keys::KeySheet;
use super::nav::{Area, NavItem};
use super::palette::{FindAt, Palette};
use super::person::{Person, PersonEntries, PersonMenu};
use super::switcher::{PlaceLink, Switcher};
use crate::messages::messages;
use crate::page_scripts::PageScripts;
use crate::region::{AskedRegions, Region};
use crate::{Glyph, Icon, LivePage, Notice, Ring, Toast};

/// One breadcrumb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    /// Label of the breadcrumb.
    pub label: String,
    /// Target of the breadcrumb; `None` for the last one.
    pub href: Option<String>,
}

impl Crumb {
    /// A breadcrumb that links to another page.
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }

    /// The breadcrumb of the current page.
    pub fn current(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }
}

/// Everything the shell shows around a page.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Area of the page.
    pub area: Area,
    /// Name of the place: the agency's, the business's, or "Slipway" for the platform.
    pub place: String,
    /// Every place that the person may open.
    pub places: Vec<PlaceLink>,
    /// Entries of the sidebar (`nav`).
    pub nav: Vec<NavItem>,
    /// Breadcrumbs; the last one is the page itself.
    pub crumbs: Vec<Crumb>,
    /// The signed-in person.
    pub person: Person,
    /// Theme: `system`, `light` or `dark`.
    pub theme: String,
    /// Path and query of this page.
    pub address: String,
    /// The first steps and their page. `None` once no step is left.
    pub steps: Option<(FirstSteps, String)>,
    /// URL of the page's event stream; `None` if the page has no live updates.
    pub live: Option<String>,
    /// Version of the data that the page shows. The stream begins with what changed since; without it the page reads anew.
    pub version: Option<String>,
    /// Where the Find form of this area is sent; `None` if the page has no Find dialog.
    pub find: Option<FindAt>,
    /// Address of the page on which `C` creates the area's main object; `None` if the person may not.
    pub create: Option<String>,
    /// What the bell shows; `None` if the area has no bell.
    pub bell: Option<Bell>,
    /// What the last operation reports.
    pub notice: Option<Notice>,
}

/// The layout around a signed-in page.
#[component]
pub fn Shell(
    /// What the shell shows.
    frame: Frame,
    /// The page.
    children: Children,
) -> impl IntoView {
    let Frame { area, place, places, nav, crumbs, person, theme, address, steps, bell, .. } = frame;
    // A refresh replaces regions alone, so it needs no frame.
    if use_context::<AskedRegions>().is_some() {
        let more = steps.clone();
        return view! {
            <main id="main">{children()}</main>
            {bell.map(|bell| view! { <BellLink bell=bell.clone() /><JobsWaiting bell=bell /> })}
            <StepsLeft steps=steps region="ring" />
            <StepsLeft steps=more region="ring-more" />
        }
        .into_any();
    }
    let texts = messages();
    let email = person.email.clone();
    let keys = view! { <KeySheet nav=nav.clone() area creates={frame.create.is_some()} /> };
    // A page without live updates keeps the place of the indicator, so that what stands before it does not jump.
    let pip = match frame.live.is_some() {
        true => view! { <LivePage /> }.into_any(),
        false => view! { <span class="pip" data-state="still" aria-hidden="true"></span> }.into_any(),
    };
    let dock = view! { <Dock nav=nav.clone() steps=steps.clone() theme=theme.clone() address=address.clone() /> };
    view! {
        <a class="skip" href="#main">{texts.skip}</a>
        // Islands wake in the order of the page, and a lazy one waits for its code.
        <PageScripts />
        <div class="frame" data-area=area.key()>
            <aside class="side" aria-label=texts.place_and_menu>
                <Switcher name=place area=area places=places />
                <nav class="side-nav" aria-label=texts.main><NavList items=nav bell=bell.clone() /><StepsLeft steps=steps region="ring" /></nav>
                <PersonMenu person=person theme=theme address=address />
            </aside>
            <div class="stage">
                <header class="top" data-stream=frame.live data-version=frame.version>
                    <Crumbs crumbs=crumbs />
                    {frame.find.map(|at| view! { <Palette at=at person=email /> })}
                    {bell.map(|bell| view! { <BellLink bell=bell /> })}
                    {pip}
                </header>
                <p class="lost" data-lost hidden>{texts.lost}</p>
                <main id="main" class="page" tabindex="-1">{children()}</main>
            </div>
        </div>
        {dock}
        {keys}
        // A page with a button of its own for this comes first in the document.
        {frame.create.map(|href| view! { <a href=href hidden data-key="c"></a> })}
        {frame.notice.map(|notice| view! { <Toast notice=notice /> })}
    }
    .into_any()
}

/// A link to the first steps, with their progress ring, until no step is left. It updates while the page is open.
#[component]
fn StepsLeft(steps: Option<(FirstSteps, String)>, region: &'static str) -> impl IntoView {
    // Every page has this region, so it may follow nothing that happens often without need.
    let topics = steps.as_ref().map(|(steps, _)| steps.topics()).unwrap_or_default();
    let link = steps.map(|(steps, href)| {
        let (done, all) = (steps.count(), FirstStep::ALL.len());
        let words = format!("{done} of {all} first steps");
        let hint = words.clone();
        view! { <a class="nav-item" href=href title=hint><Ring done=done all=all /><span class="nav-word">{words}</span></a> }
    });
    view! { <Region key=region topics class="pt-4 empty:hidden">{link}</Region> }
}

/// The entries of the sidebar, in their groups.
#[component]
fn NavList(items: Vec<NavItem>, bell: Option<Bell>) -> impl IntoView {
    let lines = items
        .into_iter()
        .map(|item| {
            let heading = item.heading.map(|text| view! { <li class="nav-heading">{text}</li> });
            let hint = item.key.map(|key| format!("{} (G {} {})", item.label, messages().then, key.to_uppercase()));
            let waiting = bell.clone().filter(|bell| bell.jobs.0 == item.href).map(|bell| view! { <JobsWaiting bell=bell /> });
            view! {
                {heading}
                <li>
                    <a class="nav-item" href=item.href aria-current=item.current.then_some("page") title=hint data-go=item.key>
                        <Icon of=item.icon />
                        <span class="nav-word">{item.label}</span>
                        {waiting}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="flex flex-col gap-px">{lines}</ul> }
}

/// The breadcrumbs; the last one is the page itself.
#[component]
fn Crumbs(crumbs: Vec<Crumb>) -> impl IntoView {
    let steps = crumbs
        .into_iter()
        .map(|crumb| match crumb.href {
            Some(href) => view! { <li class="crumb"><a class="truncate hover:text-fg" href=href>{crumb.label}</a><Icon of=Glyph::Right class="text-fg-3" /></li> }.into_any(),
            None => view! { <li class="crumb text-fg" aria-current="page"><span class="truncate">{crumb.label}</span></li> }.into_any(),
        })
        .collect_view();
    view! { <nav class="min-w-0 grow" aria-label=messages().way_back><ol class="flex min-w-0 items-center">{steps}</ol></nav> }
}

/// The bottom bar on phones: the main entries, and everything else behind "More".
#[component]
fn Dock(nav: Vec<NavItem>, steps: Option<(FirstSteps, String)>, theme: String, address: String) -> impl IntoView {
    let main = nav
        .iter()
        .filter(|item| item.dock)
        .take(4)
        .cloned()
        .map(|item| {
            view! {
                <a class="dock-item" href=item.href aria-current=item.current.then_some("page")>
                    <Icon of=item.icon size=20 />
                    {item.label}
                </a>
            }
        })
        .collect_view();
    let rest = nav
        .into_iter()
        .filter(|item| !item.dock)
        .map(|item| NavItem { heading: None, key: None, ..item })
        .collect::<Vec<_>>();
    view! {
        <nav class="dock" aria-label=messages().main_short>
            {main}
            <details class="pop" data-pop>
                <summary class="dock-item"><Icon of=Glyph::More size=20 />{messages().more}</summary>
                <div class="pop-panel pop-up dock-sheet p-2">
                    <NavList items=rest bell=None />
                    <StepsLeft steps=steps region="ring-more" />
                    <div class="mt-2 border-t border-line pt-2"><PersonEntries theme=theme address=address /></div>
                </div>
            </details>
        </nav>
    }
}
