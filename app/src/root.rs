//! The routes of all pages, and the document around every page.

use std::sync::Arc;

use account::{
    AgentConsent, AgentReturn, Code, Confirm, Forgot, Invite, Login, Me, MyNotifications, NewPassword, SecondFactor,
    Setup, Unsubscribe,
};
use admin::audit::PlatformAudit;
use admin::find::FindInPlatform;
use admin::incoming::PlatformIncoming;
use admin::tool_processes::ToolProcesses;
use admin::tool_servers::ToolCommands;
use admin::{Agencies, AgencyPage, BusinessPage, Businesses, Overview, People, PersonPage, Start, System};
use agency::audit::AgencyAudit;
use agency::calls::Calls;
use agency::clients::{Client, Clients, EditClient, ImportClients};
use agency::find::FindInAgency;
use agency::home::Home;
use agency::inbox::AgencyInbox;
use agency::incoming::IncomingWebhooks;
use agency::integrations::IntegrationsPage;
use agency::notifications::{NotificationDefaults, Notifications};
use agency::phone_routes::PhoneRouting;
use agency::provisioning::{AnswerPage, JobPage, JobsPage, NewClientPage};
use agency::roles::Roles;
use agency::settings::AgencySettings;
use agency::snapshots::Snapshots;
use agency::team::Team;
use agency::todos::Todos;
use agency::tokens::{ApiReference, Tokens};
use agency::tool_servers::ToolServers;
use agency::usage::Usage;
use agency::webhooks::Webhooks;
use business::{
    AiAgent, AiApprovals, AiCall, AiLog, AiTools, AiTrust, Assistant, AssistantAnswer, AssistantAnswers,
    AssistantKnowledge, AssistantRehearsal, AssistantRehearsals, AssistantSource, AssistantTryOut, BusinessHome,
    BusinessIncoming, BusinessIntegrations, ChooseChannel, ContactPage, Contacts, Conversation, FindInBusiness, Inbox,
    MergeContact, RenewPage, ScheduledMessages, Snippets,
};
use kit::Shapes;
use kit::region::AskedRegions;
use kit::title::{MetaTags, TitleFormat, provide_meta_context};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};
use web::page::Refused;
use web::request_context::{CurrentTenant, RequestContext};

/// The document: theme, styles, scripts for the islands, content security policy.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let request = request().unwrap_or_default();
    let theme = if request.theme.is_empty() { "system".to_owned() } else { request.theme.clone() };
    let (ahead, language) = (fetched_ahead(&request), request.page_language().key());
    let root = use_context::<AssetRoot>().map(|root| root.0.to_string()).unwrap_or_default();
    protect();
    view! {
        <!DOCTYPE html>
        <html lang=language data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                // What stands at the lower edge ends above the keyboard of a phone.
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=format!("{root}/pkg/slipway.css")/>
                <link rel="preload" href="/fonts/inter.woff2" r#as="font" r#type="font/woff2" crossorigin=""/>
                <script nonce=use_nonce()>{AT_ONCE}</script>
                {ahead.map(|rules| view! { <script type="speculationrules" nonce=use_nonce()>{rules}</script> })}
                <HydrationScripts options=options islands=true root=root/>
                <MetaTags/>
            </head>
            <body>
                <Shapes/>
                <Root/>
            </body>
        </html>
    }
}

/// Loads the page anew if a file of its version is gone, and keeps the key of Find until the page's code is there.
const AT_ONCE: &str = concat!(include_str!("reload_when_outdated.js"), include_str!("keep_find_key.js"));

/// The address under which the files of this build lie, before `/pkg/`.
#[derive(Clone, Debug)]
pub struct AssetRoot(pub Arc<str>);

