//! How long seed files that are built to exhaust their reader take to be refused: none may take 100 ms. Run by hand:
//!
//! ```sh
//! cargo run --release -p conformance-tests --example seed_file_refusals
//! ```
//!
//! Each file is read three times and the longest counts. It prints each refusal, and ends with status 1 if one is over
//! the limit.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use countersign_identity::seed_file::pskc::FileKey;
use countersign_identity::seed_file::{Reading, SeedFile};

const LIMIT: Duration = Duration::from_millis(100);
const TIMES: usize = 3;
const HEAD: &str = "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">";

fn main() -> ExitCode {
    let key = Some(FileKey::Password("qwerty".to_owned().into()));
    let reading = Reading { key, now: 1_764_000_000, ..Reading::default() };
    let mut over = 0;
    for (what, file) in files() {
        let read = (0..TIMES).map(|_| refusal(&what, file.as_bytes(), &reading));
        let (took, why) = read.max().expect("it was read");
        println!("{took:>12?}  {what}, {} bytes: {why}", file.len());
        over += usize::from(took >= LIMIT);
    }
    println!("{over} over {LIMIT:?}");
    ExitCode::from(u8::from(over > 0))
}

/// How long a file took to be refused, and what was said of it.
fn refusal(what: &str, file: &[u8], reading: &Reading) -> (Duration, String) {
    let began = Instant::now();
    let said = match SeedFile::open(file, reading) {
        Err(error) => Some(error),
        Ok(rows) => rows.filter_map(Result::err).last(),
    };
    let took = began.elapsed();
    (took, said.unwrap_or_else(|| panic!("{what} is read")).to_string())
}

fn files() -> Vec<(String, String)> {
    let named = |what: &str, file: String| (what.to_owned(), file);
    let laughs = (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)));
    let laughs: String = laughs.collect();
    let attributes = (0..80_000).map(|n| format!(" a{n}=\"\""));
    let attributes: String = attributes.collect();
    let children = "<KeyPackage/>".repeat(100_000);
    let derived = |rounds: &str| {
        format!(
            "{HEAD}<EncryptionKey><DerivedKey><KeyDerivationMethod Algorithm=\"x#pbkdf2\"><PBKDF2-params><Salt>\
             <Specified>MTIzNDU2Nzg=</Specified></Salt><IterationCount>{rounds}</IterationCount></PBKDF2-params>\
             </KeyDerivationMethod></DerivedKey></EncryptionKey></KeyContainer>"
        )
    };
    vec![
        named(
            "a billion laughs",
            format!("<!DOCTYPE l [<!ENTITY l0 \"lol\">{laughs}]>{HEAD}&l9;</KeyContainer>"),
        ),
        named(
            "laughs after the container began",
            format!("{HEAD}<!DOCTYPE l [<!ENTITY l0 \"lol\">{laughs}]>&l9;</KeyContainer>"),
        ),
        named(
            "an external entity",
            format!("<!DOCTYPE l SYSTEM \"file:///etc/passwd\">{HEAD}&l;</KeyContainer>"),
        ),
        named("elements 100,000 deep", format!("{HEAD}{}", "<a>".repeat(100_000))),
        named(
            "elements 100,000 deep and closed",
            format!("{HEAD}{}{}</KeyContainer>", "<a>".repeat(100_000), "</a>".repeat(100_000)),
        ),
        named("80,000 attributes", format!("{HEAD}<KeyPackage{attributes}/></KeyContainer>")),
        named(
            "80,000 attributes of the container",
            HEAD.replace('>', &format!("{attributes}></KeyContainer>")),
        ),
        named("a tag that never ends", format!("{HEAD}<KeyPackage {}", "x".repeat(10_000_000))),
        named("a text of 10 MB", format!("{HEAD}<KeyPackage><Key>{}", "x".repeat(10_000_000))),
        named("100,000 packages without a key", format!("{HEAD}{children}</KeyContainer>")),
        named("4,294,967,295 iterations", derived("4294967295")),
        named("1,000,001 iterations", derived("1000001")),
        named("a line of 10 MB", "credential_id,kind,seed_hex\n".to_owned() + &"A".repeat(10_000_000)),
    ]
}
