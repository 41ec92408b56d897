//! The operations that the simulator supports and what each requires.
//!
//! Each is one row. Version, token class, scope and body are checked from this table before any handler runs, so no
//! handler can forget a check.

use crate::grants::Class;

use super::{
    call::Call,
    companies,
    crm::{calendars, contacts, conversations, opportunities},
    custom_fields, custom_values, installs, locations, marketplace, oauth,
    reply::Outcome,
    shape::Field,
    snapshots, tags, users,
};
use crate::world::Transaction;

/// One operation.
pub struct Route {
    /// Method.
    pub method: &'static str,
    /// Path, with its parameters in braces.
    pub path: &'static str,
    /// Which credentials may call.
    pub access: Access,
    /// Scope that the token needs.
    pub scope: &'static str,
    /// Query parameters that are required.
    pub query: &'static [&'static str],
    /// Properties that the body may have. `None` if the operation takes no body.
    pub body: Option<&'static [Field]>,
    /// The function that executes the call.
    pub handler: fn(&Call<'_>, &mut Transaction<'_>) -> Outcome,
}

/// The security classes of HighLevel's contracts (HighLevel API §10.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// No token and no version needed.
    Open,
    /// Agency OAuth token or agency private integration token.
    Agency,
    /// Agency OAuth token only.
    AgencyOnly,
    /// Location OAuth token or location private integration token.
    Location,
    /// Any token of either level.
    Both,
    /// OAuth token of either level.
    OAuth,
}

impl Access {
    /// True if this class of token may call.
    pub fn lets(self, class: Class) -> bool {
        match self {
            Self::Open => true,
            Self::Agency => class.is_agency(),
            Self::AgencyOnly => class == Class::Company,
            Self::Location => !class.is_agency(),
            Self::Both => true,
            Self::OAuth => matches!(class, Class::Company | Class::Location),
        }
    }
}

/// The dated versions that every operation accepts. HighLevel accepts any of them, and its own SDK sends the last
/// one for every call (HighLevel API §0).
pub const VERSIONS: &[&str] = &["2021-04-15", "2021-07-28", "2023-02-21"];

/// Paths that version v3 lacks or has under another name. It has all others.
pub const NOT_IN_V3: &[&str] = &["/oauth/locationToken", "/oauth/installedLocations", "/users/"];

type Handler = fn(&Call<'_>, &mut Transaction<'_>) -> Outcome;

const fn row(method: &'static str, path: &'static str, access: Access, scope: &'static str, handler: Handler) -> Route {
    Route { method, path, access, scope, query: &[], body: None, handler }
}

impl Route {
    const fn asks(self, query: &'static [&'static str]) -> Self {
        Self { query, ..self }
    }

    const fn takes(self, body: &'static [Field]) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Returns the path parameters if the path matches this route. A trailing slash is ignored.
    pub fn fits(&self, path: &str) -> Option<Vec<(&'static str, String)>> {
        let mut wanted = self.path.trim_matches('/').split('/');
        let mut given = path.trim_matches('/').split('/');
        let mut params = Vec::new();
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return Some(params),
                (Some(wanted), Some(given)) => match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                    Some(name) => params.push((name, given.to_owned())),
                    None if wanted == given => {}
                    None => return None,
                },
                _ => return None,
            }
        }
    }
}

use Access::{Agency, AgencyOnly, Both, Location, OAuth, Open};

