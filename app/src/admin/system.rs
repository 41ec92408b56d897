//! Does the machinery work: database, schema, queue, mail.

use leptos::prelude::*;

use crate::around::frame;
use crate::frame::{Crumb, Shell};
use crate::guard::here;
use crate::page::loaded;
use crate::title::PageTitle;
use crate::ui::{Ago, Card, KeyValue, KeyValues, PageHeader};

/// The system page.
#[component]
pub fn System() -> impl IntoView {
    let here = here();
    loaded(async move {
        let here = here?;
        here.platform_page().await?.commit().await?;
        let schema = store::migrate::check_known(&here.state.db).await;
        let depth = store::queue::depth(&here.state.db).await?;
        let settings = &here.state.settings;
        let (mail, app) = (settings.mails_leave, settings.highlevel_ready);
        let callback = format!("{}/api/integrations/ghl/callback", settings.public_url);
        let frame = frame(&here, vec![Crumb::here("System")]);
        let schema = if schema.is_ok() { "fits this version" } else { "does not fit: run `slipway migrate`" };
        Ok(view! {
            <PageTitle text="System"/>
            <Shell frame=frame>
                <PageHeader title="System"/>
                <div class="grid items-start gap-4 lg:grid-cols-2">
                    <Card title="This installation">
                        <KeyValues>
                            <KeyValue name="Version">{env!("CARGO_PKG_VERSION")}</KeyValue>
                            <KeyValue name="Schema">{schema}</KeyValue>
                            <KeyValue name="Mail">{if mail { "goes to the mail server" } else { "becomes files; set SMTP_URL" }}</KeyValue>
                            <KeyValue name="HighLevel app">{if app { "configured" } else { "missing; set GHL_CLIENT_ID and GHL_CLIENT_SECRET" }}</KeyValue>
                            <KeyValue name="Redirect address to register">{callback}</KeyValue>
                        </KeyValues>
                    </Card>
                    <Card title="Background work">
                        <KeyValues>
                            <KeyValue name="Ready">{depth.ready}</KeyValue>
                            <KeyValue name="Being done">{depth.leased}</KeyValue>
                            <KeyValue name="Scheduled">{depth.scheduled}</KeyValue>
                            <KeyValue name="Given up">{depth.dead}</KeyValue>
                            <KeyValue name="Oldest waiting">{depth.oldest_ready.map_or_else(|| "none".into_any(), |at| view! { <Ago at=at/> }.into_any())}</KeyValue>
                        </KeyValues>
                    </Card>
                </div>
            </Shell>
        })
    })
}
