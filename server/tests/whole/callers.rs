//! How does a program call this server, and how does a script of an agency's page send a form to it?

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use domain::AgencyId;
use serde_json::Value;

use crate::helpers::{Answer, TestApp};

impl TestApp {
    /// Sends a body that is called JSON, with a token.
    pub async fn call(&self, token: &str, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    /// The same. Returns the status, and what was answered: null if that is no JSON.
    pub async fn api(&self, token: &str, method: Method, path: &str, body: impl Into<Body>) -> (StatusCode, Value) {
        let answer = self.call(token, method, path, body).await;
        (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
    }

    /// Calls a server function about an agency, as a script of its page would.
    pub async fn submit_in(&self, agency: AgencyId, operation: &str, fields: &[(&str, &str)], cookie: &str) -> Answer {
        let agency = agency.to_string();
        let fields: Vec<_> = fields.iter().copied().chain([("agency", agency.as_str())]).collect();
        self.submit(operation, &serde_urlencoded::to_string(fields).unwrap(), Some(cookie)).await
    }
}
