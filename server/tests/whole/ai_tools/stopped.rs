//! Do the switches and the page of processes stop what they name, and does everybody see it?

use axum::http::StatusCode;
use domain::identity::Role;
use operations::platform::tool_hosts::{self, Asked, Ending};
use operations::platform::tool_processes::{ProcessState, ProcessView};
use uuid::Uuid;

use super::has_all;
use crate::helpers::TestApp;

#[tokio::test]
async fn either_switch_is_told_on_every_page_and_taken_back() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let page = format!("/b/{}/ai-tools", tenant.business);
    let own = format!("business={}", tenant.business);
    let told = async |text: &str| app.browse(&page, Some(&owner)).await.body.contains(text);
    assert!(!told("are stopped").await);
    app.post("stop_tools", &own, &page, &owner).await;
    assert!(told("AI tools are stopped for this business. No agent").await);
    app.post("resume_tools", &own, &page, &owner).await;
    assert!(!told("No agent can read or change anything").await);
    app.post("stop_all_tools", "", "/admin/tool-processes", &admin).await;
    assert!(told("AI tools are stopped for everyone").await);
    let shown = app.browse("/admin/tool-processes", Some(&admin)).await.body;
    has_all(&shown, &["No running processes", "/do/resume_all_tools"]);
    app.post("resume_all_tools", "", "/admin/tool-processes", &admin).await;
    assert!(!told("AI tools are stopped for everyone").await);
    for operation in ["stop_tool_process", "restart_tool_process"] {
        let answer = app.submit(operation, "process=1", Some(&admin)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{operation}: there is no process");
    }
}

#[tokio::test]
async fn the_page_shows_the_processes_of_other_servers_and_asks_these_to_end_one() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::SuperAdmin, &tenant).await;
    let admin = app.sign_in(user).await;
    let (host, path) = (Uuid::now_v7(), "/admin/tool-processes");
    let process = ProcessView {
        id: format!("{}.7", tenant.business),
        business: tenant.business,
        server: "notes".to_owned(),
        state: ProcessState::Running,
        pid: Some(4711),
        started_at: None,
        used_at: None,
        in_use: 0,
        calls: 3,
        restarts: 0,
        memory: None,
    };
    tool_hosts::report(&app.db, host, "web-2", std::slice::from_ref(&process), true).await.unwrap();
    let shown = app.browse(path, Some(&admin)).await.body;
    has_all(&shown, &["web-2", "notes", "4711", &host.to_string(), "/do/stop_tool_process"]);
    let form = format!("process={}&host={host}", process.id);
    for (operation, how) in [("stop_tool_process", Ending::Stop), ("restart_tool_process", Ending::Restart)] {
        let sent = app.submit(operation, &form, Some(&admin)).await;
        assert!(sent.status.is_success() || sent.status.is_redirection(), "{operation}: {}", sent.body);
        let asked = tool_hosts::asked(&app.db, host).await.unwrap();
        assert_eq!(asked, [Asked { how, process: process.id.clone() }]);
        assert!(tool_hosts::asked(&app.db, host).await.unwrap().is_empty(), "it is asked once");
        let unknown = app.submit(operation, &format!("process=1&host={host}"), Some(&admin)).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{operation}: it runs no such process");
    }
    // A second press finds it stopped, before and after its server says so, and the one of a later process is a new one.
    let started = [vec![process.clone()], Vec::new(), vec![process.clone()]];
    for (reported, is_running) in [(None, false), (Some(&started[1]), false), (Some(&started[2]), true)] {
        if let Some(reported) = reported {
            tool_hosts::report(&app.db, host, "web-2", reported, true).await.unwrap();
        }
        app.post("stop_tool_process", &form, path, &admin).await;
        let told = app.browse(path, Some(&admin)).await.body;
        assert_eq!(told.contains("It had already stopped."), !is_running, "{told}");
        assert_eq!(tool_hosts::asked(&app.db, host).await.unwrap().len(), usize::from(is_running));
        let rows = app.audited(user, "tool_process.stopped", "ok").await;
        assert_eq!(rows, 1 + usize::from(is_running), "what does nothing is not recorded");
    }
    app.base.execute("update tool_hosts set seen_at = now() - interval '2 minutes'").await;
    has_all(&app.browse(path, Some(&admin)).await.body, &["No running processes"]);
    let silent = app.submit("stop_tool_process", &form, Some(&admin)).await;
    assert_eq!(silent.status, StatusCode::NOT_FOUND, "a server that says nothing is asked for nothing");
    tool_hosts::gone(&app.db, host).await.unwrap();
}
