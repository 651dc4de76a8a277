//! The style sheet and the images, served under addresses that name their content and so never go stale.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use countersign_store::secret;
use maud::html;

use crate::brand::{Brand, Colour, Logo};

const STYLE: &str = include_str!("../assets/pages.css");
/// Presses the button of a page that takes an answer to a client by post.
const SUBMIT: &str = "document.forms[0].submit();\n";
/// Follows the link of the page after logout once all its frames have been loaded, or have had the time for it.
const LEAVE: &str = include_str!("../assets/leave.js");
/// What the frame at `/session/check` runs.
const CHECK_SESSION: &str = include_str!("../assets/check-session.js");

/// The files every page refers to, made once from the brand.
#[derive(Clone, Debug)]
pub struct Assets {
    style: Asset,
    icon: Asset,
    submit: Asset,
    leave: Asset,
    check_session: Asset,
    logo: Option<Asset>,
}

#[derive(Clone, Debug)]
struct Asset {
    path: String,
    media_type: &'static str,
    bytes: axum::body::Bytes,
}

impl Asset {
    fn new(bytes: Vec<u8>, extension: &str, media_type: &'static str) -> Self {
        let digest: String = secret::digest(&bytes)[..12].iter().map(|byte| format!("{byte:02x}")).collect();
        Self { path: format!("/assets/{digest}.{extension}"), media_type, bytes: bytes.into() }
    }
}

fn script(text: &str) -> Asset {
    Asset::new(text.as_bytes().to_vec(), "js", "text/javascript; charset=utf-8")
}

impl Assets {
    /// The files for that brand.
    #[must_use]
    pub fn new(brand: &Brand) -> Self {
        let style = format!("{}{STYLE}", colour_rules(brand.colour));
        Self {
            style: Asset::new(style.into_bytes(), "css", "text/css; charset=utf-8"),
            icon: Asset::new(mark(brand.colour).into_bytes(), "svg", "image/svg+xml"),
            submit: script(SUBMIT),
            leave: script(LEAVE),
            check_session: script(CHECK_SESSION),
            logo: brand.logo.clone().map(|logo: Logo| {
                let extension = logo.extension();
                Asset::new(logo.bytes, extension, logo.media_type)
            }),
        }
    }

    /// The address of the style sheet.
    #[must_use]
    pub fn style_path(&self) -> &str {
        &self.style.path
    }

    /// The address of our mark, which is the icon too.
    #[must_use]
    pub fn icon_path(&self) -> &str {
        &self.icon.path
    }

    /// The address of the script that sends a form.
    #[must_use]
    pub fn submit_path(&self) -> &str {
        &self.submit.path
    }

    /// The address of the script that leaves the page after logout.
    #[must_use]
    pub fn leave_path(&self) -> &str {
        &self.leave.path
    }

    /// The address of the script that compares sessions.
    #[must_use]
    pub fn check_session_path(&self) -> &str {
        &self.check_session.path
    }

    /// The address of the operator's logo.
    #[must_use]
    pub fn logo_path(&self) -> Option<&str> {
        self.logo.as_ref().map(|logo| logo.path.as_str())
    }

    /// Answers for `/assets/{file}`.
    #[must_use]
    pub fn serve(&self, file: &str) -> Response {
        let own = [&self.style, &self.icon, &self.submit, &self.leave, &self.check_session];
        let mut all = own.into_iter().chain(self.logo.as_ref());
        let Some(asset) = all.find(|asset| asset.path.strip_prefix("/assets/") == Some(file)) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type)),
            (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            // An SVG opened by its own address is a document: it may draw, and nothing else.
            (
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
            ),
        ];
        (headers, asset.bytes.clone()).into_response()
    }
}

/// The operator's colour, in shades that can be read on either scheme.
fn colour_rules(colour: Colour) -> String {
    let (fill, ink) = (colour.css(), colour.ink().css());
    let (light, dark) = (colour.on_light().css(), colour.on_dark().css());
    format!(
        ":root{{--fill:{fill};--on-fill:{ink};--accent:{light}}}\n\
         @media (prefers-color-scheme:dark){{:root{{--accent:{dark}}}}}\n"
    )
}

/// Our mark: a shield, and on it the sign that the word was right.
fn mark(colour: Colour) -> String {
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36" {
            path fill=(colour.css()) d="M18 2 5 6.5v10.2C5 25 10.3 31.2 18 34c7.7-2.8 13-9 13-17.3V6.5z" {}
            path fill="none" stroke=(colour.ink().css()) stroke-width="2.6" stroke-linecap="round"
                stroke-linejoin="round" d="M12.5 18l4 4.2 7.5-8.4" {}
        }
    }
    .into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_their_names_and_cached_for_good() {
        let assets = Assets::new(&Brand::default());
        let file = assets.style_path().strip_prefix("/assets/").unwrap();
        let response = assets.serve(file);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/css; charset=utf-8");
        assert!(response.headers()["cache-control"].to_str().unwrap().contains("immutable"));
        assert_eq!(assets.serve("0.css").status(), StatusCode::NOT_FOUND);
        assert_eq!(assets.serve("../secret").status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn another_colour_is_another_address() {
        let other = Brand { colour: Colour::parse("#7a1f3d").unwrap(), ..Brand::default() };
        assert_ne!(Assets::new(&Brand::default()).style_path(), Assets::new(&other).style_path());
        assert!(Assets::new(&Brand::default()).logo_path().is_none());
    }

    #[test]
    fn the_style_sheet_fetches_nothing() {
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !STYLE.contains("http"));
    }
}
