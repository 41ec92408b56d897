//! The page of notifications: what happened that the person is told, newest first.

use domain::notifications::{Notification, Severity};
use domain::permission::Right;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Address, Ago, ButtonLink, ButtonStyle, Column, Empty, PageHeader, PostButton, Row, SavedView, SavedViews,
    StatusPill, Table, Tone,
};
use leptos::prelude::*;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;
use web::saved_views::saved_views;

/// The notifications of the person who looks.
#[component]
pub fn Notifications() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let page = store::notifications::list(&mut tenant.tx, tenant.caller.user, &at.query()).await?;
        let base = format!("/a/{}", tenant.access.slug);
        let hidden = vec![("agency", tenant.access.slug.clone())];
        let may_manage = tenant.access.allows(Right::AgencyManage);
        let saved = saved_views(&mut tenant, &store::notifications::LIST).await?;
        tenant.commit().await?;
        let tools = view! { <SavedViews at=at.clone() saved/> };
        let frame = frame(&context, vec![Crumb::current("Notifications")]);
        let unread = context.request.unread.is_some_and(|unread| unread.count > 0);
        let empty = view! {
            <Empty title="Nothing yet" text="You'll see it here when a job fails, needs you or is done, or when a connection is lost.">
                <ButtonLink href="/me/notifications">"Notification settings"</ButtonLink>
            </Empty>
        };
        let views = [("", "All"), ("unread", "Unread"), ("needs_you", "Needs attention")];
        let views = views.into_iter().map(|(key, label)| SavedView { key, label, count: None }).collect();
        let rows = page.rows.into_iter().map(|row| line(&base, &hidden, row)).collect::<Vec<_>>();
        let columns =
            vec![Column::plain("What happened"), Column::plain("State"), Column::plain("When"), Column::plain("")];
        Ok(view! {
            <PageTitle text="Notifications"/>
            <Shell frame=frame>
                <PageHeader title="Notifications">
                    {unread.then(|| view! { <PostButton action="/do/read_all_notifications" hidden=hidden>"Mark all as read"</PostButton> })}
                    <ButtonLink href="/me/notifications">"Settings"</ButtonLink>
                    {may_manage.then(|| view! { <ButtonLink href=format!("{base}/settings/notifications") look=ButtonStyle::Quiet>"Agency defaults"</ButtonLink> })}
                </PageHeader>
                <Table caption="Notifications" noun=("notification", "notifications") topics="notifications.changed:*" at=at columns=columns rows=rows next=page.next total=page.total orders=store::notifications::ORDERS views=views search="Search notifications" tools=tools.into_any() empty=empty.into_any()/>
            </Shell>
        })
    })
}

fn line(base: &str, hidden: &[(&'static str, String)], row: Notification) -> Row {
    let (href, sentence, is_read) = (row.link(base), row.sentence(), row.read_at.is_some());
    let (tone, word) = match row.kind.severity() {
        Severity::NeedsYou => (Tone::Asks, "Needs attention"),
        Severity::Finished => (Tone::Ok, "Finished"),
        Severity::Info => (Tone::Cancelled, "Good to know"),
    };
    let mut hidden = hidden.to_vec();
    hidden.push(("id", row.id.to_string()));
    // On a phone the sentence wraps; elsewhere it stays on its line.
    let weight = if is_read { "text-fg-2 max-sm:whitespace-normal" } else { "font-semibold max-sm:whitespace-normal" };
    let new = (!is_read).then(|| view! { <span class="sr-only">"Unread: "</span> });
    let detail = (!row.detail.is_empty())
        .then(|| view! { <span class="block text-sm font-normal text-fg-2">{row.detail}</span> });
    Row {
        key: row.id.to_string(),
        href: Some(href),
        cells: vec![
            view! { <span class=weight>{new}{sentence}{detail}</span> }.into_any(),
            view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any(),
            view! { <Ago at=row.created_at/> }.into_any(),
            (!is_read)
                .then(|| view! { <PostButton action="/do/read_notification" look=ButtonStyle::Quiet hidden=hidden>"Mark as read"</PostButton> })
                .into_any(),
        ],
    }
}
