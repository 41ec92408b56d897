//! Which month does the page show? The present one of UTC, by which all usage is counted, or an earlier one that its address
//! names.

use chrono::{Datelike, Months, NaiveDate};
use kit::{Address, ButtonLink, ButtonStyle};
use leptos::prelude::*;

/// Counters are kept for so many months.
const KEPT: u32 = 36;
/// The parameter of the address.
const NAME: &str = "month";

/// The month that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// Its first day.
    pub begun: NaiveDate,
    /// The first day of the present month.
    present: NaiveDate,
}

impl Shown {
    /// The month that an address names, such as `2026-11`. The present one if it names none that there is.
    pub fn of(at: &Address, today: NaiveDate) -> Self {
        Self::named(at.get(NAME), today)
    }

    fn named(name: &str, today: NaiveDate) -> Self {
        let present = today.with_day(1).unwrap_or(today);
        let named = NaiveDate::parse_from_str(&format!("{name}-01"), "%Y-%m-%d").ok();
        let begun = named.filter(|month| *month <= present && *month >= present - Months::new(KEPT));
        Self { begun: begun.unwrap_or(present), present }
    }

    /// Whether it is the present one.
    pub fn is_present(self) -> bool {
        self.begun == self.present
    }

    /// Its name.
    pub fn told(self) -> String {
        self.begun.format("%B %Y").to_string()
    }

    fn earlier(self) -> Option<NaiveDate> {
        Some(self.begun - Months::new(1)).filter(|month| *month >= self.present - Months::new(KEPT))
    }

    fn later(self) -> Option<NaiveDate> {
        Some(self.begun + Months::new(1)).filter(|month| *month <= self.present)
    }
}

/// The links to the months before and after.
#[component]
pub(super) fn Neighbours(
    /// The address of the page.
    at: Address,
    shown: Shown,
) -> impl IntoView {
    let link = |month: Option<NaiveDate>, words: &'static str| {
        month.map(|month| {
            let href = at.with(NAME, &month.format("%Y-%m").to_string()).href();
            view! { <ButtonLink href=href look=ButtonStyle::Quiet>{words}</ButtonLink> }
        })
    };
    let (earlier, later) = (link(shown.earlier(), "Previous month"), link(shown.later(), "Next month"));
    view! { {earlier}{later} }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_shown_that_counters_are_kept_of() {
        let today = day("2026-11-30");
        for (name, begun) in [
            ("", "2026-11-01"),
            ("2026-11", "2026-11-01"),
            ("2026-02", "2026-02-01"),
            ("2023-11", "2023-11-01"),
            ("2023-10", "2026-11-01"),
            ("2026-12", "2026-11-01"),
            ("2026-13", "2026-11-01"),
            ("'; --", "2026-11-01"),
            ("99999-01", "2026-11-01"),
            ("-99999-01", "2026-11-01"),
        ] {
            assert_eq!(Shown::named(name, today).begun, day(begun), "{name}");
        }
    }

    #[test]
    fn each_month_leads_to_its_neighbours_as_far_as_there_are_some() {
        let today = day("2026-01-31");
        let shown = |name| Shown::named(name, today);
        assert!(shown("").is_present() && shown("").later().is_none());
        assert_eq!(shown("").earlier(), Some(day("2025-12-01")));
        assert_eq!(
            (shown("2025-12").later(), shown("2025-12").told().as_str()),
            (Some(day("2026-01-01")), "December 2025")
        );
        assert_eq!(shown("2023-01").earlier(), None);
    }
}
