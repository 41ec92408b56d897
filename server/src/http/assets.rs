//! How are the files of the built site named and cached? The folder of scripts, styles and WASM is reachable under an address
//! that holds a hash of its contents (`/v/{hash}/pkg/…`), so browsers keep these files for good, and a page of a new build
//! never gets a file of an old one. Lazy chunks are named relative to that address, so they are of the same build.

use std::fs;
use std::path::Path;

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use tower_http::services::ServeDir;

use super::problem;

/// The files of a build are kept for good, because another build has other addresses.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Length of the hash in the address, in hexadecimal digits.
const DIGITS: usize = 16;
/// Longest path of a file, and of one part of it, in bytes. With a longer one, the file system fails instead of
/// finding nothing.
const LONGEST_PATH: usize = 1_024;
const LONGEST_PART: usize = 255;

/// The root of the present build's files: `/v/{hash}`.
#[must_use]
pub fn root(site: &Path) -> String {
    format!("/v/{}", hash(&site.join("pkg")))
}

/// The hash of the names and contents of all files in a folder.
fn hash(folder: &Path) -> String {
    let mut files: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut hash = Sha256::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|kind| kind != "br" && kind != "gz")) {
        hash.update(file.file_name().unwrap_or_default().as_encoded_bytes());
        hash.update(fs::read(file).unwrap_or_default());
    }
    hex::encode(hash.finalize()).chars().take(DIGITS).collect()
}

/// Serves a file of the built site, or else a plain "not found" that repeats nothing of the request.
pub async fn serve(files: ServeDir, root: &str, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    // A redirect built from a path that begins with two slashes would lead to another host.
    let is_name =
        path.len() <= LONGEST_PATH && !path.starts_with("//") && path.split('/').all(|part| part.len() <= LONGEST_PART);
    if !is_name {
        return nothing();
    }
    if !path.starts_with("/v/") {
        return file(files, request).await;
    }
    let Some(inner) = path.strip_prefix(root).filter(|inner| inner.starts_with("/pkg/")) else { return gone() };
    let Ok(uri) = inner.parse::<Uri>() else { return nothing() };
    let (mut parts, body) = request.into_parts();
    parts.uri = uri;
    let mut found = file(files, Request::from_parts(parts, body)).await;
    if matches!(found.status(), StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED) {
        found.headers_mut().insert(header::CACHE_CONTROL, FOR_GOOD);
    }
    found
}

async fn file(files: ServeDir, request: Request) -> Response {
    let found = tower::ServiceExt::oneshot(files, request).await.into_response();
    let status = found.status();
    // Folders are not shown, so nobody is redirected to one either.
    let refused = status == StatusCode::NOT_FOUND || status == StatusCode::METHOD_NOT_ALLOWED;
    if refused || status.is_redirection() && status != StatusCode::NOT_MODIFIED { nothing() } else { found }
}

fn nothing() -> Response {
    problem::answer(StatusCode::NOT_FOUND, "Not found", "There is nothing at this address.")
}

/// The answer for a file of another build. A page that gets it loads itself anew (`app::root`).
fn gone() -> Response {
    problem::answer(StatusCode::GONE, "Another version", "This file belongs to another version. Reload the page.")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use axum::body::Body;

    use super::*;

    /// A site with one script.
    fn site(name: &str, script: &str) -> PathBuf {
        let site = std::env::temp_dir().join(format!("slipway-assets-{name}-{}", std::process::id()));
        fs::create_dir_all(site.join("pkg")).unwrap();
        fs::write(site.join("pkg/slipway.js"), script).unwrap();
        fs::write(site.join("favicon.svg"), "<svg/>").unwrap();
        site
    }

    async fn get(site: &Path, path: &str) -> (StatusCode, Option<String>) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let found = serve(ServeDir::new(site), &root(site), request).await;
        let cached = found.headers().get(header::CACHE_CONTROL).map(|value| value.to_str().unwrap().to_owned());
        (found.status(), cached)
    }

    #[tokio::test]
    async fn files_of_this_build_are_kept_for_good_and_those_of_another_are_gone() {
        let (site, other) = (site("one", "1"), site("two", "2"));
        let (root, old) = (root(&site), root(&other));
        assert_ne!(root, old, "another content has another address");
        let (status, cached) = get(&site, &format!("{root}/pkg/slipway.js")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(cached.unwrap().ends_with("immutable"));
        assert_eq!(get(&site, &format!("{old}/pkg/slipway.js")).await, (StatusCode::GONE, None));
        assert_eq!(get(&site, &format!("{root}/favicon.svg")).await.0, StatusCode::GONE, "only files of the build");
        for (path, status) in [
            ("/pkg/slipway.js".to_owned(), StatusCode::OK),
            ("/favicon.svg".to_owned(), StatusCode::OK),
            (format!("{root}/pkg/none.js"), StatusCode::NOT_FOUND),
            (format!("{root}/pkg/../favicon.svg"), StatusCode::NOT_FOUND),
            (format!("{root}//pkg/slipway.js"), StatusCode::GONE),
        ] {
            let (found, cached) = get(&site, &path).await;
            assert_eq!(found, status, "{path}");
            assert!(cached.is_none_or(|cached| !cached.contains("immutable")), "{path}");
        }
        for site in [site, other] {
            fs::remove_dir_all(site).unwrap();
        }
    }
}
