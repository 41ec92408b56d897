//! The page on which an agency chooses how its people are told who did not choose otherwise.

use domain::notifications::Offered;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Button, ButtonStyle, Card, Form, NotificationSettings, PageHeader, SettingsNav};
use leptos::prelude::*;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;

/// How people of the agency are told.
#[component]
pub fn NotificationDefaults() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let choices = store::notifications::of_agency(&mut tenant.tx).await?;
        let slug = tenant.access.slug.clone();
        tenant.commit().await?;
        let crumbs = vec![Crumb::link("Settings", format!("/a/{slug}/settings")), Crumb::current("Notifications")];
        let frame = frame(&context, crumbs);
        let filled = filled(&context.request, "set_notification_defaults");
        let zones = web::zones::zones();
        Ok(view! {
            <PageTitle text="Notification defaults"/>
            <Shell frame=frame>
                <PageHeader title="Notification defaults" meta="The defaults for your team. Each person can choose their own.".into_any()/>
                <SettingsNav base=format!("/a/{slug}/settings") notifications=true/>
                <Card>
                    <Form action="/do/set_notification_defaults" filled=filled hidden=vec![("agency", slug)]>
                        <NotificationSettings choices of_agency=true offered=Offered::of_agency() zones/>
                        <div><Button look=ButtonStyle::Primary>"Save"</Button></div>
                    </Form>
                </Card>
            </Shell>
        })
    })
}