/// The table of operations. Fixed paths come before paths with parameters.
pub static ROUTES: &[Route] = &[
    row("POST", "/oauth/token", Open, "", oauth::token).takes(oauth::TOKEN),
    row("POST", "/oauth/locationToken", AgencyOnly, "oauth.write", oauth::location_token).takes(oauth::LOCATION_TOKEN),
    row("GET", "/oauth/installedLocations", AgencyOnly, "oauth.readonly", installs::installed_locations)
        .asks(&["companyId", "appId"]),
    row(
        "GET",
        "/marketplace/app/{appId}/installations",
        OAuth,
        "marketplace-installer-details.readonly",
        marketplace::installer,
    ),
    row("DELETE", "/marketplace/app/{appId}/installations", OAuth, "oauth.write", marketplace::uninstall)
        .takes(marketplace::UNINSTALL),
    row("GET", "/companies/{companyId}", Agency, "companies.readonly", companies::get),
    row("GET", "/snapshots/", Agency, "snapshots.readonly", snapshots::list).asks(&["companyId"]),
    row("GET", "/snapshots/snapshot-status/{snapshotId}", Agency, "snapshots.readonly", snapshots::pushes).asks(&[
        "companyId",
        "from",
        "to",
    ]),
    row(
        "GET",
        "/snapshots/snapshot-status/{snapshotId}/location/{locationId}",
        Agency,
        "snapshots.readonly",
        snapshots::status,
    )
    .asks(&["companyId"]),
    row("GET", "/locations/search", Both, "locations.readonly", locations::search),
    row("POST", "/locations/", Agency, "locations.write", locations::create).takes(locations::NEW),
    row("GET", "/locations/{locationId}", Both, "locations.readonly", locations::get),
    row("PUT", "/locations/{locationId}", Agency, "locations.write", locations::update).takes(locations::CHANGED),
    row("DELETE", "/locations/{locationId}", Agency, "locations.internal-access-only", locations::delete),
    row("GET", "/locations/{locationId}/timezones", Both, "locations.readonly", locations::timezones),
    row(
        "GET",
        "/locations/{locationId}/customValues",
        Location,
        "locations/customValues.readonly",
        custom_values::list,
    ),
    row(
        "POST",
        "/locations/{locationId}/customValues",
        Location,
        "locations/customValues.write",
        custom_values::create,
    )
    .takes(custom_values::BODY),
    row(
        "GET",
        "/locations/{locationId}/customValues/{id}",
        Location,
        "locations/customValues.readonly",
        custom_values::get,
    ),
    row(
        "PUT",
        "/locations/{locationId}/customValues/{id}",
        Location,
        "locations/customValues.write",
        custom_values::update,
    )
    .takes(custom_values::BODY),
    row(
        "DELETE",
        "/locations/{locationId}/customValues/{id}",
        Location,
        "locations/customValues.write",
        custom_values::delete,
    ),
    row(
        "GET",
        "/locations/{locationId}/customFields",
        Location,
        "locations/customFields.readonly",
        custom_fields::list,
    ),
    row(
        "POST",
        "/locations/{locationId}/customFields",
        Location,
        "locations/customFields.write",
        custom_fields::create,
    )
    .takes(custom_fields::NEW),
    row(
        "GET",
        "/locations/{locationId}/customFields/{id}",
        Location,
        "locations/customFields.readonly",
        custom_fields::get,
    ),
    row(
        "PUT",
        "/locations/{locationId}/customFields/{id}",
        Location,
        "locations/customFields.write",
        custom_fields::update,
    )
    .takes(custom_fields::CHANGED),
    row(
        "DELETE",
        "/locations/{locationId}/customFields/{id}",
        Location,
        "locations/customFields.write",
        custom_fields::delete,
    ),
    row("GET", "/locations/{locationId}/tags", Location, "locations/tags.readonly", tags::list),
    row("POST", "/locations/{locationId}/tags", Location, "locations/tags.write", tags::create).takes(tags::BODY),
    row("GET", "/locations/{locationId}/tags/{tagId}", Location, "locations/tags.readonly", tags::get),
    row("PUT", "/locations/{locationId}/tags/{tagId}", Location, "locations/tags.write", tags::update)
        .takes(tags::BODY),
    row("DELETE", "/locations/{locationId}/tags/{tagId}", Location, "locations/tags.write", tags::delete),
    row("GET", "/users/search", Both, "users.readonly", users::search).asks(&["companyId"]),
    row("POST", "/users/search/filter-by-email", Agency, "users.readonly", users::by_email).takes(users::BY_EMAIL),
    row("GET", "/users/", Location, "users.readonly", users::of_location).asks(&["locationId"]),
    row("POST", "/users/", Both, "users.write", users::create).takes(users::NEW),
    row("GET", "/users/{userId}", Both, "users.readonly", users::get),
    row("PUT", "/users/{userId}", Both, "users.write", users::update).takes(users::CHANGED),
    row("DELETE", "/users/{userId}", Both, "users.write", users::delete),
    row("POST", "/contacts/search", Location, "contacts.readonly", contacts::search).takes(contacts::SEARCH),
    row("POST", "/contacts/", Location, "contacts.write", contacts::create).takes(contacts::NEW),
    row("GET", "/contacts/{contactId}", Location, "contacts.readonly", contacts::get),
    row("PUT", "/contacts/{contactId}", Location, "contacts.write", contacts::update).takes(contacts::CHANGED),
    row("POST", "/contacts/{contactId}/tags", Location, "contacts.write", contacts::add_tags).takes(contacts::TAGS),
    row("DELETE", "/contacts/{contactId}/tags", Location, "contacts.write", contacts::remove_tags)
        .takes(contacts::TAGS),
    row("GET", "/conversations/search", Location, "conversations.readonly", conversations::search)
        .asks(&["locationId"]),
    row(
        "GET",
        "/conversations/{conversationId}/messages",
        Location,
        "conversations/message.readonly",
        conversations::messages,
    ),
    row("POST", "/conversations/messages", Location, "conversations/message.write", conversations::send)
        .takes(conversations::NEW),
    row("GET", "/calendars/", Location, "calendars.readonly", calendars::list).asks(&["locationId"]),
    row("GET", "/calendars/{calendarId}/free-slots", Location, "calendars.readonly", calendars::free_slots)
        .asks(&["startDate", "endDate"]),
    row("POST", "/calendars/events/appointments", Location, "calendars/events.write", calendars::book)
        .takes(calendars::NEW),
    row("GET", "/calendars/events/appointments/{eventId}", Location, "calendars/events.readonly", calendars::get),
    row("PUT", "/calendars/events/appointments/{eventId}", Location, "calendars/events.write", calendars::update)
        .takes(calendars::CHANGED),
    row("GET", "/opportunities/search", Location, "opportunities.readonly", opportunities::search)
        .asks(&["location_id"]),
    row("GET", "/opportunities/pipelines", Location, "opportunities.readonly", opportunities::pipelines)
        .asks(&["locationId"]),
    row("POST", "/opportunities/", Location, "opportunities.write", opportunities::create).takes(opportunities::NEW),
    row("GET", "/opportunities/{id}", Location, "opportunities.readonly", opportunities::get),
    row("PUT", "/opportunities/{id}", Location, "opportunities.write", opportunities::update)
        .takes(opportunities::CHANGED),
];

/// Finds the route of a call and its path parameters. `None` if there is no such route.
pub fn find(method: &str, path: &str) -> Option<(&'static Route, Vec<(&'static str, String)>)> {
    let mut fitting = ROUTES.iter().filter(|route| route.method == method);
    fitting.find_map(|route| route.fits(path).map(|params| (route, params)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_paths_win_over_parameters_and_slashes_do_not_count() {
        let path = |method, path| find(method, path).map(|(route, _)| route.path);
        assert_eq!(path("GET", "/locations/search"), Some("/locations/search"));
        assert_eq!(path("POST", "/locations"), Some("/locations/"));
        assert_eq!(path("GET", "/locations/abc/"), Some("/locations/{locationId}"));
        assert_eq!(path("PATCH", "/locations/abc"), None);
    }

    #[test]
    fn every_scope_is_registered_for_the_app_except_the_vendors_own() {
        let known = crate::defaults().scopes;
        for route in ROUTES.iter().filter(|route| route.access != Open) {
            let internal = route.scope == "locations.internal-access-only";
            assert_eq!(known.contains(&route.scope), !internal, "{} {}", route.method, route.path);
        }
    }
}
