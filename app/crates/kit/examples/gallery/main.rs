//! Renders the components of the kit. It writes a few pages with sample values as HTML files into the given folder.
//! Compile the stylesheet beside them and open them: `cargo run -p app --features ssr --example kit -- <folder>`.

mod forms;
mod job;
mod lists;
mod parts;

use domain::first_steps::{FirstStep, FirstSteps};
use kit::Notice;
use kit::frame::{Area, Crumb, Frame, Person, PlaceLink, nav};
use leptos::prelude::*;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    for theme in ["light", "dark"] {
        for (name, page) in pages(theme) {
            std::fs::write(format!("{folder}/{name}-{theme}.html"), page)?;
        }
    }
    Ok(())
}

fn pages(theme: &'static str) -> Vec<(&'static str, String)> {
    vec![
        ("sign-in", document(theme, || forms::sign_in().into_any())),
        ("setup", document(theme, || forms::setup().into_any())),
        ("new-client", document(theme, move || forms::new_client(theme).into_any())),
        ("home", document(theme, move || lists::home(theme).into_any())),
        ("jobs", document(theme, move || lists::jobs(theme).into_any())),
        ("connections", document(theme, move || lists::connections(theme).into_any())),
        ("job-running", document(theme, move || job::running(theme).into_any())),
        ("job-failed", document(theme, move || job::failed(theme).into_any())),
        ("parts", document(theme, move || parts::all(theme).into_any())),
    ]
}

/// A complete HTML document around a view.
fn document(theme: &str, view: impl FnOnce() -> AnyView) -> String {
    let body = Owner::new().with(|| (kit::Shapes(), view()).to_html());
    format!(
        "<!DOCTYPE html><html lang=\"en\" data-theme=\"{theme}\"><head><meta charset=\"utf-8\"><title>Slipway kit</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"stylesheet\" href=\"/slipway.css\"></head>\
         <body>{body}</body></html>"
    )
}

/// The frame of a sample agency.
pub fn agency(theme: &str, address: &str, crumbs: Vec<Crumb>) -> Frame {
    let place = |name: &str, area, role: &str, current| PlaceLink {
        name: name.to_owned(),
        area,
        role: role.to_owned(),
        href: "#".to_owned(),
        current,
    };
    Frame {
        area: Area::Agency,
        place: "Harbor Digital".to_owned(),
        places: vec![
            place("Slipway", Area::Platform, "Super admin", false),
            place("Harbor Digital", Area::Agency, "Agency admin", true),
            place("Bright Dental", Area::Business, "Business owner", false),
            place("Luna Yoga", Area::Business, "Business owner", false),
        ],
        nav: nav(Area::Agency, "/a/harbor", address, |_| true),
        crumbs,
        person: Person { name: "Maya Lindqvist".to_owned(), email: "maya@harbor.test".to_owned() },
        theme: theme.to_owned(),
        address: address.to_owned(),
        live: Some("/a/harbor/live".to_owned()),
        version: None,
        create: None,
        steps: Some((
            FirstSteps {
                done: vec![FirstStep::Connect, FirstStep::Snapshots, FirstStep::Client],
                dismissed: Vec::new(),
            },
            "/a/harbor".to_owned(),
        )),
        find: None,
        bell: None,
        notice: address.ends_with("connections").then(|| Notice {
            text: "Harbor Digital is connected.".to_owned(),
            bad: false,
            undo: None,
        }),
    }
}
