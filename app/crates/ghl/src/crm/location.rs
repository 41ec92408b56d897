//! Which calls are there on a location itself? Read it and its custom values, with all fields that HighLevel sends.

use super::Request;
use crate::ops::{GET_LOCATION, LIST_VALUES};

/// The location: `location`.
#[must_use]
pub fn get(location: &str) -> Request {
    Request::new(&GET_LOCATION).id(location)
}

/// Its custom values: `customValues`.
#[must_use]
pub fn custom_values(location: &str) -> Request {
    Request::new(&LIST_VALUES).id(location)
}
