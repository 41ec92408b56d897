//! Every call we make to HighLevel, in one table: method, path, version, kind of token, and whether it may safely
//! be repeated.
//! There is no default version. Each operation names its own, because the service rejects a wrong one with 401 or
//! 404 (HighLevel API, generations and the `Version` header).

use http::Method;

/// The kind of token that an operation requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenClass {
    /// No token: client id and secret are sent in the body.
    App,
    /// A company token, from OAuth or a private integration.
    Company,
    /// A company token from OAuth; one from a private integration is refused.
    CompanyOauth,
    /// A location token.
    Location,
    /// A company token or a location token.
    Any,
}

/// One operation of the table.
#[derive(Debug)]
pub struct Op {
    /// Our name for the operation, as it appears in the call log.
    pub name: &'static str,
    /// What the operation does, for an error message: "… did not work".
    pub doing: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path template.
    pub path: &'static str,
    /// `Version` header. `POST /oauth/token` of the dated generation takes none.
    pub version: Option<&'static str>,
    /// The kind of token it requires.
    pub token: TokenClass,
    /// True if repeating the same call changes nothing more.
    pub repeatable: bool,
}

/// The scope that an operation requires, by our name of the operation; `None` if it is not known.
#[must_use]
pub fn scope(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "location_token" => "oauth.write",
        "installed_locations" => "oauth.readonly",
        "get_company" => "companies.readonly",
        "list_snapshots" | "snapshot_status" => "snapshots.readonly",
        "search_locations" | "get_location" | "timezones" => "locations.readonly",
        "create_location" | "update_location" => "locations.write",
        "search_users" | "find_users" => "users.readonly",
        "create_user" | "update_user" => "users.write",
        "list_custom_values" => "locations/customValues.readonly",
        "add_custom_value" | "set_custom_value" | "remove_custom_value" => "locations/customValues.write",
        "list_custom_fields" => "locations/customFields.readonly",
        "add_custom_field" | "remove_custom_field" => "locations/customFields.write",
        "list_tags" => "locations/tags.readonly",
        "add_tag" | "remove_tag" => "locations/tags.write",
        "search_contacts" | "get_contact" => "contacts.readonly",
        "create_contact" | "update_contact" | "add_contact_tags" | "remove_contact_tags" => "contacts.write",
        "search_conversations" => "conversations.readonly",
        "list_messages" => "conversations/message.readonly",
        "send_message" => "conversations/message.write",
        "list_calendars" | "free_slots" => "calendars.readonly",
        "get_appointment" => "calendars/events.readonly",
        "book_appointment" | "update_appointment" => "calendars/events.write",
        "search_opportunities" | "get_opportunity" | "list_pipelines" => "opportunities.readonly",
        "create_opportunity" | "update_opportunity" => "opportunities.write",
        _ => return None,
    })
}

const DATED: Option<&str> = Some("2021-07-28");
/// The version of conversations and calendars.
const EARLIER: Option<&str> = Some("2021-04-15");

macro_rules! ops {
    ($($id:ident $method:ident $path:literal $version:expr, $token:ident, $repeatable:literal, $name:literal, $doing:literal;)*) => {
        $(pub(crate) static $id: Op = Op {
            name: $name, doing: $doing, method: Method::$method, path: $path, version: $version,
            token: TokenClass::$token, repeatable: $repeatable,
        };)*
        /// Every operation.
        pub static OPS: &[&Op] = &[$(&$id),*];
    };
}

