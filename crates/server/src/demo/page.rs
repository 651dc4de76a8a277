//! The look of the demonstration's own pages.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};

/// What is around a page.
pub struct Look<'a> {
    /// Whose page it is.
    pub site: &'a str,
    /// Its heading.
    pub title: &'a str,
    /// Where its style sheet is.
    pub style: &'a str,
    /// After so many seconds the browser asks again.
    pub refresh: Option<u32>,
}

/// A page of the demonstration. It runs no script either.
pub fn page(status: StatusCode, look: &Look<'_>, body: &Markup) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @if let Some(seconds) = look.refresh { meta http-equiv="refresh" content=(seconds); }
                title { (look.title) " – " (look.site) }
                link rel="stylesheet" href=(look.style);
            }
            body {
                header { strong { (look.site) } span { "demonstration" } }
                main { h1 { (look.title) } (body) }
            }
        }
    };
    let headers = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, markup).into_response()
}

/// The style sheet in an application's colour.
pub fn style(colour: &str) -> String {
    format!(":root{{--accent:{colour}}}\n{STYLE}")
}

const STYLE: &str = "
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0 }
header { background: var(--accent); color: #fff; padding: .75rem 1.5rem; display: flex; gap: .75rem; align-items: baseline }
header span { opacity: .85; font-size: .85rem }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; overflow-x: auto }
h1 { font-size: 1.5rem; margin: 0 0 1rem }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem }
table { border-collapse: collapse; margin: 1rem 0; width: 100% }
caption { text-align: left; padding-bottom: .5rem; font-weight: 600 }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid #8885 }
td { overflow-wrap: break-word }
.whole { white-space: nowrap }
code, pre { font-family: ui-monospace, monospace; font-size: .9rem }
pre { white-space: pre-wrap; border-left: .25rem solid var(--accent); padding: .5rem 1rem; margin: 1rem 0 }
.button { display: inline-block; background: var(--accent); color: #fff; padding: .5rem 1.25rem; border-radius: .3rem; text-decoration: none }
.code { font: 3rem/1.2 ui-monospace, monospace; letter-spacing: .2em; margin: .5rem 0 }
";
