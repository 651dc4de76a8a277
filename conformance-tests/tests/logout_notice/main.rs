//! Applications learn that a session has ended: told by the server, told through the browser, or by asking a frame.
//!
//! | module | holds |
//! | --- | --- |
//! | [`told`] | back-channel logout from two servers, after failures, after a restart |
//! | [`seen`] | front-channel logout and session management in Chromium |
//! | [`listener`] | the application that they meet |

mod listener;
mod seen;
mod told;
