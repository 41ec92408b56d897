//! How does an MCP client without a session hear that its tools changed? By the answer to a request for news
//! (`subscriptions/listen`), which is a stream: first what it is told of, then a notice at each change.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;
use axum::response::Response;
use rmcp::ErrorData;
use rmcp::model::SubscriptionFilter;
use rmcp::service::SubscriptionContext;

use super::watch::{News, Watch};
use crate::api::token::Bearer;
use crate::api::tools::caller::Admitted;
use crate::http::pages::Shared;

/// The header that names the method of a request, which the SDK compares with the body.
const METHOD: &str = "mcp-method";
/// The method of a request for news.
const LISTEN: &str = "subscriptions/listen";

/// The list that a request for news watches, until the SDK answers it.
#[derive(Clone)]
pub struct Listening(Arc<Mutex<Option<Watch>>>);

impl Listening {
    /// Begins to watch before the SDK says that the client listens, so no change falls in between. `None` if the request asks
    /// for something else.
    ///
    /// # Errors
    /// As [`Watch::begin`].
    pub async fn begin(
        shared: &Shared,
        bearer: &Bearer,
        admitted: &Admitted,
        headers: &HeaderMap,
    ) -> Result<Option<Self>, Response> {
        if headers.get(METHOD).is_none_or(|method| method != LISTEN) {
            return Ok(None);
        }
        let watch = Watch::begin(shared.clone(), bearer.clone(), admitted).await?;
        Ok(Some(Self(Arc::new(Mutex::new(Some(watch))))))
    }

    /// The watch, for the one answer that there is.
    #[must_use]
    pub fn take(&self) -> Option<Watch> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What a client may be told of: its tools alone. There is nothing else here that changes.
#[must_use]
pub fn offered() -> SubscriptionFilter {
    SubscriptionFilter::builder().tools_list_changed().build()
}

/// Tells the client what happens, until it leaves or the watch is over.
///
/// # Errors
/// When the token may not call tools, which ends the stream with this error, that says why, as its last message.
pub async fn follow(mut watch: Watch, context: SubscriptionContext) -> Result<(), ErrorData> {
    let tells = context.accepted().tools_list_changed == Some(true);
    loop {
        let news = tokio::select! {
            () = context.cancelled() => return Ok(()),
            news = watch.next() => news,
        };
        let is_told = match news {
            // The SDK sends heartbeats by itself.
            News::Beat => false,
            News::Changed => tells,
            News::Over => return Ok(()),
            News::Denied(why) => return Err(ErrorData::invalid_request(why, None)),
        };
        if !is_told {
            continue;
        }
        // A client that does not read holds no stream for longer than one that does.
        let over = watch.over();
        let is_sent = tokio::select! {
            () = context.cancelled() => false,
            () = over => false,
            sent = context.sink().notify_tool_list_changed() => sent.is_ok(),
        };
        if !is_sent {
            return Ok(());
        }
    }
}