/// The rules by which the browser fetches a page ahead while the pointer rests on its link: pages of the same agency or
/// business, which are only read, and no files.
fn fetched_ahead(request: &RequestContext) -> Option<String> {
    // Opening a page of a tenant is recorded for the platform's staff.
    if request.caller.as_ref().is_none_or(|caller| caller.platform.is_some()) {
        return None;
    }
    let root = match &request.tenant {
        CurrentTenant::Agency(place) => format!("/a/{}", place.slug),
        CurrentTenant::Business(place) => format!("/b/{}", place.id),
        CurrentTenant::NoTenant | CurrentTenant::Platform => return None,
    };
    // Files and streams, and forms, which show what they change and do not refresh themselves.
    let not = ["/live", "/figures", "/*.csv*", "/*/log*", "/*/state*", "/*/new*", "/*/edit*", "/settings*"];
    let not = not.map(|path| format!("\"{root}{path}\"")).join(",");
    let rules = format!(
        r#"[{{"href_matches":["{root}","{root}/*"]}},{{"not":{{"href_matches":[{not}]}}}},{{"not":{{"selector_matches":"[download],[target],[rel~=nofollow]"}}}}]"#
    );
    Some(format!(r#"{{"prefetch":[{{"where":{{"and":{rules}}},"eagerness":"moderate"}}]}}"#))
}

/// Sets the content security policy of pages: our own styles and scripts, nothing inline without the nonce of this
/// response.
fn protect() {
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data: blob:; media-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    );
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), http::HeaderValue::from_str(&policy)) {
        response.insert_header(http::header::CONTENT_SECURITY_POLICY, value);
    }
}

fn request() -> Option<RequestContext> {
    use_context::<http::request::Parts>().and_then(|parts| parts.extensions.get().cloned())
}

/// All pages. Whether the caller may see a page was decided before this runs.
#[component]
pub fn Root() -> impl IntoView {
    provide_meta_context();
    let request = request().unwrap_or_default();
    provide_context(request.page_language());
    if let Some(asked) = request.regions.as_deref().and_then(AskedRegions::parse) {
        provide_context(asked);
    }
    let denied = request.denied;
    view! {
        <TitleFormat/>
        <Router>
            {match denied {
                Some(error) => view! { <Refused error/> }.into_any(),
                None => view! { <Pages/> }.into_any(),
            }}
        </Router>
    }
}

