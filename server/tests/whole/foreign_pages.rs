//! May a page of another site read what the addresses for programs answer? None may, and a browser that asks for it first is
//! refused.

use axum::body::Body;
use axum::http::{Method, Request, header};

use crate::helpers::TestApp;

#[tokio::test]
async fn no_page_of_another_site_reads_what_programs_are_answered() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let own = format!("/mcp/{}", tenant.business);
    let paths = [
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
        "/oauth/register",
        "/oauth/token",
        "/oauth/revoke",
        "/mcp",
        own.as_str(),
        "/tools",
        "/tools/business_get_details",
    ];
    for path in paths {
        for method in [Method::OPTIONS, Method::GET, Method::POST] {
            let request = Request::builder()
                .method(&method)
                .uri(path)
                .header(header::HOST, "127.0.0.1:3000")
                .header(header::ORIGIN, "https://inspector.example")
                .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
                .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization, content-type");
            let answer = app.send(request.body(Body::empty()).unwrap()).await;
            let allows = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
            assert_eq!(allows, None, "{method} {path}");
            assert!(method != Method::OPTIONS || !answer.status.is_success(), "{path}: {}", answer.status);
        }
    }
}
