//! Which calls do we make to Meta? All of them in one table: method, path, host, and whether each may be repeated.

use http::Method;

/// Where an operation is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// The Graph, or Instagram's, by the login that gave the token; with the version in the path.
    Login,
    /// Instagram's Graph without a version.
    InstagramRoot,
    /// The address at which a code of Instagram Login is exchanged.
    InstagramToken,
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
    /// Path template after the version.
    pub path: &'static str,
    /// Where it is found.
    pub host: Host,
    /// True if repeating the same call changes nothing more.
    pub repeatable: bool,
}

macro_rules! ops {
    ($($id:ident $method:ident $host:ident $path:literal $repeatable:literal, $name:literal, $doing:literal;)*) => {
        $(pub(crate) static $id: Op = Op {
            name: $name, doing: $doing, method: Method::$method, path: $path, host: Host::$host,
            repeatable: $repeatable,
        };)*
        /// Every operation.
        pub static OPS: &[&Op] = &[$(&$id),*];
    };
}

ops! {
    // A code can be used once: a second try finds it used, whether or not the first one succeeded.
    EXCHANGE GET Login "/oauth/access_token" false, "exchange_code", "exchanging the code for a token";
    LONG_LIVED GET Login "/oauth/access_token" true, "long_lived_token", "getting a long-lived token";
    DEBUG_TOKEN GET Login "/debug_token" true, "debug_token", "checking the token";
    PERMISSIONS GET Login "/me/permissions" true, "list_permissions", "reading the granted permissions";
    REVOKE DELETE Login "/{userId}/permissions" true, "revoke_permissions", "removing the app";

    PAGES GET Login "/me/accounts" true, "list_pages", "listing the pages";
    BUSINESSES GET Login "/me/businesses" true, "list_businesses", "listing the business portfolios";
    OWNED_PAGES GET Login "/{businessId}/owned_pages" true, "list_owned_pages", "listing the pages of the portfolio";
    CLIENT_PAGES GET Login "/{businessId}/client_pages" true, "list_client_pages", "listing the shared pages of the portfolio";
    SUBSCRIPTIONS GET Login "/{assetId}/subscribed_apps" true, "list_subscriptions", "reading which apps receive messages";
    SUBSCRIBE POST Login "/{assetId}/subscribed_apps" true, "subscribe", "asking for incoming messages";
    UNSUBSCRIBE DELETE Login "/{assetId}/subscribed_apps" true, "unsubscribe", "ending incoming messages";

    IG_EXCHANGE POST InstagramToken "/oauth/access_token" false, "exchange_instagram_code", "exchanging the code for a token";
    IG_LONG_LIVED GET InstagramRoot "/access_token" true, "long_lived_instagram_token", "getting a long-lived token";
    IG_REFRESH GET InstagramRoot "/refresh_access_token" true, "refresh_instagram_token", "renewing the token";
    IG_ME GET Login "/me" true, "get_instagram_account", "reading the Instagram account";

    WABA GET Login "/{wabaId}" true, "get_whatsapp_account", "reading the WhatsApp account";
    NUMBERS GET Login "/{wabaId}/phone_numbers" true, "list_numbers", "listing the phone numbers";
    NUMBER GET Login "/{phoneNumberId}" true, "get_number", "reading the phone number";
    SET_PIN POST Login "/{phoneNumberId}" true, "set_pin", "setting the PIN of the phone number";
    REGISTER POST Login "/{phoneNumberId}/register" true, "register_number", "registering the phone number";
    DEREGISTER POST Login "/{phoneNumberId}/deregister" true, "deregister_number", "ending the registration of the phone number";
    REQUEST_CODE POST Login "/{phoneNumberId}/request_code" false, "request_code", "asking for a verification code";
    VERIFY_CODE POST Login "/{phoneNumberId}/verify_code" true, "verify_code", "verifying the phone number";

    TEMPLATES GET Login "/{wabaId}/message_templates" true, "list_templates", "listing the templates";
    // The second call fails because of the name, but the first may have succeeded.
    ADD_TEMPLATE POST Login "/{wabaId}/message_templates" false, "add_template", "submitting the template";
    REMOVE_TEMPLATE DELETE Login "/{wabaId}/message_templates" true, "remove_template", "deleting the template";

    FILE_ADDRESS GET Login "/{mediaId}" true, "get_file_address", "asking for the file";
    DOWNLOAD GET Login "" true, "download_file", "downloading the file";
    // A second upload leaves a file that nobody uses and that Meta deletes.
    UPLOAD POST Login "/{phoneNumberId}/media" true, "upload_file", "uploading the file";
    UPLOAD_ATTACHMENT POST Login "/{pageId}/message_attachments" true, "upload_attachment", "uploading the file";

    // Meta has no idempotency key: each repetition reaches the customer again (Meta, WhatsApp messages).
    SEND POST Login "/{senderId}/messages" false, "send_message", "sending the message";
    MARK_READ POST Login "/{senderId}/messages" true, "mark_read", "marking the message as read";
    PERSON GET Login "/{userId}" true, "get_person", "reading the customer's profile";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = OPS.iter().map(|op| op.name).collect();
        assert_eq!(names.len(), OPS.len());
    }

    #[test]
    fn what_reads_may_be_repeated_and_what_reaches_a_customer_may_not() {
        for op in OPS.iter().filter(|op| op.method == Method::GET && op.name != "exchange_code") {
            assert!(op.repeatable, "{}", op.name);
        }
        assert!(!SEND.repeatable && !EXCHANGE.repeatable && !IG_EXCHANGE.repeatable);
    }
}
