//! The one table for all lists. Order, search, views, filters and pages are links, and their state is in the
//! address. On a phone each row becomes two lines. The roles are written out, because a changed `display` would
//! remove them from assistive technology.

use std::sync::Arc;

use leptos::prelude::*;

use crate::address::Address;
use crate::empty::EmptyFiltered;
use crate::icon::{Glyph, Icon};
use crate::pager::Pager;
use crate::region::Region;
use crate::toolbar::{FilterChip, SavedView, Toolbar, ViewToggle};

/// A column: its name in the address, its header and how it behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Name in `?sort=`, without its direction; empty if rows cannot be ordered by this column.
    pub sort: &'static str,
    /// Text of the header; empty for a column of actions.
    pub label: &'static str,
    /// True if the cells are numbers, which are aligned to the end.
    pub number: bool,
    /// True if narrow screens omit the column.
    pub wide_only: bool,
    /// Where a phone shows the column.
    pub on_phone: OnPhone,
    /// True if a phone shows the header's text beside the cell. Numbers always have it.
    pub named: bool,
}

/// Where a phone shows a cell: on the first line of its row (as the subject, or as the mark at the end) or on the
/// second line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnPhone {
    /// The subject of the row. The first column gets this place if no column has one.
    Lead,
    /// The mark at the end of the first line. The second column gets this place if no column has one.
    Mark,
    /// On the second line.
    #[default]
    Rest,
}

impl Column {
    /// A column that rows can be ordered by.
    #[must_use]
    pub const fn sorted(sort: &'static str, label: &'static str) -> Self {
        Self { sort, label, number: false, wide_only: false, on_phone: OnPhone::Rest, named: false }
    }

    /// A column that rows cannot be ordered by.
    #[must_use]
    pub const fn plain(label: &'static str) -> Self {
        Self::sorted("", label)
    }

    /// Says that the cells are numbers.
    #[must_use]
    pub const fn number(mut self) -> Self {
        self.number = true;
        self
    }

    /// Makes this column the subject of the row on a phone.
    #[must_use]
    pub const fn lead(mut self) -> Self {
        self.on_phone = OnPhone::Lead;
        self
    }

    /// Puts this column at the end of the first line on a phone.
    #[must_use]
    pub const fn mark(mut self) -> Self {
        self.on_phone = OnPhone::Mark;
        self
    }

    /// Shows the header's text beside the cell on a phone, where there are no headers.
    #[must_use]
    pub const fn named(mut self) -> Self {
        self.named = true;
        self
    }

    /// Omits this column on narrow screens.
    #[must_use]
    pub const fn wide_only(mut self) -> Self {
        self.wide_only = true;
        self
    }
}

/// A row: its key for live updates, its link, and its cells in the order of the columns.
pub struct Row {
    /// Stable key: the id of the object.
    pub key: String,
    /// The page of the object. The first cell becomes the link, and the whole row can be clicked. `None` if there
    /// is no page.
    pub href: Option<String>,
    /// One cell per column.
    pub cells: Vec<AnyView>,
}

/// Operations on several rows at once: each button posts the keys of the ticked rows as `id[]` fields.
pub struct Bulk {
    /// Id of the form, unique on the page.
    pub id: &'static str,
    /// URL that the form is posted to.
    pub action: String,
    /// The buttons: `Button`s that submit this form.
    pub buttons: AnyView,
}

/// A list of objects as a table. `empty` is shown before the first object exists.
#[component]
pub fn Table(
    /// What the table lists, for assistive technology.
    #[prop(into)]
    caption: String,
    /// Address of the list.
    at: Address,
    /// The columns.
    columns: Vec<Column>,
    /// The rows of this page.
    rows: Vec<Row>,
    /// What a row is, and several of them: "1 client", "14 clients".
    #[prop(default = ("row", "rows"))]
    noun: (&'static str, &'static str),
    /// Second lines over the full width, by the key of their row: why it needs attention.
    #[prop(default = Vec::new())]
    notes: Vec<(String, String)>,
    /// Cursor of the next page; `None` on the last page.
    #[prop(optional_no_strip)]
    next: Option<String>,
    /// Number of rows that match in total; `None` if it is not known.
    #[prop(optional_no_strip)]
    total: Option<i64>,
    /// The orders that the store supports for this list, the default first.
    #[prop(default = &[])]
    orders: &'static [&'static str],
    /// The views.
    #[prop(default = Vec::new())]
    views: Vec<SavedView>,
    /// A switch beside the views.
    #[prop(optional, into)]
    toggle: Option<ViewToggle>,
    /// Active filters that the address does not name as such, or not in words.
    #[prop(default = Vec::new())]
    filters: Vec<FilterChip>,
    /// Label of the search box, which says what the search covers; `None` means no search box.
    #[prop(optional, into)]
    search: Option<&'static str>,
    /// Additional controls above the table.
    #[prop(optional, into)]
    tools: Option<AnyView>,
    /// Operations on several rows at once.
    #[prop(optional, into)]
    bulk: Option<Bulk>,
    /// The topics that the rows show, for live updates; see `domain::topics`.
    #[prop(default = "*")]
    topics: &'static str,
    /// Name of the region with the rows, unique on the page.
    #[prop(default = "table")]
    region: &'static str,
    /// Shown when nothing exists yet: an `Empty`.
    #[prop(into)]
    empty: AnyView,
) -> impl IntoView {
    if rows.is_empty() && !at.is_filtered() && at.at() == 0 {
        return empty;
    }
    let (shown, columns) = (rows.len(), placed(columns));
    let looked_at = looked_at(&views, &at);
    let toolbar = view! { <Toolbar at=at.clone() views toggle filters search tools /> };
    if rows.is_empty() {
        let none = view! { <Region key=region topics><EmptyFiltered at what={noun.1} view=looked_at/></Region> };
        return view! { <div class="table-wrap">{toolbar}{none}</div> }.into_any();
    }
    let order = at.query().order(orders);
    let form = bulk.as_ref().map(|bulk| bulk.id);
    let head = |column: &Column| view! { <Head column=column.clone() at=at.clone() order=order orders=orders /> };
    let heads = columns.iter().map(|column| head(column).into_any()).collect();
    let lines = lines(rows, &columns, form, &notes);
    view! {
        <div class="table-wrap">
            {toolbar}
            <Region key=region topics=topics>
                <Grid caption=caption choose={form.is_some()} heads=heads lines=lines />
                <Pager at=at shown=shown next=next total=total noun=noun />
            </Region>
            {bulk.map(|bulk| view! { <BulkBar bulk=bulk /> })}
        </div>
    }
    .into_any()
}

