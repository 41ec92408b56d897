//! agency.
