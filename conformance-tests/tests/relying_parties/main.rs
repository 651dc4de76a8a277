//! Relying parties that other people wrote sign people in at `countersign serve` with TLS of its own: each ends
//! with the right `acr` for an MSS person and for a DeepSight person, refreshes, and logs out.
//!
//! | module | holds |
//! | --- | --- |
//! | [`programs`] | a program for each library of another language: `openid-client`, `oauth4webapi`, Authlib |
//! | [`apache`] | Apache with mod_auth_openidc |
//! | [`browser`] | `oidc-client-ts` in Chromium |
//! | [`openidconnect_crate`] | the one of Rust |
//! | [`rotation`] | those programs, while signing keys rotate |
//! | [`installed`] | what these programs need from npm and PyPI |
//! | [`scene`] | the provider and the people |

mod apache;
mod browser;
mod installed;
mod openidconnect_crate;
mod programs;
mod rotation;
mod scene;
