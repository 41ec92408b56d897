//! How does the browser read the state that the server writes as JSON? By a small reader of its own: what serde derives for
//! the same types is several times the code, and every page with an island would load it.

mod parse;
mod shapes;
mod value;

#[cfg(test)]
mod tests;

use serde::Serialize;

pub(crate) use parse::Json;
pub(crate) use value::{FromJson, member};

/// A value as JSON, for the page. The server alone writes it.
pub(crate) fn written(value: &impl Serialize) -> String {
    // Only a map with keys that are no texts could not be written, and no state has one.
    serde_json::to_string(value).unwrap_or_default()
}

/// Reads a value; `None` if the text is no JSON, or JSON of another shape.
pub(crate) fn read<T: FromJson>(text: &str) -> Option<T> {
    T::from_json(&Json::parse(text)?)
}

/// Reads structs member by member. The compiler finds a member that is missing here.
macro_rules! from_members {
    ($($shape:ty { $($name:ident),+ $(,)? })+) => {$(
        impl $crate::json::FromJson for $shape {
            fn from_json(json: &$crate::json::Json) -> Option<Self> {
                Some(Self { $($name: $crate::json::member(json, stringify!($name))?),+ })
            }
        }
    )+};
}
pub(crate) use from_members;
