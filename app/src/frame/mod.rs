//! What stands around every page? The shell of signed-in pages (sidebar, head, phone dock), the blank one of sign-in and setup. Plain values in, markup out.

pub mod blank;
pub mod brand;
pub mod keys;
pub mod lives_at;
pub mod nav;
pub mod palette;
pub mod person;
pub mod shell;
pub mod switcher;

pub use blank::Blank;
pub use brand::Mark;
pub use lives_at::LivesAt;
pub use nav::{Area, NavItem, nav};
pub use palette::FindAt;
pub use person::Person;
pub use shell::{Crumb, Frame, Shell};
pub use switcher::PlaceLink;

#[cfg(test)]
mod tests;
