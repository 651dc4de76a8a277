//! Errors: a title, a sentence, what to do, and an id to quote.

use axum::http::StatusCode;
use maud::{Markup, html};

use crate::key::{self, Key};
use crate::view::Frame;

/// A kind of error, with its status and its three messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The status it is answered with.
    pub status: StatusCode,
    title: Key,
    sentence: Key,
    advice: Key,
}

macro_rules! troubles {
    ($($(#[$doc:meta])* $name:ident $status:ident $title:ident $sentence:ident $advice:ident)*) => {
        impl Trouble {
            $($(#[$doc])* pub const $name: Self = Self {
                status: StatusCode::$status,
                title: key::$title,
                sentence: key::$sentence,
                advice: key::$advice,
            };)*

            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

troubles! {
    /// No client of that name.
    UNKNOWN_CLIENT BAD_REQUEST ERROR_CLIENT_TITLE ERROR_CLIENT ERROR_CLIENT_NEXT
    /// A redirect URI that isn't the client's.
    UNKNOWN_REDIRECT BAD_REQUEST ERROR_REDIRECT_TITLE ERROR_REDIRECT ERROR_REDIRECT_NEXT
    /// A request or form that can't be read, with a doubled field for instance.
    BAD_REQUEST BAD_REQUEST ERROR_REQUEST_TITLE ERROR_REQUEST ERROR_REQUEST_NEXT
    /// A logout request that isn't this session's.
    BAD_LOGOUT BAD_REQUEST ERROR_LOGOUT_TITLE ERROR_LOGOUT ERROR_LOGOUT_NEXT
    /// No such page.
    NOT_FOUND NOT_FOUND ERROR_NOT_FOUND_TITLE ERROR_NOT_FOUND ERROR_NOT_FOUND_NEXT
    /// A page that doesn't take that method.
    METHOD METHOD_NOT_ALLOWED ERROR_METHOD_TITLE ERROR_METHOD ERROR_METHOD_NEXT
    /// A body over the limit.
    TOO_LARGE PAYLOAD_TOO_LARGE ERROR_LARGE_TITLE ERROR_LARGE ERROR_LARGE_NEXT
    /// A form posted from another site.
    FOREIGN FORBIDDEN ERROR_FOREIGN_TITLE ERROR_FOREIGN ERROR_FOREIGN_NEXT
    /// The browser didn't return its cookie.
    NO_COOKIES BAD_REQUEST ERROR_COOKIES_TITLE ERROR_COOKIES ERROR_COOKIES_NEXT
    /// The queue of password checks is full.
    BUSY SERVICE_UNAVAILABLE ERROR_BUSY_TITLE ERROR_BUSY ERROR_BUSY_NEXT
    /// A fault of ours.
    SERVER INTERNAL_SERVER_ERROR ERROR_SERVER_TITLE ERROR_SERVER ERROR_SERVER_NEXT
    /// A level this address can't reach, where no client can be told.
    LEVEL FORBIDDEN ERROR_LEVEL_TITLE ERROR_LEVEL ERROR_LEVEL_NEXT
}

/// The page. `onward` is a link that takes the person on, by address and text, in place of the first page;
/// `request_id` is what a person can quote.
#[must_use]
pub fn view(frame: &Frame<'_>, trouble: Trouble, onward: Option<(&str, &str)>, request_id: &str) -> Markup {
    let home = frame.text(key::ERROR_HOME);
    let (href, label) = onward.unwrap_or(("/", &home));
    let body = html! {
        div role="alert" {
            p class="lead" { (frame.text(trouble.sentence)) }
            p { (frame.text(trouble.advice)) }
        }
        p class="actions" { a id="continue" class="plain" href=(href) { (label) } }
        @if !request_id.is_empty() {
            p class="reference" { (frame.text(key::ERROR_ID)) " " code id="request-id" { (request_id) } }
        }
    };
    frame.page(&frame.text(trouble.title), &body)
}
