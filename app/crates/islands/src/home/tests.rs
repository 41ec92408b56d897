//! The chart and its table say the same, and a state that travelled renders the same.

use chrono::NaiveDate;
use domain::provisioning::JobCounts;
use domain::weeks::Week;
use leptos::prelude::*;

use super::{Figures, FiguresState};
use crate::json::{read, written};

fn state() -> FiguresState {
    let week = |day, jobs, clients| Week { start: NaiveDate::from_ymd_opt(2026, 3, day).unwrap(), jobs, clients };
    FiguresState {
        base: "/a/harbor".to_owned(),
        clients: 31,
        counts: JobCounts { running: 2, failed: 1, needs_input: 3, ..JobCounts::default() },
        weeks: vec![week(2, 8, 4), week(9, 0, 0), week(16, 1, 17)],
        jobs: String::new(),
    }
}

fn drawn(state: FiguresState) -> String {
    Owner::new().with(|| view! { <Figures state/> }.to_html())
}

#[test]
fn each_number_of_the_chart_stands_in_its_table() {
    let html = drawn(state());
    for text in ["Mar 2", "Mar 16", ">8<", ">17<", ">31<", "/a/harbor/provisioning?view=failed"] {
        assert!(html.contains(text), "{text} is missing in {html}");
    }
    // The highest bar fills the chart, and a small one can be seen.
    assert!(html.contains("height=\"96.0\"") && html.contains("height=\"5.6\""), "{html}");
    assert!(html.contains("height=\"0.0\""), "{html}");
}

#[test]
fn an_agency_without_any_week_shows_no_chart() {
    let mut state = state();
    state.weeks.clear();
    let html = drawn(state);
    assert!(!html.contains("Week by week") && html.contains("data-live=\"weeks\""), "{html}");
}

#[test]
fn an_agency_without_clients_and_jobs_shows_no_zeros() {
    let html = drawn(FiguresState { base: "/a/new".to_owned(), ..FiguresState::default() });
    assert!(!html.contains("Needs input") && html.contains("data-live=\"figures\""), "{html}");
}

#[test]
fn a_state_that_travelled_renders_the_same() {
    let sent = state();
    let arrived: FiguresState = read(&written(&sent)).unwrap();
    assert_eq!(arrived, sent);
    assert_eq!(drawn(sent), drawn(arrived));
}
