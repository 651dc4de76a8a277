//! The two databases, and how a test runs on each.

use std::process::Command;

use crate::place::Scratch;

/// Where the product keeps things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file of its own.
    Sqlite,
    /// A database of its own in the cluster that `COUNTERSIGN_TEST_POSTGRES` names.
    Postgres,
}

/// A database of one test.
#[derive(Debug)]
pub struct Database {
    /// As `database.url` takes it.
    pub url: String,
    /// To drop it when the test is over: the cluster and the name.
    drop: Option<(String, String)>,
}

impl Backend {
    /// A new, empty database.
    ///
    /// # Panics
    /// When there is no PostgreSQL to make it in.
    #[must_use]
    pub fn database(self, scratch: &Scratch) -> Database {
        match self {
            Self::Sqlite => {
                Database { url: format!("sqlite://{}", scratch.join("countersign.db").display()), drop: None }
            }
            Self::Postgres => {
                let cluster = std::env::var("COUNTERSIGN_TEST_POSTGRES").unwrap_or_else(|_| {
                    panic!(
                        "this test needs PostgreSQL: start it through conformance-tests/run, or set \
                         COUNTERSIGN_TEST_POSTGRES=postgres://user@host:port to a cluster where that user may create databases"
                    )
                });
                let cluster = cluster.trim_end_matches('/').to_owned();
                let name = format!("test_{}", countersign_store::secret::id());
                psql(&format!("{cluster}/postgres"), &format!("CREATE DATABASE {name}"));
                Database { url: format!("{cluster}/{name}"), drop: Some((cluster, name)) }
            }
        }
    }
}

impl Database {
    /// Runs a statement in it, beside the product.
    ///
    /// # Panics
    /// When it cannot be run.
    pub fn sql(&self, statement: &str) {
        let Some(file) = self.url.strip_prefix("sqlite://") else {
            return psql(&self.url, statement);
        };
        let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=30); \
                      c.execute(sys.argv[2]); c.commit()";
        let done = Command::new("python3").args(["-c", script, file, statement]).output();
        let done = done.unwrap_or_else(|error| panic!("python3 cannot be started ({error}): install it"));
        assert!(done.status.success(), "{statement}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((cluster, name)) = self.drop.take().filter(|_| !std::thread::panicking()) {
            psql(&format!("{cluster}/postgres"), &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn psql(database: &str, statement: &str) {
    let done = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", statement])
        .arg(database)
        .output()
        .unwrap_or_else(|error| panic!("psql cannot be started ({error}): install postgresql-client"));
    assert!(done.status.success(), "{statement}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Runs each of the asynchronous functions named, which take a [`Backend`], as one test on SQLite and one on
/// PostgreSQL.
#[macro_export]
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::backend::Backend::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::backend::Backend::Postgres).await;
            })+
        }
    };
}
