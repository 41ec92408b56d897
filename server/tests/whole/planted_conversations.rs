//! What customers write, how they call their files, what the assistant knows and writes, and what a platform calls an account
//! is text on every page, in forms that come back, and in the head of a download. It is checked in a world full of planted
//! text.

use axum::http::{StatusCode, header};

use crate::helpers::{Answer, Tenant};
use crate::markup::TEXTS;
use crate::stored_markup::{World, judge};

/// The window of every conversation is closed: templates stand where an answer was written.
const CLOSED: &str = "update conversations set window_closes_at = now() - interval '1 hour'";

/// The pages with what customers wrote, the one with the accounts of a consent, those of the assistant, and those of AI tools.
pub fn pages(tenant: &Tenant) -> [String; 23] {
    let Tenant { agency, business, conversation, contact, choice, knowledge, answer, rehearsal, agent, call, .. } =
        tenant;
    let (inbox, assistant) = (format!("/b/{business}/inbox"), format!("/b/{business}/assistant"));
    let tools = format!("/b/{business}/ai-tools");
    [
        format!("/a/{agency}/inbox"),
        format!("{inbox}/{conversation}"),
        inbox,
        format!("/b/{business}/integrations/choose/{choice}"),
        format!("/b/{business}/contacts"),
        format!("/b/{business}/find"),
        format!("/b/{business}/contacts/{contact}"),
        format!("/b/{business}/snippets"),
        format!("/b/{business}/scheduled"),
        format!("{assistant}/knowledge"),
        format!("{assistant}/knowledge/{knowledge}"),
        format!("{assistant}/answers"),
        format!("{assistant}/answers/{answer}"),
        format!("{assistant}/try"),
        format!("{assistant}/rehearsals"),
        format!("{assistant}/rehearsals/{rehearsal}"),
        assistant,
        format!("{tools}/{agent}"),
        format!("{tools}/approvals"),
        format!("{tools}/log"),
        format!("{tools}/log/{call}"),
        format!("{tools}/trust"),
        tools,
    ]
}

/// Checks the file of a conversation, the forms that come back, and the templates.
pub async fn check(world: &World) {
    let Tenant { business, conversation, attachment, answer, .. } = world.tenant;
    let owner = world.people.iter().find(|(name, _)| *name == "owner").unwrap().1.as_deref().unwrap();
    web_chat(world, owner).await;
    file(&world.app.browse(&format!("/b/{business}/media/{attachment}"), Some(owner)).await);
    let page = format!("/b/{business}/inbox/{conversation}");
    for (operation, field) in
        [("reply_to_customer", "text"), ("add_conversation_note", "text"), ("send_draft", "draft")]
    {
        let form = [
            ("business", business.to_string()),
            ("conversation", conversation.to_string()),
            ("key", uuid::Uuid::now_v7().to_string()),
            ("answer", answer.to_string()),
            (field, format!("{}{}", TEXTS[0], "x".repeat(10_000))),
        ];
        world.app.post(operation, &serde_urlencoded::to_string(form).unwrap(), &page, owner).await;
        assert!(judge(&world.app.browse(&page, Some(owner)).await, operation), "{operation}");
    }
    world.app.base.execute(CLOSED).await;
    let templates = world.app.browse(&page, Some(owner)).await;
    assert!(judge(&templates, "the names of the templates"));
    let chosen = templates.body.split_once("template=").and_then(|(_, rest)| rest.get(..36)).unwrap();
    let template = world.app.browse(&format!("{page}?template={chosen}"), Some(owner)).await;
    assert!(judge(&template, "the chosen template"));
    assert!(template.body.contains("/do/send_template"), "{}", template.body);
}

/// The greeting of web chat is text on its card and in the frame on the web site.
async fn web_chat(world: &World, owner: &str) {
    let page = format!("/b/{}/integrations", world.tenant.business);
    let form = [
        ("business", world.tenant.business.to_string()),
        ("is_on", "on".to_owned()),
        ("origins", "https://www.example.com".to_owned()),
        ("greeting", TEXTS[0].to_owned()),
    ];
    world.app.post("save_web_chat", &serde_urlencoded::to_string(form).unwrap(), &page, owner).await;
    let card = world.app.browse(&page, Some(owner)).await;
    assert!(judge(&card, "the card of web chat"));
    let key = card.body.split_once("/chat/").and_then(|(_, rest)| rest.split_once(".js")).unwrap().0;
    assert!(judge(&world.app.browse(&format!("/chat/{key}"), None).await, "the frame of web chat"));
}

/// A file whose name and type are planted is saved and never shown.
fn file(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let header = |name: header::HeaderName| answer.headers[name].to_str().unwrap();
    assert_eq!(header(header::CONTENT_TYPE), "application/octet-stream");
    assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert!(header(header::CONTENT_SECURITY_POLICY).ends_with("sandbox"));
    assert_eq!(header(header::CACHE_CONTROL), "private, no-store");
    let saved = header(header::CONTENT_DISPOSITION);
    let name = saved.strip_prefix("attachment; filename*=UTF-8''").unwrap();
    assert!(name.contains("%3Cb%2Fdata-x") && !name.contains(['<', '"', '\'', ';', ' ']), "{saved}");
}
