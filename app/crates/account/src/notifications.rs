//! How a person wants to be told, in all of their agencies.

use std::collections::BTreeMap;

use domain::access::only_agency;
use domain::notifications::{Offered, timing};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Button, ButtonStyle, Card, Empty, Form, NotificationSettings, PageHeader};
use leptos::prelude::*;
use store::tenant::{Scope, TenantTx};
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{agency_scope, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;

use crate::messages::messages;

/// Changes how the person is told.
#[server(prefix = "/do", endpoint = "set_my_notifications")]
pub async fn set_my_notifications(#[server(flatten)] fields: BTreeMap<String, String>) -> Result<()> {
    let context = server_context()?;
    let myself = context.myself()?;
    let choices = timing::read(&fields).map_err(Error::Invalid)?;
    operations::notifications::set_own(&myself, &choices).await?;
    flash_notice(&context, "set_my_notifications", messages(context.request.language).saved).await
}

/// How the person is told.
#[component]
pub fn MyNotifications() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let caller = context.caller()?;
        let mut tx = TenantTx::begin(&context.state.db, Scope::Person(caller.user)).await?;
        let choices = store::notifications::own(&mut tx).await?;
        tx.commit().await?;
        let agency = match only_agency(&caller) {
            Some(place) => {
                let mut tx = TenantTx::begin(&context.state.db, agency_scope(Some(caller.user), &place)).await?;
                let chosen = store::notifications::of_agency(&mut tx).await?;
                tx.commit().await?;
                Some(chosen)
            }
            None => None,
        };
        let texts = messages(context.request.language);
        let frame = frame(&context, vec![Crumb::link(texts.account, "/me"), Crumb::current(texts.notifications)]);
        let offered = Offered::of(&caller);
        if offered.kinds.is_empty() {
            let (title, text) = texts.no_notifications;
            return Ok(view! {
                <PageTitle text=texts.notifications/>
                <Shell frame=frame>
                    <PageHeader title=texts.notifications/>
                    <Empty title text/>
                </Shell>
            }
            .into_any());
        }
        let filled = filled(&context.request, "set_my_notifications");
        let zones = web::zones::zones_in(context.request.language);
        Ok(view! {
            <PageTitle text=texts.notifications/>
            <Shell frame=frame>
                <PageHeader title=texts.notifications meta=texts.notifications_meta.into_any()/>
                <Card>
                    <Form action="/do/set_my_notifications" filled=filled>
                        <NotificationSettings choices offered agency zones/>
                        <div><Button look=ButtonStyle::Primary>{texts.save}</Button></div>
                    </Form>
                </Card>
            </Shell>
        }
        .into_any())
    })
}
