//! The parts of pages that people watch, as typed islands: one set of components for server and browser. The server renders
//! them with the page, from the same type that it then answers as JSON; the browser renders each answer itself.
//!
//! Each island is lazy: its code is a chunk of its own, which only pages with the island load. Until the chunk is there,
//! and without scripts, the page is complete, because the server rendered the same components.

pub mod connection;
pub mod home;
pub mod job;
mod json;
pub mod plan;
mod start;
mod typed;
