//! What the command line says.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use url::Url;

/// Runs plans of an OpenID conformance suite, which is already running, against the program as it was built.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "oidf",
    after_help = "The suite is the one at $CONFORMANCE_SERVER; a bearer token for it, where it wants one, is in \
                  $CONFORMANCE_TOKEN.\n\nExample:\n  \
                  CONFORMANCE_SERVER=https://localhost.emobix.co.uk:8443/ cargo run -p conformance-tests --bin oidf -- \\\n      \
                  --ca suite-ca.pem --plan basic --module oidcc-server"
)]
pub struct Arguments {
    /// A plan: part of the name of plans in conformance-tests/oidf/plans.json, or a plan written as the suite's
    /// own scripts write it, `NAME[KEY=VALUE][KEY=VALUE]`; without one, all that are listed there
    #[arg(long = "plan", value_name = "PLAN")]
    pub plans: Vec<String>,

    /// Only modules whose name contains this
    #[arg(long = "module", value_name = "NAME")]
    pub modules: Vec<String>,

    /// The address at which the suite and its browser reach the provider: a proxy with TLS that passes requests on
    #[arg(long, value_name = "URL", default_value = "https://idp.test:9443")]
    pub issuer: Url,

    /// Where the provider listens for that proxy
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9080")]
    pub listen: String,

    /// The authority that signed the suite's and the proxy's certificates; without it, those that browsers trust
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,

    /// Who signs in, in place of the person that plans.json names
    #[arg(long)]
    pub person: Option<Who>,

    /// Modules that run at the same time, where the plan allows it
    #[arg(long, value_name = "NUMBER", default_value_t = 2)]
    pub parallel: usize,

    /// The database; PostgreSQL is the cluster that COUNTERSIGN_TEST_POSTGRES names
    #[arg(long, default_value = "sqlite")]
    pub database: Kind,

    /// The commit that the suite was built from, for the report
    #[arg(long, value_name = "COMMIT", default_value = "unknown")]
    pub suite_commit: String,

    /// A Markdown file whose part between <!-- results --> and <!-- end of results --> is replaced by what was found
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
}

/// Who signs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// Someone with a VIP token, asked for a code at each sign-in.
    Mss,
    /// Someone with a password alone.
    #[default]
    Deepsight,
}

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A file that is removed at the end.
    Sqlite,
    /// A database that is dropped at the end.
    Postgres,
}
