//! How do the files of a form reach its server function? The layer that reads the form puts them into the request, where they
//! are taken once. What nobody takes is removed with the request.

use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::use_context;
use operations::inbox::Attached;

/// The files of the form of a request, until they are taken.
#[derive(Clone)]
pub struct AttachedFiles(Arc<Mutex<Option<Attached>>>);

impl AttachedFiles {
    /// Files that wait to be taken.
    #[must_use]
    pub fn new(attached: Attached) -> Self {
        Self(Arc::new(Mutex::new(Some(attached))))
    }

    fn take(&self) -> Option<Attached> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The files of the form, if it has some. Call it before the first await, as `server_context`.
#[must_use]
pub fn attached_files() -> Option<Attached> {
    let parts = use_context::<http::request::Parts>()?;
    let attached = parts.extensions.get::<AttachedFiles>()?.take()?;
    Some(attached).filter(|attached| !attached.files.is_empty())
}
