//! Tests of the whole server in one process: who has access to what, what every answer carries, and how bad input
//! is handled.
#![cfg(feature = "testing")]
#![expect(clippy::unwrap_used, reason = "in a test a broken set-up is a failure")]

mod anonymous_callers;
mod answer_links;
mod api_description;
mod areas;
mod audit_log;
mod authorisation;
mod background_mails;
mod bad_bodies;
mod bad_input;
mod brute_force;
mod degraded_health;
mod demo_world;
mod ended_sessions;
mod forms;
mod forwarded_addresses;
mod fuzz;
mod graceful_stop;
mod happy_paths;
mod health_and_metrics;
mod helpers;
mod installs;
mod inventory;
mod live_regions;
mod lockout;
mod lone_connection;
mod mail_abuse;
mod mails;
mod markup;
mod pages;
mod phone_routes;
mod planted_mails;
mod policy;
mod pooler;
mod queued_mails;
mod quota;
mod refusal_audit;
mod refusal_pages;
mod repeated_requests;
mod restart;
mod same_operation;
mod script_requests;
mod second_factor;
mod secret_leaks;
mod secret_scanner;
mod slow_clients;
mod step_up;
mod stored_markup;
mod streams;
mod sub_commands;
mod trashed;
mod unreadable_orders;
