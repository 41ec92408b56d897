//! Serves HTTP: connections, layers, authentication, pages, and the routes that are neither API nor OAuth.

pub mod authentication;
pub mod csrf;
pub mod database_unavailable;
pub mod forms;
pub mod headers;
pub mod health;
pub mod landing;
pub mod limiter;
pub mod live;
pub mod load_shedding;
pub mod log_file;
pub mod pages;
pub mod problem;
pub mod proxies;
pub mod refusals;
pub mod routes;
pub mod serving;
pub mod session;
pub mod streams;
pub mod trace;
