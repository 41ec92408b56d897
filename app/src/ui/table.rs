//! How does a list of things look? One table for all of them: order, search, views, filters and pages are links and live in the address.
//! On a phone each row becomes two lines; the roles are written out because `display` would take them away from assistive technology.

use leptos::prelude::*;

use super::address::Address;
use super::empty::EmptyFiltered;
use super::icon::{Glyph, Icon};
use super::pager::Pager;
use super::toolbar::{FilterChip, SavedView, Toolbar};

/// A column: its name in the address, its words and how it behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Name in `?sort=`, without its direction; empty when rows cannot be ordered by it.
    pub sort: &'static str,
    /// Words of the header; empty for a column of actions.
    pub label: &'static str,
    /// Whether its cells are numbers, set to the end.
    pub number: bool,
    /// Whether narrow screens leave it out.
    pub wide_only: bool,
    /// Where a phone shows it.
    pub on_phone: OnPhone,
}

/// Where a phone shows a cell: on the first line of its row (as what it is about, or as the mark at its end) or on the second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnPhone {
    /// What the row is about; the first column unless another is named.
    Lead,
    /// The mark at the end of the first line; the second column unless another is named.
    Mark,
    /// On the second line.
    #[default]
    Rest,
}

impl Column {
    /// A column rows can be ordered by.
    #[must_use]
    pub const fn sorted(sort: &'static str, label: &'static str) -> Self {
        Self { sort, label, number: false, wide_only: false, on_phone: OnPhone::Rest }
    }

    /// A column that only shows.
    #[must_use]
    pub const fn plain(label: &'static str) -> Self {
        Self::sorted("", label)
    }

    /// Its cells are numbers.
    #[must_use]
    pub const fn number(mut self) -> Self {
        self.number = true;
        self
    }

    /// On a phone the row is about this.
    #[must_use]
    pub const fn lead(mut self) -> Self {
        self.on_phone = OnPhone::Lead;
        self
    }

    /// On a phone it stands at the end of the first line.
    #[must_use]
    pub const fn mark(mut self) -> Self {
        self.on_phone = OnPhone::Mark;
        self
    }

    /// Narrow screens leave it out.
    #[must_use]
    pub const fn wide_only(mut self) -> Self {
        self.wide_only = true;
        self
    }
}

/// A row: what it is called for live updates, where it leads, its cells in the order of the columns.
pub struct Row {
    /// Stable key: the id of the thing.
    pub key: String,
    /// The page of the thing; the first cell becomes its link and the whole row can be clicked.
    pub href: Option<String>,
    /// One cell a column.
    pub cells: Vec<AnyView>,
}

/// What can be done to several rows at once: each button posts the ticked keys as `id[]` fields.
pub struct Bulk {
    /// Id of the form, unique on the page.
    pub id: &'static str,
    /// Where it is posted.
    pub action: String,
    /// The buttons, as `Button`s of this form.
    pub buttons: AnyView,
}

/// A list of things as a table. `empty` is what stands there before the first thing exists.
#[component]
pub fn Table(
    /// What the table lists, for assistive technology.
    #[prop(into)]
    caption: String,
    /// Where the list is.
    at: Address,
    /// The columns.
    columns: Vec<Column>,
    /// The rows of this page.
    rows: Vec<Row>,
    /// Cursor of the next page.
    #[prop(optional_no_strip)]
    next: Option<String>,
    /// How many rows match in all, where known.
    #[prop(optional_no_strip)]
    total: Option<i64>,
    /// The orders that the list knows, its own first: the store's, so that a header never says what the rows are not.
    #[prop(default = &[])]
    orders: &'static [&'static str],
    /// The views.
    #[prop(default = Vec::new())]
    views: Vec<SavedView>,
    /// The filters that apply.
    #[prop(default = Vec::new())]
    filters: Vec<FilterChip>,
    /// What the search looks in; none means no search box.
    #[prop(optional, into)]
    search: Option<&'static str>,
    /// Further controls above the table.
    #[prop(optional, into)]
    tools: Option<AnyView>,
    /// What can be done to several rows at once.
    #[prop(optional, into)]
    bulk: Option<Bulk>,
    /// What is shown when there is nothing yet: an `Empty`.
    #[prop(into)]
    empty: AnyView,
) -> impl IntoView {
    if rows.is_empty() && !at.is_filtered() && at.at() == 0 {
        return empty;
    }
    let shown = rows.len();
    let columns = placed(columns);
    let looked_at = views.iter().find(|one| !one.key.is_empty() && one.key == at.get("view")).map(|one| one.label);
    let toolbar = view! { <Toolbar at=at.clone() views=views filters=filters search=search tools=tools /> };
    if rows.is_empty() {
        return view! { <div data-live="table">{toolbar}<EmptyFiltered at=at what=caption view=looked_at /></div> }
            .into_any();
    }
    let order = at.query().order(orders);
    let form = bulk.as_ref().map(|bulk| bulk.id);
    let heads = columns
        .iter()
        .map(|column| view! { <Head column=column.clone() at=at.clone() order=order orders=orders /> })
        .collect_view();
    let lines = rows.into_iter().map(|row| view! { <Line row=row columns=columns.clone() form=form /> }).collect_view();
    view! {
        <div class="table-wrap">
            {toolbar}
            <div class="table-scroll" data-live="table">
                <table class="table" role="table">
                    <caption class="sr-only">{caption}</caption>
                    <thead role="rowgroup">
                        <tr role="row">{form.map(|_| view! { <th class="w-10" role="columnheader"><span class="sr-only">"Choose"</span></th> })}{heads}</tr>
                    </thead>
                    <tbody role="rowgroup">{lines}</tbody>
                </table>
            </div>
            <div data-live="pager"><Pager at=at shown=shown next=next total=total /></div>
            {bulk.map(|bulk| view! { <BulkBar bulk=bulk /> })}
        </div>
    }
    .into_any()
}