ops! {
    EXCHANGE POST "/oauth/token" None, App, false, "exchange_code", "exchanging the code for tokens";
    REFRESH POST "/oauth/token" None, App, false, "refresh_token", "refreshing the tokens";
    LOCATION_TOKEN POST "/oauth/locationToken" DATED, CompanyOauth, true, "location_token", "getting a token for the sub-account";
    INSTALLED_LOCATIONS GET "/oauth/installedLocations" DATED, CompanyOauth, true, "installed_locations", "listing where the app is installed";
    UNINSTALL DELETE "/marketplace/app/{appId}/installations" DATED, Any, true, "uninstall", "removing the app";

    GET_COMPANY GET "/companies/{companyId}" DATED, Company, true, "get_company", "reading the account";
    LIST_SNAPSHOTS GET "/snapshots/" DATED, Company, true, "list_snapshots", "listing the snapshots";
    SNAPSHOT_STATUS GET "/snapshots/snapshot-status/{snapshotId}/location/{locationId}" DATED, Company, true, "snapshot_status", "asking how far the snapshot is";

    SEARCH_LOCATIONS GET "/locations/search" DATED, Company, true, "search_locations", "searching sub-accounts";
    // Each repetition creates a new, billable location (HighLevel API, retry safety).
    CREATE_LOCATION POST "/locations/" DATED, Company, false, "create_location", "creating the sub-account";
    GET_LOCATION GET "/locations/{locationId}" DATED, Any, true, "get_location", "reading the sub-account";
    // Repeating it has no effect, unless it contains a snapshot, which is then loaded again.
    UPDATE_LOCATION PUT "/locations/{locationId}" DATED, Company, true, "update_location", "changing the sub-account";
    TIMEZONES GET "/locations/{locationId}/timezones" DATED, Any, true, "timezones", "listing the time zones";

    SEARCH_USERS GET "/users/search" DATED, Any, true, "search_users", "searching users";
    FIND_USERS POST "/users/search/filter-by-email" DATED, Company, true, "find_users", "looking for the user";
    GET_USER GET "/users/{userId}" DATED, Any, true, "get_user", "reading the user";
    // The second call fails because of the e-mail address, but the first may have succeeded.
    CREATE_USER POST "/users/" DATED, Any, false, "create_user", "creating the user";
    UPDATE_USER PUT "/users/{userId}" DATED, Any, true, "update_user", "changing the user";

    LIST_VALUES GET "/locations/{locationId}/customValues" DATED, Location, true, "list_custom_values", "listing the custom values";
    ADD_VALUE POST "/locations/{locationId}/customValues" DATED, Location, false, "add_custom_value", "adding a custom value";
    SET_VALUE PUT "/locations/{locationId}/customValues/{id}" DATED, Location, true, "set_custom_value", "setting a custom value";
    REMOVE_VALUE DELETE "/locations/{locationId}/customValues/{id}" DATED, Location, true, "remove_custom_value", "removing a custom value";

    LIST_FIELDS GET "/locations/{locationId}/customFields" DATED, Location, true, "list_custom_fields", "listing the custom fields";
    ADD_FIELD POST "/locations/{locationId}/customFields" DATED, Location, false, "add_custom_field", "adding a custom field";
    REMOVE_FIELD DELETE "/locations/{locationId}/customFields/{id}" DATED, Location, true, "remove_custom_field", "removing a custom field";

    LIST_TAGS GET "/locations/{locationId}/tags" DATED, Location, true, "list_tags", "listing the tags";
    ADD_TAG POST "/locations/{locationId}/tags" DATED, Location, false, "add_tag", "adding a tag";
    REMOVE_TAG DELETE "/locations/{locationId}/tags/{tagId}" DATED, Location, true, "remove_tag", "removing a tag";

    SEARCH_CONTACTS POST "/contacts/search" DATED, Location, true, "search_contacts", "searching contacts";
    GET_CONTACT GET "/contacts/{contactId}" DATED, Location, true, "get_contact", "reading the contact";
    CREATE_CONTACT POST "/contacts/" DATED, Location, false, "create_contact", "creating the contact";
    UPDATE_CONTACT PUT "/contacts/{contactId}" DATED, Location, true, "update_contact", "changing the contact";
    ADD_CONTACT_TAGS POST "/contacts/{contactId}/tags" DATED, Location, true, "add_contact_tags", "adding tags to the contact";
    REMOVE_CONTACT_TAGS DELETE "/contacts/{contactId}/tags" DATED, Location, true, "remove_contact_tags", "removing tags from the contact";

    SEARCH_CONVERSATIONS GET "/conversations/search" EARLIER, Location, true, "search_conversations", "searching conversations";
    LIST_MESSAGES GET "/conversations/{conversationId}/messages" EARLIER, Location, true, "list_messages", "reading the messages";
    // Each repetition sends the message again.
    SEND_MESSAGE POST "/conversations/messages" EARLIER, Location, false, "send_message", "sending the message";

    LIST_CALENDARS GET "/calendars/" EARLIER, Location, true, "list_calendars", "listing the calendars";
    FREE_SLOTS GET "/calendars/{calendarId}/free-slots" EARLIER, Location, true, "free_slots", "looking for free slots";
    BOOK_APPOINTMENT POST "/calendars/events/appointments" EARLIER, Location, false, "book_appointment", "booking the appointment";
    GET_APPOINTMENT GET "/calendars/events/appointments/{eventId}" EARLIER, Location, true, "get_appointment", "reading the appointment";
    UPDATE_APPOINTMENT PUT "/calendars/events/appointments/{eventId}" EARLIER, Location, true, "update_appointment", "changing the appointment";

    SEARCH_OPPORTUNITIES GET "/opportunities/search" DATED, Location, true, "search_opportunities", "searching opportunities";
    LIST_PIPELINES GET "/opportunities/pipelines" DATED, Location, true, "list_pipelines", "listing the pipelines";
    GET_OPPORTUNITY GET "/opportunities/{id}" DATED, Location, true, "get_opportunity", "reading the opportunity";
    CREATE_OPPORTUNITY POST "/opportunities/" DATED, Location, false, "create_opportunity", "creating the opportunity";
    UPDATE_OPPORTUNITY PUT "/opportunities/{id}" DATED, Location, true, "update_opportunity", "changing the opportunity";
}
