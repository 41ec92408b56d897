//! A page of the web site of the demo's dental practice, which its assistant can be told to read: opening hours and prices as
//! such pages have them, with a menu and a script around.

use axum::response::Html;

/// The page.
pub async fn show() -> Html<&'static str> {
    Html(PAGE)
}

const PAGE: &str = r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Bright Dental: hours and prices</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem } td, th { padding: .25rem 1rem .25rem 0; text-align: left }</style>
<script>document.documentElement.dataset.visited = "yes";</script>
</head>
<body>
<nav><a href="#hours">Hours</a> <a href="#prices">Prices</a> <a href="#visit">Your visit</a></nav>
<main>
<h1>Bright Dental</h1>
<p>A family practice near the lake. We speak English, Spanish and Portuguese.</p>
<h2 id="hours">Opening hours</h2>
<table>
<tr><th>Day</th><th>Hours</th></tr>
<tr><td>Monday to Friday</td><td>8:00 to 17:00, closed from 12:00 to 13:00</td></tr>
<tr><td>Saturday and Sunday</td><td>closed</td></tr>
</table>
<h2 id="prices">Prices</h2>
<table>
<tr><th>Treatment</th><th>Price</th></tr>
<tr><td>Cleaning</td><td>$120</td></tr>
<tr><td>Whitening</td><td>$280</td></tr>
<tr><td>Clear aligners</td><td>from $2,400</td></tr>
<tr><td>Night guard</td><td>$390</td></tr>
<tr><td>Crown</td><td>from $950</td></tr>
</table>
<p>Clear aligners cost from $2,400 and need six to eighteen months. We take a scan of your teeth at the first visit and show you the result before
you decide. Payment in monthly rates is possible without interest.</p>
<h2 id="visit">Your visit</h2>
<p>Please come ten minutes early, and bring your insurance card and a list of your medicines. If you cannot come, tell us a day
ahead, so that somebody else gets the time.</p>
<p>We are on the ground floor, and every room is reached by wheelchair.</p>
</main>
<footer>Bright Dental, 12 Lake Street</footer>
</body>
</html>
"##;
