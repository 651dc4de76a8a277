//! Why a sign-in can't go on here, and what to do: a mail to read first, a locked token, too many tries or
//! attempts, an expired page.

use maud::{Markup, html};

use crate::key;
use crate::view::{Frame, bridge};

/// The password was right, but a VIP token must be registered first: that takes a temporary password, which
/// has been mailed.
#[must_use]
pub fn check_mail(frame: &Frame<'_>, login: &str) -> Markup {
    let body = html! {
        div role="status" {
            p class="lead" { (frame.text(key::CHECK_MAIL_LEAD)) }
            p { (frame.text(key::CHECK_MAIL_SENT)) " " (frame.text(key::CHECK_MAIL_LIFETIME)) }
        }
        p class="actions" { a id="continue" class="main" href=(login) { (frame.text(key::NEW_USER_GO_LOGIN)) } }
    };
    frame.page(&frame.text(key::CHECK_MAIL_TITLE), &body)
}

/// Every token of the person is locked.
#[must_use]
pub fn locked(frame: &Frame<'_>, login: &str, bridge: Option<&str>) -> Markup {
    let body = html! {
        div role="alert" {
            p class="lead" { (frame.text(key::LOCKED_LEAD)) }
            p { (frame.text(key::LOCKED_NEXT)) }
        }
        p class="contact" { (frame.soc()) }
        (bridge::link(frame, bridge))
        div class="links" { p { a id="back" href=(login) { (frame.text(key::BACK_TO_LOGIN)) } } }
    };
    frame.page(&frame.text(key::LOCKED_TITLE), &body)
}

/// The person's token is lost, and no other has been assigned yet.
#[must_use]
pub fn lost(frame: &Frame<'_>, login: &str, bridge: Option<&str>) -> Markup {
    let body = html! {
        div role="alert" {
            p class="lead" { (frame.text(key::LOST_LEAD)) }
            p { (frame.text(key::LOST_NEXT)) }
        }
        p class="contact" { (frame.soc()) }
        (bridge::link(frame, bridge))
        div class="links" { p { a id="back" href=(login) { (frame.text(key::BACK_TO_LOGIN)) } } }
    };
    frame.page(&frame.text(key::LOST_TITLE), &body)
}

/// The enrolment has used up its tries at registering. The link leads to New User.
#[must_use]
pub fn exhausted(frame: &Frame<'_>, new_user: &str) -> Markup {
    let body = html! {
        div role="alert" {
            p class="lead" { (frame.text(key::EXHAUSTED_LEAD)) }
            p { (frame.text(key::EXHAUSTED_NEXT)) }
        }
        p class="contact" { (frame.soc()) }
        p class="actions" { a id="again" class="plain" href=(new_user) { (frame.text(key::EXHAUSTED_AGAIN)) } }
    };
    frame.page(&frame.text(key::EXHAUSTED_TITLE), &body)
}

/// Too many attempts: wait that many seconds. The link leads back to where it can be tried again.
#[must_use]
pub fn throttled(frame: &Frame<'_>, seconds: i64, again: &str) -> Markup {
    let wait = if seconds <= 90 {
        frame.words.counted(key::THROTTLED_SECONDS, "seconds", seconds.max(1))
    } else {
        frame.words.counted(key::THROTTLED_MINUTES, "minutes", seconds.saturating_add(59) / 60)
    };
    let body = html! {
        p class="lead" role="alert" { (frame.text(key::THROTTLED_LEAD)) " " (wait) }
        div class="links" { p { a id="back" href=(again) { (frame.text(key::BACK_TO_LOGIN)) } } }
    };
    frame.page(&frame.text(key::THROTTLED_TITLE), &body)
}

/// The pending request is too old, or was begun in another browser. `again` starts anew.
#[must_use]
pub fn expired(frame: &Frame<'_>, again: &str) -> Markup {
    let body = html! {
        p class="lead" { (frame.text(key::EXPIRED_LEAD)) }
        p { (frame.text(key::EXPIRED_NEXT)) }
        p class="actions" { a id="again" class="main" href=(again) { (frame.text(key::EXPIRED_AGAIN)) } }
    };
    frame.page(&frame.text(key::EXPIRED_TITLE), &body)
}
