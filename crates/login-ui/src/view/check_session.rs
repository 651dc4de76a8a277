//! The frame by which pages of other sites ask whether the session is still the same. Nobody sees it.

use maud::{DOCTYPE, Markup, html};

use crate::asset::Assets;

/// The document; `cookie` is the name of the cookie that its script reads.
#[must_use]
pub fn view(assets: &Assets, cookie: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "Session" }
                script src=(assets.check_session_path()) data-cookie=(cookie) {}
            }
        }
    }
}
