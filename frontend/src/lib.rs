//! The code that runs in the browser. It hydrates the islands and does nothing else.

/// Hydrates the page. The page calls this once the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    app::wake();
}
