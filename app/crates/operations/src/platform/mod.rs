//! Operations on the platform, for the people who run it: agencies, businesses, accounts, the platform's own
//! staff, background work.

pub mod agencies;
pub mod businesses;
pub mod demo;
pub mod incoming_events;
pub mod people;
pub mod staff;
pub mod tool_commands;
pub mod tool_hosts;
pub mod tool_processes;
pub mod work;
