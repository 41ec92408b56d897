//! How do tool processes behave, those that are tasks on a virtual clock and real ones? All of it is one program: it is linked
//! once.
#![expect(clippy::unwrap_used, reason = "a test may end where its world ends")]

mod confinement;
mod host;
mod processes;
mod support;