/// The name of the view that the address names.
fn looked_at(views: &[SavedView], at: &Address) -> Option<&'static str> {
    views.iter().find(|one| !one.key.is_empty() && one.key == at.get("view")).map(|one| one.label)
}

/// The rows, each with the second line that its key has in `notes`.
fn lines(rows: Vec<Row>, columns: &[Column], form: Option<&'static str>, notes: &[(String, String)]) -> Vec<AnyView> {
    let looks: Arc<[_]> = columns.iter().map(Look::of).collect();
    let line = |row: Row| {
        let note = notes.iter().find(|(key, _)| *key == row.key).map(|(_, text)| text.clone());
        view! { <Line row=row looks=looks.clone() form=form note=note /> }.into_any()
    };
    rows.into_iter().map(line).collect()
}

/// The table itself.
#[component]
fn Grid(caption: String, choose: bool, heads: Vec<AnyView>, lines: Vec<AnyView>) -> impl IntoView {
    let choose =
        choose.then(|| view! { <th class="w-10" role="columnheader"><span class="sr-only">"Choose"</span></th> });
    view! {
        <div class="table-scroll">
            <table class="table" role="table">
                <caption class="sr-only">{caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">{choose}{heads}</tr>
                </thead>
                <tbody role="rowgroup">{lines}</tbody>
            </table>
        </div>
    }
}

/// A column header. Its link reverses the order if the list supports both directions; the current order is also
/// announced.
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

/// A row. Its first cell is the link that the whole row responds to. A note follows as a line of its own.
#[component]
fn Line(row: Row, looks: Arc<[Look]>, form: Option<&'static str>, note: Option<String>) -> impl IntoView {
    let tick = form.map(|form| {
        view! { <td class="cell-tick" role="cell"><input class="tick" type="checkbox" name="id[]" value=row.key.clone() form=form aria-label="Choose this row" /></td> }
    });
    let (mut href, wide) = (row.href, looks.len());
    let cells = row
        .cells
        .into_iter()
        .zip(looks.iter().cloned())
        .map(|(cell, Look { class, label })| {
            let cell = match href.take() {
                Some(to) => view! { <a class="row-link" href=to>{cell}</a> }.into_any(),
                None => cell,
            };
            match class {
                Some(class) => view! { <td class=class role="cell" data-label=label>{cell}</td> }.into_any(),
                None => view! { <td role="cell" data-label=label>{cell}</td> }.into_any(),
            }
        })
        .collect_view();
    let note = note.map(|note| {
        let (key, indent) = (format!("note-{}", row.key), form.map(|_| view! { <td class="cell-tick" role="cell"></td> }));
        view! { <tr class="row-note" role="row" id=key>{indent}<td role="cell" colspan=wide.to_string()>{note}</td></tr> }
    });
    view! { <tr role="row" data-row=row.key.clone()>{tick}{cells}</tr>{note} }
}

/// Operations on the ticked rows; the stylesheet shows them once a row is ticked, and counts them.
#[component]
fn BulkBar(bulk: Bulk) -> impl IntoView {
    view! {
        <form class="bulk-bar" method="post" action=bulk.action id=bulk.id>
            <p class="bulk-count grow text-sm text-fg-2">" selected"</p>
            {bulk.buttons}
        </form>
    }
}

/// The columns with their place on a phone: if no column has a place, the first two become the subject and the mark.
fn placed(mut columns: Vec<Column>) -> Vec<Column> {
    if columns.iter().all(|column| column.on_phone == OnPhone::Rest) {
        for (column, place) in columns.iter_mut().zip([OnPhone::Lead, OnPhone::Mark]) {
            column.on_phone = place;
        }
    }
    columns
}

/// How the cells of a column look.
#[derive(Clone)]
struct Look {
    /// Their CSS classes.
    class: Option<String>,
    /// What a phone shows before each, where there are no headers.
    label: Option<&'static str>,
}

impl Look {
    fn of(column: &Column) -> Self {
        Self { class: cell_class(column), label: (column.named || column.number).then_some(column.label) }
    }
}

/// The CSS classes of a cell of this column. A cell on the second line of a phone has none for that.
fn cell_class(column: &Column) -> Option<String> {
    let place = match column.on_phone {
        OnPhone::Lead => Some("cell-lead"),
        OnPhone::Mark => Some("cell-mark"),
        OnPhone::Rest => None,
    };
    let actions = column.label.is_empty().then_some("cell-actions");
    let number = column.number.then_some("text-end");
    let wide = column.wide_only.then_some("max-xl:hidden");
    let classes: Vec<_> = [place, actions, number, wide].into_iter().flatten().collect();
    (!classes.is_empty()).then(|| classes.join(" "))
}