/// A header: its click turns the order where the list knows the other way round too; how it is ordered is also said.
#[component]
fn Head(column: Column, at: Address, order: &'static str, orders: &'static [&'static str]) -> impl IntoView {
    let class = cell_class(&column);
    if column.label.is_empty() {
        return view! { <th class=class role="columnheader" scope="col"><span class="sr-only">"Actions"</span></th> }
            .into_any();
    }
    let mine = || orders.iter().copied().filter(|one| one.trim_start_matches('-') == column.sort);
    let Some(wanted) = mine().find(|one| *one != order).or_else(|| mine().next()) else {
        return view! { <th class=class role="columnheader" scope="col">{column.label}</th> }.into_any();
    };
    let now = mine().any(|one| one == order);
    let down = if now { order } else { wanted }.starts_with('-');
    let sorted = now.then_some(if down { "descending" } else { "ascending" });
    let arrow = if down { Glyph::ArrowDown } else { Glyph::ArrowUp };
    let seen =
        if now { "size-3.5" } else { "size-3.5 opacity-0 group-hover:opacity-60 group-focus-visible:opacity-60" };
    view! {
        <th class=class role="columnheader" scope="col" aria-sort=sorted>
            <a class="group inline-flex items-center gap-1 align-middle hover:text-fg" href=at.with("sort", wanted).href()>{column.label}<Icon of=arrow class=seen /></a>
        </th>
    }
    .into_any()
}

/// A row; its first cell is the link that the whole row answers to.
#[component]
fn Line(row: Row, columns: Vec<Column>, form: Option<&'static str>) -> impl IntoView {
    let tick = form.map(|form| {
        view! { <td class="cell-tick" role="cell"><input class="tick" type="checkbox" name="id[]" value=row.key.clone() form=form aria-label="Choose this row" /></td> }
    });
    let mut href = row.href;
    let cells = row
        .cells
        .into_iter()
        .zip(columns)
        .map(|(cell, column)| {
            let class = cell_class(&column);
            let cell = match href.take() {
                Some(to) => view! { <a class="row-link" href=to>{cell}</a> }.into_any(),
                None => cell,
            };
            view! { <td class=class role="cell">{cell}</td> }
        })
        .collect_view();
    view! { <tr role="row" data-row=row.key>{tick}{cells}</tr> }
}

/// What can be done to the ticked rows; shown by the stylesheet once one is ticked.
#[component]
fn BulkBar(bulk: Bulk) -> impl IntoView {
    view! {
        <form class="bulk-bar" method="post" action=bulk.action id=bulk.id>
            <p class="grow text-sm text-fg-2">"With the chosen rows"</p>
            {bulk.buttons}
        </form>
    }
}

/// The columns with a place on a phone: the first two lead where none was named.
fn placed(mut columns: Vec<Column>) -> Vec<Column> {
    if columns.iter().all(|column| column.on_phone == OnPhone::Rest) {
        for (column, place) in columns.iter_mut().zip([OnPhone::Lead, OnPhone::Mark]) {
            column.on_phone = place;
        }
    }
    columns
}

/// How a cell of this column is set.
fn cell_class(column: &Column) -> String {
    let mut class = String::from(match column.on_phone {
        OnPhone::Lead => "cell-lead ",
        OnPhone::Mark => "cell-mark ",
        OnPhone::Rest => "cell-rest ",
    });
    if column.number {
        class.push_str("text-end ");
    }
    if column.wide_only {
        class.push_str("max-lg:hidden");
    }
    class
}
