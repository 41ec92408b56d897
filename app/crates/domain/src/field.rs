//! What is wrong with one field of something a person or a program sent.

use serde::{Deserialize, Serialize};

/// One field and what is wrong with it; the same for forms, the API and seeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// JSON pointer of the field (`/client/email`); a form uses the same text as its field's name.
    pub pointer: String,
    /// What is wrong and what would be right, in words.
    pub detail: String,
}

impl FieldError {
    /// A field and what is wrong with it.
    #[must_use]
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}
