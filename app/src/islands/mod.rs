//! Which parts of the feature pages live in the browser, beside the kit's own two? Each is an island: rendered on the server like everything
//! else, woken by the page, and of no loss when scripts do not run.

pub mod plan;
pub mod plan_panel;
