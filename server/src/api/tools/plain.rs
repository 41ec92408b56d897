//! The tools for programs that speak plain HTTP: list them, call one, and ask what became of a call that waited.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::ToolApprovalId;
use operations::Refusal;
use operations::tool_servers::Offered;
use operations::tools::{self, Effect, Tool};
use serde_json::{Map, Value, json};

use super::caller::{Admitted, admit, admit_to};
use super::{answers, invoke, remote};
use crate::api::body::AnyBody;
use crate::api::token::Bearer;
use crate::http::pages::Shared;
use crate::http::problem;

/// `GET /tools`: every tool that this token may use, with the schemas of its arguments and its result.
pub async fn list(State(shared): State<Shared>, Extension(bearer): Extension<Bearer>) -> Response {
    match admit(&shared, &bearer) {
        Ok(admitted) => match remote::offered(&shared, &admitted).await {
            Ok(offered) => {
                let ours = tools::listed(&admitted.context).into_iter().map(shown);
                let listed: Vec<Value> = ours.chain(offered.iter().map(shown_of_remote)).collect();
                Json(json!({ "tools": listed })).into_response()
            }
            Err(error) => answers::of(Err(error)),
        },
        Err(refused) => refused,
    }
}

/// `POST /tools/{name}`: the body is the arguments, as JSON.
pub async fn call(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(name): Path<String>,
    AnyBody { value: arguments }: AnyBody<Map<String, Value>>,
) -> Response {
    run(&shared, admit(&shared, &bearer), &name, arguments).await
}

/// `POST /mcp/{tenant}/tool/{name}`: the same for the client that the address names, which must be that of the token.
pub async fn call_of_tenant(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path((tenant, name)): Path<(String, String)>,
    AnyBody { value: arguments }: AnyBody<Map<String, Value>>,
) -> Response {
    let admitted = admit_to(&shared, &bearer, &tenant, "/mcp/{tenant}/tool/{name}").await;
    run(&shared, admitted, &name, arguments).await
}

/// `POST /tools/approvals/{id}`: what became of a call that waited for a person. Once they approved it, this runs it.
pub async fn poll(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    let admitted = match admit(&shared, &bearer) {
        Ok(admitted) => admitted,
        Err(refused) => return refused,
    };
    match id.parse::<ToolApprovalId>() {
        Ok(id) => answers::of_poll(invoke::poll(&shared, &admitted, id).await),
        Err(_) => problem::refused(Refusal::NotFound),
    }
}

async fn run(
    shared: &Shared,
    admitted: Result<Admitted, Response>,
    name: &str,
    arguments: Map<String, Value>,
) -> Response {
    match admitted {
        Ok(admitted) => answers::of(invoke::call(shared, &admitted, name, Value::Object(arguments)).await),
        Err(refused) => refused,
    }
}

fn shown(tool: &Tool) -> Value {
    json!({
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "effect": tool.effect.key(),
        "inputSchema": tools::input_schema(tool),
        "outputSchema": tools::output_schema(tool),
    })
}

/// A tool of a third-party server. Nobody knows what it changes, so it counts as one that writes.
fn shown_of_remote(offered: &Offered) -> Value {
    json!({
        "name": offered.name,
        "title": offered.name,
        "description": offered.tool.description,
        "effect": Effect::Write.key(),
        "inputSchema": offered.tool.input,
        "outputSchema": offered.tool.output,
    })
}
