//! How long the parts of an order may be, in characters, and how many of them there may be. The check of an order and
//! the description of the API read the same numbers.

/// Name of the client.
pub const NAME: usize = 200;
/// First or last name of a person.
pub const PERSON_NAME: usize = 100;
/// An e-mail address.
pub const EMAIL: usize = 254;
/// Street and number.
pub const ADDRESS: usize = 255;
/// City, state or region.
pub const PLACE: usize = 120;
/// A postal code.
pub const POSTAL_CODE: usize = 32;
/// A country code.
pub const COUNTRY: usize = 2;
/// Name of a time zone.
pub const TIMEZONE: usize = 64;
/// A web address.
pub const WEBSITE: usize = 2_048;
/// People in one order.
pub const USERS: usize = 50;
/// Custom values in one order.
pub const VALUES: usize = 200;
/// Name of a custom value.
pub const VALUE_NAME: usize = 120;
/// A custom value.
pub const VALUE: usize = 5_000;
/// Tags in one order.
pub const TAGS: usize = 100;
/// A tag.
pub const TAG: usize = 100;
