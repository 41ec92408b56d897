//! What does a page of a business say when there is nothing yet, when a search hides everything, when an object is gone, and
//! when the role does not open it? Each says what is so and what to do, in both languages.

use axum::http::StatusCode;
use domain::feature;
use domain::identity::Role;
use domain::permission::{Needs, allows};
use uuid::Uuid;

use crate::helpers::TestApp;
use crate::languages::read;

/// A page below a business, and what it says in English and Spanish.
type Said = (&'static str, [&'static str; 2]);

/// What stands in place of a list that is empty.
const EMPTY: [Said; 15] = [
    ("inbox", ["No channel yet", "Todavía no hay canales"]),
    ("contacts", ["No contacts yet", "Aún no hay contactos"]),
    ("snippets", ["No snippets yet", "Aún no hay fragmentos"]),
    ("scheduled", ["Nothing is scheduled", "No hay nada programado"]),
    ("assistant", ["No channel yet", "Aún no hay canales"]),
    ("assistant/knowledge", ["No knowledge yet", "Aún no hay conocimiento"]),
    ("assistant/answers", ["No answers yet", "Aún no hay respuestas"]),
    ("assistant/try", ["Nothing asked yet", "Todavía no hay preguntas"]),
    ("assistant/rehearsals", ["No past questions yet", "Todavía no hay preguntas anteriores"]),
    ("ai-tools", ["No AI agents yet", "Aún no hay agentes de IA"]),
    ("ai-tools/approvals", ["Nothing to approve", "No hay nada en espera"]),
    ("ai-tools/log", ["No calls yet", "Aún no hay llamadas"]),
    ("ai-tools/trust", ["No activity", "No se hizo nada"]),
    ("integrations", ["Not connected", "Sin conectar"]),
    ("integrations/incoming", ["Nothing yet", "Aún no ha llegado nada"]),
];

/// What stands there while a search or a view hides everything, and the way out of it.
const HIDDEN: [(Said, [&str; 2]); 7] = [
    (
        ("inbox?q=zzz", ["No conversations match.", "Ninguna conversación coincide."]),
        ["Show open conversations", "Ver las abiertas"],
    ),
    (
        ("inbox?q=zzz&view=closed", ["No conversations match.", "Ninguna conversación coincide."]),
        ["Search all conversations", "Buscar en todas"],
    ),
    (("contacts?q=zzz", ["No contact matches.", "Ningún contacto coincide."]), ["Show all", "Mostrar todos"]),
    (("assistant/knowledge?q=zzz", ["Nothing matches.", "Nada coincide."]), ["Show all", "Mostrar todas"]),
    (
        ("assistant/answers?view=failed", ["No answers match.", "Ninguna respuesta coincide."]),
        ["Show all", "Mostrar todas"],
    ),
    (("ai-tools/log?view=failed", ["No calls here.", "Aquí no hay llamadas."]), ["Show all", "Mostrar todo"]),
    (("integrations/incoming?view=duplicate", ["Nothing here.", "No hay nada aquí."]), ["Show all", "Mostrar todo"]),
];

const LANGUAGES: [&str; 2] = ["en", "es"];

#[tokio::test]
async fn a_page_without_anything_says_what_will_be_there_and_how_to_get_out_of_a_search() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    for (n, language) in LANGUAGES.into_iter().enumerate() {
        for (path, said) in EMPTY {
            let page = read(&app, &format!("/b/{}/{path}", tenant.business), language, Some(&owner)).await;
            assert_eq!(page.status, StatusCode::OK, "{path} {language}");
            assert!(page.body.contains(said[n]), "{path} {language}: {}", page.body);
        }
        for ((path, said), out) in HIDDEN {
            let page = read(&app, &format!("/b/{}/{path}", tenant.business), language, Some(&owner)).await;
            assert!(page.body.contains(said[n]) && page.body.contains(out[n]), "{path} {language}: {}", page.body);
        }
    }
}

#[tokio::test]
async fn a_page_that_the_role_does_not_open_says_so_and_who_can_change_it() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let member = app.sign_in(app.person(Role::TeamMember, &tenant).await).await;
    let closed = feature::pages().filter(|page| {
        let is_closed = matches!(page.needs, Needs::Business(right) if !allows(Role::TeamMember, right));
        is_closed && page.path.matches('{').count() == 1
    });
    let closed: Vec<&str> = closed.map(|page| page.path).collect();
    assert!(closed.len() > 3, "{closed:?}");
    let who = [
        "Ask the owner of the business for the business owner role.",
        "pida a quien es propietario del negocio el rol «Propietario del negocio», que lo incluye.",
    ];
    let titles = ["You can't open this page", "No puede abrir esta página"];
    for path in closed {
        let path = path.replace("{business}", &tenant.business.to_string());
        for (n, language) in LANGUAGES.into_iter().enumerate() {
            let page = read(&app, &path, language, Some(&member)).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} {language}");
            assert!(page.body.contains(who[n]), "{path} {language}: {}", page.body);
            assert!(!page.body.contains(who[1 - n]), "{path} {language} speaks both: {}", page.body);
            let crumb =
                format!("aria-current=\"page\" class=\"crumb text-fg\"><span class=\"truncate\">{}<", titles[n]);
            assert!(page.body.contains(&crumb), "{path} {language} is called otherwise in the header: {}", page.body);
        }
    }
}

#[tokio::test]
async fn an_object_that_is_gone_says_so_and_keeps_the_menu() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    for below in [
        "inbox",
        "assistant/knowledge",
        "assistant/answers",
        "assistant/rehearsals",
        "ai-tools",
        "ai-tools/log",
        "integrations/choose",
    ] {
        let path = format!("/b/{}/{below}/{}", tenant.business, Uuid::now_v7());
        for (language, text, menu) in
            [("en", "Page not found", "Sign out"), ("es", "Página no encontrada", "Cerrar sesión")]
        {
            let page = read(&app, &path, language, Some(&owner)).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{path} {language}");
            assert!(page.body.contains(text) && page.body.contains(menu), "{path} {language}: {}", page.body);
        }
    }
}
