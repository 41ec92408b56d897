//! Which certificates do the clients trust? Those of the system, which a process reads once: with a client for each provider and
//! each way of calling it, reading them every time took longer than all the rest of a start.

use std::sync::{Arc, LazyLock};

use reqwest::ClientBuilder;
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, Error};
use rustls_platform_verifier::Verifier;

use crate::profile::BadConfig;

/// What every client says and checks: TLS 1.2 or later, HTTP/1, and the certificates that the system trusted when they were
/// read.
static SHARED: LazyLock<Result<ClientConfig, Error>> = LazyLock::new(|| {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Arc::new(Verifier::new(Arc::clone(&provider))?);
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
});

fn shared() -> Result<&'static ClientConfig, BadConfig> {
    SHARED.as_ref().map_err(|error| BadConfig::Client(error.to_string()))
}

/// Lets a client trust what the system trusts. Its sessions are its own, because providers share nothing.
pub(crate) fn trusting(builder: ClientBuilder) -> Result<ClientBuilder, BadConfig> {
    let mut config = shared()?.clone();
    config.resumption = Resumption::default();
    Ok(builder.tls_backend_preconfigured(config))
}

#[cfg(test)]
mod tests {
    use super::{shared, trusting};

    /// A configuration made by another version of rustls than that of the client would be refused.
    #[test]
    fn clients_take_what_was_read_once() {
        for _ in 0..2 {
            trusting(reqwest::Client::builder().no_proxy()).unwrap().build().unwrap();
        }
        assert!(std::ptr::eq(shared().unwrap(), shared().unwrap()), "the certificates are read once");
    }
}
