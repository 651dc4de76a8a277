//! What the black-box tests stand on: the built program, started as an operator starts it, and met as people,
//! browsers and relying parties meet it.
//!
//! | module | gives |
//! | --- | --- |
//! | [`place`] | the built program, scratch directories, free ports |
//! | [`app`] | a relying party with pages of its own |
//! | [`backend`] | SQLite and PostgreSQL, and a test run on each |
//! | [`server`] | a process of the program, its log, its end |
//! | [`house`] | a configured provider: administration, people, mails |
//! | [`cast`] | clients and people that most tests need |
//! | [`person`] | someone with a browser that runs no script: cookies, forms, redirects by hand |
//! | [`page`] | what is on a page |
//! | [`relying_party`] | an application: PKCE, code, refresh |
//! | [`id_token`] | ID tokens verified by a library that the product does not use |
//! | [`key_cache`] | a key set kept as relying parties keep it |
//! | [`trap`] | a server that nobody must connect to |
//! | [`token`] | a VIP token in someone's hand |
//! | [`pskc_file`] | a maker's file of any number of tokens |
//! | [`forgery`] | tokens that nobody must accept |
//! | [`mails`] | mailboxes |
//! | [`browser`] | Chromium, driven through WebDriver |
//! | [`stage`] | the two ways browser tests meet the program: `demo`, and `serve` with TLS |
//!
//! A test that cannot run because something is missing fails and says what is missing.

pub mod app;
pub mod backend;
pub mod browser;
pub mod cast;
pub mod forgery;
pub mod house;
pub mod id_token;
pub mod key_cache;
pub mod mails;
pub mod page;
pub mod person;
pub mod place;
pub mod pskc_file;
pub mod relying_party;
pub mod server;
pub mod stage;
pub mod token;
pub mod trap;
