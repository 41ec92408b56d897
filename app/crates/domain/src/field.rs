//! An error in one field of the input of a person or a program.

use serde::{Deserialize, Serialize};

/// A field and its error; the same type for forms, the API and seeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// JSON pointer of the field (`/client/email`). A form uses the same text as the name of its field.
    pub pointer: String,
    /// What is wrong and what would be correct, in words.
    pub detail: String,
}

impl FieldError {
    /// Creates an error for a field.
    #[must_use]
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}
