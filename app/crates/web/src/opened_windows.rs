//! May a page and a window of another site that it opens speak to each other? Only where the page asks for it.

use http::{HeaderName, HeaderValue};
use leptos_axum::ResponseOptions;

/// The header that decides it.
pub const OPENER_POLICY: &str = "cross-origin-opener-policy";

/// Lets this page keep hold of the windows that it opens. Windows that open this page still get no hold of it.
pub fn keep_opened_windows(response: &ResponseOptions) {
    let value = HeaderValue::from_static("same-origin-allow-popups");
    response.insert_header(HeaderName::from_static(OPENER_POLICY), value);
}
