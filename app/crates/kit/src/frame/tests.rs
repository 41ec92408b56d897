//! Tests of the markup: secrets never come back, hostile text stays text, nothing is styled inline, and a table
//! says how it is ordered.

use domain::language::Language;
use leptos::prelude::*;

use super::{Area, Crumb, Frame, Shell, nav};
use crate::*;

const HOSTILE: &str = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>";

fn html<V: IntoView>(view: impl FnOnce() -> V) -> String {
    Owner::new().with(|| view().into_view().to_html())
}

/// A page of many components, all filled with the same text.
fn page(text: &'static str) -> String {
    let frame = Frame {
        area: Area::Agency,
        place: text.to_owned(),
        nav: nav(Area::Agency, "/a/x", "/a/x", |_| true),
        crumbs: vec![Crumb::link(text, "/"), Crumb::current(text)],
        notice: Some(Notice {
            text: text.to_owned(),
            bad: true,
            undo: Some(Undo { action: "/do/x".to_owned(), fields: vec![(text.to_owned(), text.to_owned())] }),
        }),
        ..Frame::default()
    };
    let filled = Filled {
        errors: vec![("name".to_owned(), text.to_owned())],
        values: ["name", "password", "token"].map(|field| (field.to_owned(), text.to_owned())).into(),
        message: Some(text.to_owned()),
    };
    let row =
        Row { key: text.to_owned(), href: Some("/a/x/1".to_owned()), cells: vec![text.into_any(), text.into_any()] };
    html(move || {
        view! {
            <Shell frame=frame>
                <PageHeader title=text />
                <Table
                    caption="Jobs" search="Search" rows=vec![row] at=Address::new("/a/x", &format!("q={text}&sort=-name"))
                    orders=&["name", "-name"] columns=vec![Column::sorted("name", "Name"), Column::sorted("state", "State")] empty=().into_any()
                />
                <Form action="/do/x" filled=filled>
                    <TextField name="name" label=text />
                    <TextField name="password" label="Password" kind="password" />
                    <SecretField name="token" label="Token" stored="ends in 7Q" />
                </Form>
                <LogView label="Log" lines=vec![LogLine { key: "1".to_owned(), at: time::now(), since: None, tone: Tone::Failed, text: text.to_owned(), detail: Some(text.to_owned()) }] />
                <ConfirmByName action="/do/y" verb="Delete it" name=text>{text}</ConfirmByName>
                <CopyId id=text />
            </Shell>
        }
    })
}

#[test]
fn hostile_text_stays_text() {
    let page = page(HOSTILE);
    assert!(!page.contains("<script>alert"), "text became markup");
    assert!(!page.contains("<img src=x"), "an attribute was left");
}

#[test]
fn what_a_page_says_without_a_server_is_there_and_hidden_at_first() {
    for (language, words) in [(Language::English, "was loaded before"), (Language::Spanish, "se cargó antes")] {
        let page = html(move || {
            provide_context(language);
            let frame = Frame { area: Area::Business, ..Frame::default() };
            view! { <Shell frame=frame>"Page"</Shell> }
        });
        let (before, after) = page.split_once(words).expect("the words are there");
        let tag = before.rsplit('<').next().unwrap_or_default();
        assert!(tag.contains("data-lost") && tag.contains(" hidden"), "{tag}");
        assert!(after.contains("id=\"main\""), "it stands above the page");
    }
}

#[test]
fn nothing_is_styled_inline() {
    assert!(!page("plain").contains(" style="));
}

#[test]
fn secrets_never_come_back() {
    let page = page("TYPED");
    for field in ["password", "token"] {
        let input =
            page.split("<input").find(|part| part.contains(&format!("name=\"{field}\""))).expect("the field is there");
        let input = &input[..input.find('>').expect("the tag ends")];
        assert!(!input.contains("value="), "{field}: {input}");
    }
    assert!(page.contains("value=\"TYPED\""), "what was typed elsewhere is kept");
}

/// For each column of a table with these orders, at this address: the announced order, and the order that a click
/// leads to.
fn heads(query: &str, orders: &'static [&'static str]) -> Vec<(Option<String>, Option<String>)> {
    let at = Address::new("/x", query);
    let row = Row { key: "1".to_owned(), href: None, cells: vec![().into_any(), ().into_any()] };
    let columns = vec![Column::sorted("name", "Name"), Column::sorted("created", "Since")];
    let page = html(
        || view! { <Table caption="Things" at=at orders=orders rows=vec![row] columns=columns empty=().into_any()/> },
    );
    let part = |text: &str, from: &str| Some(text.split_once(from)?.1.split_once('"')?.0.to_owned());
    let heads = page.split("<th ").skip(1).map(|head| head.split("</th>").next().unwrap_or_default());
    heads.map(|head| (part(head, "aria-sort=\""), part(head, "href=\"/x?sort="))).collect()
}

#[test]
fn a_header_says_only_what_the_list_does() {
    let own: &[&str] = &["-created", "name"];
    let said = |sort: Option<&str>, leads: &str| (sort.map(str::to_owned), Some(leads.to_owned()));
    for unknown in ["", "sort=created", "sort=-name", "sort=nonsense"] {
        assert_eq!(heads(unknown, own), [said(None, "name"), said(Some("descending"), "-created")], "{unknown}");
    }
    assert_eq!(heads("sort=name", own), [said(Some("ascending"), "name"), said(None, "-created")]);
    let both: &[&str] = &["-created", "created"];
    assert_eq!(heads("", both), [(None, None), said(Some("descending"), "created")]);
    assert_eq!(heads("sort=created", both), [(None, None), said(Some("ascending"), "-created")]);
}

#[test]
fn a_table_says_how_it_is_ordered_and_turns_it() {
    let page = page("plain");
    assert!(page.contains("aria-sort=\"descending\""));
    assert!(page.contains("sort=name\""), "a click turns the order");
    assert!(page.contains("data-row=\"plain\""));
}

#[test]
fn a_note_stands_under_its_row_and_no_row_without_one_has_a_second_line() {
    let row = |key: &str| Row { key: key.to_owned(), href: None, cells: vec![().into_any(), ().into_any()] };
    let page = html(move || {
        view! {
            <Table
                caption="Jobs" at=Address::new("/x", "") rows=vec![row("1"), row("2")] notes=vec![("1".to_owned(), "Too <slow>".to_owned())]
                columns=vec![Column::plain("Name"), Column::plain("State")] empty=().into_any()
            />
        }
    });
    let (_, after) = page.split_once("data-row=\"1\"").unwrap_or_default();
    let (between, _) = after.split_once("data-row=\"2\"").unwrap_or_default();
    assert!(between.contains("id=\"note-1\"") && between.contains("colspan=\"2\""), "{between}");
    assert!(between.contains("Too &lt;slow") && page.matches("row-note").count() == 1, "{page}");
}