#[component]
fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=|| view! { <Refused error=web::Error::NotFound/> }>
            <Route path=path!("/login") view=Login ssr=SsrMode::Async/>
            <Route path=path!("/login/code") view=Code ssr=SsrMode::Async/>
            <Route path=path!("/setup") view=Setup ssr=SsrMode::Async/>
            <Route path=path!("/forgot") view=Forgot ssr=SsrMode::Async/>
            <Route path=path!("/password/:token") view=NewPassword ssr=SsrMode::Async/>
            <Route path=path!("/invite/:token") view=Invite ssr=SsrMode::Async/>
            <Route path=path!("/answer/:token") view=AnswerPage ssr=SsrMode::Async/>
            <Route path=path!("/renew/:token") view=RenewPage ssr=SsrMode::Async/>
            <Route path=path!("/me") view=Me ssr=SsrMode::Async/>
            <Route path=path!("/me/second-factor") view=SecondFactor ssr=SsrMode::Async/>
            <Route path=path!("/me/notifications") view=MyNotifications ssr=SsrMode::Async/>
            <Route path=path!("/unsubscribe/:token") view=Unsubscribe ssr=SsrMode::Async/><Route path=path!("/oauth/return") view=AgentReturn ssr=SsrMode::Async/>
            <Route path=path!("/me/confirm") view=Confirm ssr=SsrMode::Async/><Route path=path!("/oauth/consent") view=AgentConsent ssr=SsrMode::Async/>
            <Route path=path!("/admin") view=Overview ssr=SsrMode::Async/>
            <Route path=path!("/admin/start") view=Start ssr=SsrMode::Async/>
            <Route path=path!("/admin/find") view=FindInPlatform ssr=SsrMode::Async/>
            <Route path=path!("/admin/agencies") view=Agencies ssr=SsrMode::Async/>
            <Route path=path!("/admin/agencies/:agency") view=AgencyPage ssr=SsrMode::Async/>
            <Route path=path!("/admin/businesses") view=Businesses ssr=SsrMode::Async/>
            <Route path=path!("/admin/businesses/:business") view=BusinessPage ssr=SsrMode::Async/>
            <Route path=path!("/admin/people") view=People ssr=SsrMode::Async/>
            <Route path=path!("/admin/people/:user") view=PersonPage ssr=SsrMode::Async/>
            <Route path=path!("/admin/audit") view=PlatformAudit ssr=SsrMode::Async/>
            <Route path=path!("/admin/system") view=System ssr=SsrMode::Async/>
            <Route path=path!("/admin/incoming") view=PlatformIncoming ssr=SsrMode::Async/>
            <Route path=path!("/admin/tool-processes") view=ToolProcesses ssr=SsrMode::Async/>
            <Route path=path!("/admin/tool-servers") view=ToolCommands ssr=SsrMode::Async/>
            <Route path=path!("/b/:business") view=BusinessHome ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/inbox") view=Inbox ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/inbox/:conversation") view=Conversation ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/contacts") view=Contacts ssr=SsrMode::Async/><Route path=path!("/b/:business/contacts/:contact") view=ContactPage ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/contacts/:contact/merge") view=MergeContact ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/snippets") view=Snippets ssr=SsrMode::Async/><Route path=path!("/b/:business/scheduled") view=ScheduledMessages ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/assistant") view=Assistant ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/assistant/knowledge") view=AssistantKnowledge ssr=SsrMode::Async/><Route path=path!("/b/:business/assistant/knowledge/:knowledge") view=AssistantSource ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/assistant/try") view=AssistantTryOut ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/assistant/rehearsals") view=AssistantRehearsals ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/assistant/rehearsals/:rehearsal") view=AssistantRehearsal ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/assistant/answers") view=AssistantAnswers ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/assistant/answers/:answer") view=AssistantAnswer ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/ai-tools") view=AiTools ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/ai-tools/approvals") view=AiApprovals ssr=SsrMode::Async/><Route path=path!("/b/:business/ai-tools/trust") view=AiTrust ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/ai-tools/log") view=AiLog ssr=SsrMode::Async/><Route path=path!("/b/:business/ai-tools/log/:call") view=AiCall ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/ai-tools/:agent") view=AiAgent ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/find") view=FindInBusiness ssr=SsrMode::Async/><Route path=path!("/b/:business/integrations") view=BusinessIntegrations ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/integrations/incoming") view=BusinessIncoming ssr=SsrMode::Async/>
            <Route path=path!("/b/:business/integrations/choose/:choice") view=ChooseChannel ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency") view=Home ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/clients") view=Clients ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/clients/import") view=ImportClients ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/clients/:business") view=Client ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/clients/:business/edit") view=EditClient ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/usage") view=Usage ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/inbox") view=AgencyInbox ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/snapshots") view=Snapshots ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/connections") view=IntegrationsPage ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/connections/calls") view=Calls ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/connections/incoming") view=IncomingWebhooks ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/notifications") view=Notifications ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/settings/notifications") view=NotificationDefaults ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/phone-routes") view=PhoneRouting ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/to-dos") view=Todos ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/team") view=Team ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/team/roles") view=Roles ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/tokens") view=Tokens ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/tool-servers") view=ToolServers ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/tokens/reference") view=ApiReference ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/webhooks") view=Webhooks ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/audit") view=AgencyAudit ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/find") view=FindInAgency ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/settings") view=AgencySettings ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/provisioning") view=JobsPage ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/provisioning/new") view=NewClientPage ssr=SsrMode::Async/>
            <Route path=path!("/a/:agency/provisioning/:job") view=JobPage ssr=SsrMode::Async/>
        </Routes>
    }
}
