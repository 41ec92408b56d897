//! How a feature declares its routes, and what the description of the API says of them.

use crate::permission::Needs;

/// A route that is neither a page nor a server function.
pub struct RouteRule {
    /// Its address, with `{name}` for variable parts.
    pub path: &'static str,
    /// What it requires.
    pub needs: Needs,
    /// The methods it answers.
    pub calls: &'static [Call],
}

/// A route that answers `GET`, outside of the described API.
#[must_use]
pub const fn get(path: &'static str, needs: Needs) -> RouteRule {
    RouteRule { path, needs, calls: &[Call { method: Method::Get, doc: None }] }
}

/// A route that answers `POST`, outside of the described API.
#[must_use]
pub const fn post(path: &'static str, needs: Needs) -> RouteRule {
    RouteRule { path, needs, calls: &[Call { method: Method::Post, doc: None }] }
}

/// A route that answers `GET` and `POST`, outside of the described API.
#[must_use]
pub const fn get_and_post(path: &'static str, needs: Needs) -> RouteRule {
    RouteRule {
        path,
        needs,
        calls: &[Call { method: Method::Get, doc: None }, Call { method: Method::Post, doc: None }],
    }
}

/// A route of the described API, for tokens with this scope.
#[must_use]
pub const fn api(path: &'static str, scope: &'static str, calls: &'static [Call]) -> RouteRule {
    RouteRule { path, needs: Needs::Token(scope), calls }
}

/// One method of a route.
pub struct Call {
    /// The method.
    pub method: Method,
    /// Its description, if it belongs to the API.
    pub doc: Option<ApiDoc>,
}

/// The methods of routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates or acts.
    Post,
    /// Replaces.
    Put,
    /// Removes.
    Delete,
}

impl Method {
    /// Its name in a request.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// What the description of the API says of one method of a route. Its types are named as in
/// `server/src/api/schemas.rs`.
pub struct ApiDoc {
    /// What it does, in one line.
    pub summary: &'static str,
    /// What it takes beside the variable parts of its path.
    pub takes: Takes,
    /// What a success answers.
    pub answers: Answers,
    /// What the variable part of the path names ("job").
    pub object: &'static str,
    /// When it answers 409; empty if it never does.
    pub conflict: &'static str,
}

/// What a call takes beside the variable parts of its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// The query of a list: words, view, order, cursor, size.
    ListQuery,
    /// A body of this type.
    Body(&'static str),
    /// A body of this type; the header `Idempotency-Key` makes it safe to repeat.
    BodyOnce(&'static str),
}

impl Takes {
    /// The type of the body, if there is one.
    #[must_use]
    pub const fn body(self) -> Option<&'static str> {
        match self {
            Self::Body(name) | Self::BodyOnce(name) => Some(name),
            Self::Nothing | Self::ListQuery => None,
        }
    }
}

/// What a call answers when it succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// This status with a value of this type.
    Json(u16, &'static str),
    /// 204, without a body.
    Nothing,
    /// 200 with a stream of events.
    Events,
}

impl Call {
    /// A read that answers a value of this type.
    #[must_use]
    pub const fn read(summary: &'static str, object: &'static str, answers: &'static str) -> Self {
        let answers = Answers::Json(200, answers);
        let doc = ApiDoc { summary, takes: Takes::Nothing, answers, object, conflict: "" };
        Self { method: Method::Get, doc: Some(doc) }
    }

    /// A list that is read page by page.
    #[must_use]
    pub const fn list(summary: &'static str, answers: &'static str) -> Self {
        let answers = Answers::Json(200, answers);
        let doc = ApiDoc { summary, takes: Takes::ListQuery, answers, object: "", conflict: "" };
        Self { method: Method::Get, doc: Some(doc) }
    }
}

/// A type of body that routes of the API take.
pub struct BodyRule {
    /// Name of the type, as in [`Takes`] and in `server/src/api/schemas.rs`.
    pub name: &'static str,
    /// A valid one that fills every member. `{business}` stands for the business of the test.
    pub sample: &'static str,
}
