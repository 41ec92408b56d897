//! The server: composition root, layers, routes that are not pages, and the sub-commands.

pub mod cli;
pub mod commands;
pub mod compose;
pub mod config;
pub mod connecting;
pub mod csrf;
pub mod database;
pub mod demo;
pub mod forms;
pub mod gate;
pub mod headers;
pub mod health;
pub mod landing;
pub mod letters;
pub mod live;
pub mod log_file;
pub mod logs;
pub mod oauth;
pub mod outward;
pub mod pages;
pub mod problem;
pub mod routes;
pub mod session;
pub mod tokens;
pub mod trace;
pub mod v1;
