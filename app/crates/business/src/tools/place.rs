//! What surrounds each page of AI tools? The frame, the way between the pages, and what the person may do there.

use domain::BusinessId;
use domain::access::BusinessAccess;
use domain::brand::Brand;
use domain::permission::Right;
use domain::tools::Stopped;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Banner, PageHeader, Tab, Tabs, Tone};
use leptos::prelude::*;
use store::tenant::TenantTx;
use web::brand::{BrandAccent, BrandMark};
use web::error::Result;
use web::guard::ServerContext;
use web::page_frame::frame;

use super::texts::texts;

/// Where a page is, what the person may do there, and whether every tool is stopped.
#[derive(Clone)]
pub(super) struct Place {
    /// The business.
    pub business: BusinessId,
    /// Its name.
    pub name: String,
    /// The brand of its agency.
    pub brand: Brand,
    /// Whether the person may connect agents and say what they may do.
    pub manages: bool,
    /// Whether the person may approve calls and read the log.
    pub approves: bool,
    /// Whether every tool is stopped.
    pub stopped: Stopped,
    /// How many calls wait for a person.
    pub waiting: i64,
}

impl Place {
    /// The business of a person, in the brand of its agency.
    pub async fn read(access: &BusinessAccess, tx: &mut TenantTx) -> Result<Self> {
        let brand = store::agencies::brand(tx).await?;
        let stopped = store::tools::kill::state(tx).await?;
        let approves = access.allows(Right::ToolsApprove);
        let waiting = if approves { store::tools::approvals::count_waiting(tx).await? } else { 0 };
        Ok(Self {
            business: access.id,
            name: access.name.clone(),
            brand,
            manages: access.allows(Right::ToolsManage),
            approves,
            stopped,
            waiting,
        })
    }

    /// The address of AI tools.
    pub fn root(&self) -> String {
        format!("/b/{}/ai-tools", self.business)
    }

    /// The address of a part.
    pub fn at(&self, part: Part) -> String {
        format!("{}{}", self.root(), part.path())
    }

    /// The hidden fields of a form.
    pub fn hidden(&self) -> Vec<(&'static str, String)> {
        vec![("business", self.business.to_string())]
    }

    /// The hidden fields of a form about one object.
    pub fn hidden_with(&self, name: &'static str, value: impl ToString) -> Vec<(&'static str, String)> {
        vec![("business", self.business.to_string()), (name, value.to_string())]
    }
}

/// The pages of AI tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The agents.
    Agents,
    /// What waits for a person.
    Approvals,
    /// Every call.
    Log,
    /// What agents did, for the owner of the business.
    Trust,
}

impl Part {
    const ALL: [Self; 4] = [Self::Agents, Self::Approvals, Self::Log, Self::Trust];

    /// What follows the address of AI tools.
    const fn path(self) -> &'static str {
        match self {
            Self::Agents => "",
            Self::Approvals => "/approvals",
            Self::Log => "/log",
            Self::Trust => "/trust",
        }
    }

    const fn is_open(self, place: &Place) -> bool {
        match self {
            Self::Agents => place.manages,
            Self::Approvals | Self::Log | Self::Trust => place.approves,
        }
    }
}

/// A page of AI tools. `name` is set on a page below a part.
#[component]
pub(super) fn Around(
    context: ServerContext,
    place: Place,
    part: Part,
    #[prop(optional, into)] name: Option<String>,
    children: Children,
) -> impl IntoView {
    let words = texts(context.request.language);
    let title = name.clone().unwrap_or_else(|| (words.part)(part).to_owned());
    let above = (part != Part::Agents && place.manages).then(|| Crumb::link((words.part)(Part::Agents), place.root()));
    let own = name.is_some().then(|| Crumb::link((words.part)(part), place.at(part)));
    let crumbs = above.into_iter().chain(own).chain([Crumb::current(title.clone())]).collect();
    let frame = frame(&context, crumbs);
    let tabs = Part::ALL.into_iter().filter(|other| other.is_open(&place)).map(|other| {
        let mut tab = Tab::new((words.part)(other), place.at(other), other == part && name.is_none());
        tab.count = (other == Part::Approvals && place.waiting > 0).then_some(place.waiting);
        tab
    });
    let tabs = tabs.collect();
    let stopped = place.stopped.is_stopped().then(|| {
        let text = if place.stopped.all { words.all_stopped } else { words.stopped };
        view! { <div class="pb-4"><Banner tone=Tone::Warn text/></div> }
    });
    let brand = place.brand;
    view! {
        <PageTitle text=title.clone()/>
        <Shell frame=frame>
            <BrandAccent brand=brand.clone()/>
            <div class="pb-4"><BrandMark brand/></div>
            <PageHeader title=title/>
            <div class="pb-4"><Tabs label=words.parts tabs=tabs/></div>
            {stopped}
            {children()}
        </Shell>
    }
}
