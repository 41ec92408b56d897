//! One-time secrets, as operations create and compare them.

pub use operations::secret::{Secret, hash};
