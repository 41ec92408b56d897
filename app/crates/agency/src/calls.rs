//! The calls to outside services of an agency, newest first: what was asked, what came of it, how long it took.

use domain::integration::Call;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Address, Ago, Column, CopyId, Empty, PageHeader, Row, SavedView, SavedViews, StatusPill, Table, Tone, grouped,
};
use leptos::prelude::*;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;
use web::saved_views::saved_views;

/// The outcomes that have a tab, with what they are called.
const VIEWS: [(&str, &str); 5] =
    [("", "All"), ("failed", "Failed"), ("limited", "Rate-limited"), ("unclear", "No answer"), ("held", "Held back")];

/// An agency's calls.
#[component]
pub fn Calls() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let page = store::api_calls::list(&mut tenant.tx, &at.query()).await?;
        let saved = saved_views(&mut tenant, &store::api_calls::LIST).await?;
        let connections = format!("/a/{}/connections", tenant.access.slug);
        tenant.commit().await?;
        let frame = frame(&context, vec![Crumb::link("Connections", connections), Crumb::current("API calls")]);
        let tools = view! { <SavedViews at=at.clone() saved/> };
        let empty = view! { <Empty title="No calls yet" text="Every call to HighLevel is listed here for 90 days."/> };
        let views = VIEWS.map(|(key, label)| SavedView { key, label, count: None }).to_vec();
        let columns = vec![
            Column::plain("Call").lead(),
            Column::plain("Result").mark(),
            Column::plain("When"),
            Column::plain("Duration").number(),
            Column::plain("Request ID").wide_only(),
        ];
        let rows = page.rows.into_iter().enumerate().map(|(at, call)| line(at, call)).collect::<Vec<_>>();
        Ok(view! {
            <PageTitle text="API calls"/>
            <Shell frame=frame>
                <PageHeader title="API calls"/>
                <Table caption="API calls" noun=("call", "calls") topics="" at=at columns=columns rows=rows next=page.next total=page.total views=views search="Search calls" tools=tools.into_any() empty=empty.into_any()/>
            </Shell>
        })
    })
}

fn line(at: usize, call: Call) -> Row {
    let (tone, word) = result(&call);
    let name = format!("{} {}", call.method, call.endpoint);
    Row {
        key: format!("{at}-{}", call.at.timestamp_micros()),
        href: None,
        cells: vec![
            view! { <span class="font-mono text-xs break-all">{name}</span> }.into_any(),
            view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any(),
            view! { <Ago at=call.at/> }.into_any(),
            view! { <span class="tabular-nums">{format!("{} ms", grouped(i64::from(call.ms)))}</span> }.into_any(),
            call.request_id.map(|id| view! { <CopyId id=id label="Copy request ID"/> }).into_any(),
        ],
    }
}

/// What came of a call, with its HTTP status if an answer came.
fn result(call: &Call) -> (Tone, String) {
    let (tone, word) = match call.outcome.as_str() {
        "ok" => (Tone::Ok, "OK"),
        "limited" => (Tone::Warn, "Rate-limited"),
        "held" => (Tone::Warn, "Held back"),
        "no_slot" => (Tone::Warn, "Waited for the limit"),
        "unclear" => (Tone::Failed, "No answer"),
        "not_sent" => (Tone::Failed, "Not sent"),
        "abandoned" => (Tone::Cancelled, "Given up"),
        "refused" => (Tone::Failed, "Refused"),
        _ => (Tone::Failed, "Failed"),
    };
    (tone, call.status.map_or_else(|| word.to_owned(), |status| format!("{word} \u{b7} {status}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_said_with_its_status() {
        let call = |outcome: &str, status| Call {
            at: chrono::DateTime::UNIX_EPOCH,
            provider: "ghl".to_owned(),
            method: "GET".to_owned(),
            endpoint: "/locations/{id}".to_owned(),
            status,
            outcome: outcome.to_owned(),
            ms: 12,
            request_id: None,
            quota_left: None,
        };
        assert_eq!(result(&call("ok", Some(200))), (Tone::Ok, "OK \u{b7} 200".to_owned()));
        assert_eq!(result(&call("unclear", None)).1, "No answer");
        assert_eq!(result(&call("of a newer version", Some(500))).1, "Failed \u{b7} 500");
    }
}
