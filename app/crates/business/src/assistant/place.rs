//! What surrounds each page of the assistant? The frame, the way between the pages, and what the person may do there.

use domain::BusinessId;
use domain::access::BusinessAccess;
use domain::brand::Brand;
use domain::permission::Right;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{PageHeader, Tab, Tabs};
use leptos::prelude::*;
use web::brand::{BrandAccent, BrandMark};
use web::guard::ServerContext;
use web::page_frame::frame;

use super::rehearsal;
use super::texts::texts;

/// Where a page is, and what the person may do there.
#[derive(Clone)]
pub(super) struct Place {
    /// The business.
    pub business: BusinessId,
    /// The brand of its agency.
    pub brand: Brand,
    /// Whether the person may change the assistant.
    pub manages: bool,
    /// Whether the person may connect channels.
    pub connects: bool,
}

impl Place {
    /// The business of a person, in the brand of its agency.
    pub fn new(access: &BusinessAccess, brand: Brand) -> Self {
        Self {
            business: access.id,
            brand,
            manages: access.allows(Right::AssistantManage),
            connects: access.allows(Right::ChannelsConnect),
        }
    }

    /// The address of the assistant.
    pub fn root(&self) -> String {
        format!("/b/{}/assistant", self.business)
    }

    /// The address of a part of the assistant.
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

/// The pages of the assistant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Its settings.
    Assistant,
    /// What it knows.
    Knowledge,
    /// What it answered.
    Answers,
    /// The test chat.
    TryOut,
    /// What it would say to past questions.
    Rehearsals,
}

impl Part {
    const ALL: [Self; 5] = [Self::Assistant, Self::Knowledge, Self::TryOut, Self::Rehearsals, Self::Answers];

    /// What follows the address of the assistant.
    const fn path(self) -> &'static str {
        match self {
            Self::Assistant => "",
            Self::Knowledge => "/knowledge",
            Self::Answers => "/answers",
            Self::TryOut => "/try",
            Self::Rehearsals => "/rehearsals",
        }
    }
}

/// A page of the assistant. `name` is set on a page below a part.
#[component]
pub(super) fn Around(
    context: ServerContext,
    place: Place,
    part: Part,
    #[prop(optional, into)] name: Option<String>,
    children: Children,
) -> impl IntoView {
    let words = texts(context.request.language);
    let trying = rehearsal::texts::texts(context.request.language);
    let label = |part: Part| match part {
        Part::Assistant => words.assistant,
        Part::Knowledge => words.knowledge,
        Part::Answers => words.answers,
        Part::TryOut => trying.try_out,
        Part::Rehearsals => trying.rehearsals,
    };
    let title = name.clone().unwrap_or_else(|| label(part).to_owned());
    let above = (part != Part::Assistant && place.manages).then(|| Crumb::link(words.assistant, place.root()));
    let own = name.is_some().then(|| Crumb::link(label(part), place.at(part)));
    let crumbs = above.into_iter().chain(own).chain([Crumb::current(title.clone())]).collect();
    let frame = frame(&context, crumbs);
    let open = Part::ALL.into_iter().filter(|other| place.manages || *other == Part::Answers);
    let tabs = open.map(|other| Tab::new(label(other), place.at(other), other == part && name.is_none())).collect();
    let brand = place.brand;
    view! {
        <PageTitle text=title.clone()/>
        <Shell frame=frame>
            <BrandAccent brand=brand.clone()/>
            <div class="pb-4"><BrandMark brand/></div>
            <PageHeader title=title/>
            <div class="pb-4"><Tabs label=words.parts tabs=tabs/></div>
            {children()}
        </Shell>
    }
}
