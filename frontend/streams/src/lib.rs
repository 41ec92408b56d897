//! What stands in for the crate `wasm-streams`? `leptos` depends on it for server functions that stream. No page has one, but
//! the classes that it exports to scripts cannot be left out by the linker, so every page would load them. Here are the
//! four functions that `server_fn` calls; those that would move data refuse to.

use futures::Stream;
use futures::stream::Empty;
use wasm_bindgen::JsValue;

/// Said by whoever calls a server function that streams.
const MISSING: &str = "this build has no streams: remove the patch of wasm-streams from the top Cargo.toml";

/// A stream of the browser.
#[derive(Debug)]
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    /// Takes a stream of the browser.
    #[must_use]
    pub const fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self(raw)
    }

    /// Gives the stream of the browser back.
    #[must_use]
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    /// Would make a stream of the browser from ours.
    ///
    /// # Panics
    /// Always.
    #[must_use]
    pub fn from_stream(_: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        panic!("{MISSING}")
    }

    /// Would read the stream.
    ///
    /// # Panics
    /// Always.
    pub fn into_stream(self) -> Empty<Result<JsValue, JsValue>> {
        panic!("{MISSING}")
    }
}
