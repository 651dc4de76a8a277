//! How a page leaves the server: every one with the same security headers.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use maud::Markup;

/// What a page may not do in a browser, whatever finds its way into it.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::X_FRAME_OPTIONS, "DENY"),
    // With `no-referrer` a form post would carry `Origin: null`, and be refused as foreign.
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// A page. `form_action` is the origin outside this server at which the page's form may end, through
/// redirects: a browser of Chromium's family holds every one of them to `form-action`.
#[must_use]
pub fn page(status: StatusCode, markup: Markup, form_action: Option<&str>) -> Response {
    let mut response = (status, markup).into_response();
    secure(response.headers_mut(), form_action);
    response
}

/// A page whose form a script sends, across sites, to `origin`; the form tells the client which origin it comes from.
#[must_use]
pub fn posting(markup: Markup, origin: Option<&str>) -> Response {
    let mut response = page(StatusCode::OK, markup, origin);
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    allow(headers, "script-src 'self'");
    response
}

/// A page with frames from those origins. It leaves for `onward`: a script goes there when the frames are loaded, and
/// where there is no script the browser does after a while.
#[must_use]
pub fn framing(markup: Markup, origins: &[String], onward: Option<&str>) -> Response {
    /// Seconds until the browser goes on by itself, as in the script.
    const STAY: u32 = 3;
    let mut response = page(StatusCode::OK, markup, None);
    let headers = response.headers_mut();
    let mut sources: Vec<&str> =
        origins.iter().map(String::as_str).filter(|origin| is_source(origin)).collect();
    sources.sort_unstable();
    sources.dedup();
    allow(headers, &format!("frame-src {}", sources.join(" ")));
    if let Some(onward) = onward {
        allow(headers, "script-src 'self'");
        if let Ok(refresh) = HeaderValue::from_str(&format!("{STAY}; url={onward}")) {
            headers.insert(header::REFRESH, refresh);
        }
    }
    response
}

/// A document that any page may frame, with a script of ours and nothing to see or to press.
#[must_use]
pub fn framed(markup: Markup) -> Response {
    let mut response = page(StatusCode::OK, markup, None);
    let headers = response.headers_mut();
    headers.remove(header::X_FRAME_OPTIONS);
    let policy = "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

/// Adds a directive to a page's policy.
fn allow(headers: &mut HeaderMap, directive: &str) {
    let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let policy = policy.and_then(|policy| HeaderValue::from_str(&format!("{policy}; {directive}")).ok());
    if let Some(policy) = policy {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Puts the security headers of a page on a response.
pub fn secure(headers: &mut HeaderMap, form_action: Option<&str>) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, content_security_policy(form_action));
}

/// A redirect after a post, or instead of a page: 303, so that a post is never sent on. A `Location` that can't
/// be a header is a fault of ours, and answered as one.
#[must_use]
pub fn see_other(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // The URL left behind may carry a code or a sealed request.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// The policy of a page whose form may also end at `form_action`.
#[must_use]
pub fn content_security_policy(form_action: Option<&str>) -> HeaderValue {
    const BASE: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; \
                        base-uri 'none'; form-action 'self'";
    form_action
        .filter(|origin| is_source(origin))
        .and_then(|origin| HeaderValue::from_str(&format!("{BASE} {origin}")).ok())
        .unwrap_or(const { HeaderValue::from_static(BASE) })
}

/// Whether that is one source expression, `https://host:port` or `scheme:`, and can't be more of a policy.
fn is_source(origin: &str) -> bool {
    let rest = match origin.split_once(':') {
        Some((scheme, rest)) if !scheme.is_empty() && scheme.bytes().all(is_scheme) => rest,
        _ => return false,
    };
    let host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    match rest.strip_prefix("//") {
        Some(authority) => !authority.is_empty() && authority.bytes().all(host),
        None => rest.is_empty(),
    }
}

fn is_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(form_action: Option<&str>) -> String {
        content_security_policy(form_action).to_str().unwrap().to_owned()
    }

    #[test]
    fn a_page_allows_no_script_no_frame_and_no_foreign_form() {
        let response = page(StatusCode::OK, maud::html! { p { "x" } }, None);
        let headers = response.headers();
        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["referrer-policy"], "same-origin");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
        let policy = policy(None);
        assert!(
            policy.starts_with("default-src 'none';") && policy.ends_with("form-action 'self'"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("script"), "{policy}");
        assert!(!policy.contains("  "), "{policy}");
    }

    #[test]
    fn form_post_response_mode_2_a_page_that_posts_has_one_script_and_names_its_origin() {
        let response = posting(maud::html! { p { "x" } }, Some("https://app.example"));
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.ends_with("form-action 'self' https://app.example; script-src 'self'"), "{policy}");
        assert_eq!(response.headers()["referrer-policy"], "strict-origin");
    }

    #[test]
    fn a_page_that_frames_names_each_origin_and_goes_on_by_itself() {
        let origins = ["https://b.example", "https://a.example", "https://b.example", "*"].map(str::to_owned);
        let onward = "https://app.example/out?state=a%20b";
        let response = framing(maud::html! { p { "x" } }, &origins, Some(onward));
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(
            policy.ends_with("; frame-src https://a.example https://b.example; script-src 'self'"),
            "{policy}"
        );
        assert_eq!(response.headers()["refresh"], format!("3; url={onward}"));
        let stays = framing(maud::html! { p { "x" } }, &origins, None);
        assert!(stays.headers().get("refresh").is_none());
        assert!(!stays.headers()["content-security-policy"].to_str().unwrap().contains("script"));
    }

    #[test]
    fn a_form_may_end_at_the_clients_origin() {
        for origin in
            ["https://mss.example", "http://127.0.0.1:8081", "http://[::1]:8081", "com.example.app:"]
        {
            assert!(policy(Some(origin)).ends_with(&format!("form-action 'self' {origin}")), "{origin}");
        }
    }

    #[test]
    fn an_origin_cannot_add_to_the_policy() {
        for origin in [
            "",
            "*",
            "https://a.example; script-src *",
            "https://a.example https://b.example",
            "'unsafe-inline'",
            "https://",
            "https://a.example/path",
            "https://*",
            "https:x",
            "a,b:",
        ] {
            assert!(policy(Some(origin)).ends_with("form-action 'self'"), "{origin}");
        }
    }

    #[test]
    fn a_redirect_is_a_303_that_leaves_no_trace() {
        let response = see_other("/login/vip?r=abc");
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(response.headers()["location"], "/login/vip?r=abc");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(see_other("/a\r\nb").status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
