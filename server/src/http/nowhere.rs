//! What does an address below an agency, a business or the platform show if no page has it? Whoever may open the place
//! sees a page inside its menu. Everybody else sees what any unknown address shows, whether the place exists or not.

use axum::Router;
use axum::handler::Handler;
use axum::http::HeaderMap;
use axum::routing::get;
use domain::permission::{EndpointKind, Needs, Right, Rule};
use web::request_context::RequestContext;

use super::pages::Shared;
use super::problem;

/// The addresses, and what opens the place that each lies in. They are no pages, so no feature declares them.
static RULES: [Rule; 3] = [
    below("/admin/{*nowhere}", Needs::Platform(Right::PlatformRead)),
    below("/a/{agency}/{*nowhere}", Needs::Agency(Right::AgencyRead)),
    below("/b/{business}/{*nowhere}", Needs::Business(Right::BusinessRead)),
];

const fn below(path: &'static str, needs: Needs) -> Rule {
    Rule { kind: EndpointKind::Page, path, needs }
}

/// The rule for a matched path; `None` if the path belongs to something that exists.
pub fn rule(path: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.path == path)
}

/// True if the request is for a person who could go on from the menu: signed in, with a browser that asks for a page.
pub fn has_reader(context: &RequestContext, headers: &HeaderMap) -> bool {
    context.caller.is_some() && problem::wants_page(headers)
}

/// The routes. `page` renders the app, in which no page has the address.
pub fn routes<T: 'static>(page: impl Handler<T, Shared>) -> Router<Shared> {
    RULES.iter().fold(Router::new(), |router, rule| router.route(rule.path, get(page.clone())))
}

#[cfg(test)]
mod tests {
    use domain::permission::POLICY;

    use super::{RULES, rule};

    #[test]
    fn nothing_that_exists_is_taken_for_an_unknown_address() {
        for known in POLICY.iter() {
            assert!(rule(known.path).is_none(), "{}", known.path);
        }
        for unknown in &RULES {
            assert_eq!(rule(unknown.path).map(|found| found.needs), Some(unknown.needs));
        }
    }
}
