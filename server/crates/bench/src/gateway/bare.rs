//! What does the same read cost without our server around it? A bare rmcp server over streamable HTTP runs the same tool for
//! anybody who asks, on the same database. It is a process of its own, as its competitors are, and ends with its input.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use chrono::Utc;
use domain::access::BusinessAccess;
use domain::identity::{AgencyRole, Role};
use domain::{AgencyId, BusinessId, UserId};
use operations::BusinessActor;
use operations::tools::{self, Tool, ToolContext};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, Implementation, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Db, DbRole};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::TOOL;
use super::tenants::First;
use crate::peers::Running;

/// The word with which this program is started as the bare server.
pub const WORD: &str = "serve-bare-tools";

/// What it is told.
#[derive(Deserialize, Serialize)]
struct Options {
    url: String,
    pool: u32,
    business: Uuid,
    agency: Uuid,
    maker: Uuid,
    listen: SocketAddr,
}

/// Starts it and waits until it listens.
pub fn start(url: String, pool: u32, first: &First, listen: SocketAddr) -> anyhow::Result<Running> {
    let First { business, agency, maker } = *first;
    let options = Options { url, pool, business, agency, maker, listen };
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(WORD).arg(serde_json::to_string(&options)?);
    Running::start("the bare server", &mut command, "the bench cannot start itself once more")
}

/// Serves until the input ends.
pub async fn serve(options: &str) -> anyhow::Result<()> {
    let options: Options = serde_json::from_str(options).context("reading what the bare server is told")?;
    let db = Db::connect(&options.url, DbRole::Web, options.pool).await?;
    let access = BusinessAccess {
        id: BusinessId(options.business),
        agency: AgencyId(options.agency),
        slug: String::new(),
        name: String::new(),
        role: AgencyRole::BuiltIn(Role::BusinessOwner),
        from_agency: None,
    };
    let actor = BusinessActor::new(db, UserId(options.maker), access);
    let bare = Bare { actor, tool: tools::find(TOOL).context("there is no such tool")? };
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .disable_allowed_hosts();
    let sessions = Arc::new(NeverSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(bare.clone()), sessions, config);
    let listener = TcpListener::bind(options.listen).await?;
    let served = axum::serve(listener, Router::new().fallback_service(service)).into_future();
    let mut out = io::stdout();
    out.write_all(b"ready\n").and_then(|()| out.flush())?;
    let mut nothing = Vec::new();
    let mut input = tokio::io::stdin();
    tokio::select! {
        ended = served => ended?,
        ended = input.read_to_end(&mut nothing) => {
            ended?;
        }
    }
    Ok(())
}

/// One tool of ours for one business.
#[derive(Clone)]
struct Bare {
    actor: BusinessActor,
    tool: &'static Tool,
}

impl ServerHandler for Bare {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        ServerConfig::new(capabilities).with_server_info(Implementation::new("bare", "1"))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let context = ToolContext { actor: self.actor.clone(), highlevel: None, now: Utc::now() };
        let arguments = Value::Object(request.arguments.unwrap_or_default());
        match (self.tool.run)(context, arguments).await {
            Ok(result) => Ok(CallToolResult::structured(result).into()),
            Err(error) => Err(ErrorData::internal_error(error.to_string(), None)),
        }
    }
}
