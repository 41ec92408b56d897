//! The layout around every page: the shell of signed-in pages (sidebar, header, bottom bar on phones) and the
//! blank layout of sign-in and setup. The components take plain values and return markup.

pub mod bell;
pub mod blank;
pub mod brand;
pub mod keys;
pub mod nav;
pub mod palette;
pub mod person;
pub mod shell;
pub mod switcher;

pub use bell::Bell;
pub use blank::Blank;
pub use brand::Mark;
pub use nav::{Area, NavItem, create_page, nav, shortcuts, translated};
pub use palette::{FindAt, find_texts};
pub use person::Person;
pub use shell::{Crumb, Frame, Shell};
pub use switcher::PlaceLink;

#[cfg(test)]
mod tests;
