//! Whose certificates the client for outbound requests believes, and what TLS it speaks, against OpenSSL.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use conformance_tests::place::{Scratch, free_ports};
use countersign_provider::outbound::{Outbound, OutboundSettings, Refused};

/// `openssl s_server`, which answers every request with a page that says what was negotiated.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(files: &Scratch, name: &str, more: &[&str]) -> Self {
        let port = free_ports(1);
        let file = |ending: &str| files.join(&format!("{name}.{ending}")).display().to_string();
        let mut child = Command::new("openssl")
            .args(["s_server", "-www", "-accept", &format!("127.0.0.1:{port}")])
            .args(["-cert", &file("pem"), "-key", &file("key")])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let until = Instant::now() + Duration::from_secs(30);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                child.try_wait().unwrap().is_none() && Instant::now() < until,
                "openssl s_server {more:?}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, url: format!("https://127.0.0.1:{port}/") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn openssl(files: &Scratch, arguments: &[&str]) {
    let done = Command::new("openssl").args(arguments).current_dir(files.path()).output().unwrap();
    assert!(done.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Makes an authority and a certificate of a server at 127.0.0.1 that it signed.
fn authority(files: &Scratch, name: &str) {
    let (key, pem, request) = (format!("{name}.key"), format!("{name}.pem"), format!("{name}.csr"));
    let (ca_key, ca) = (format!("{name}-ca.key"), format!("{name}-ca.pem"));
    let kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let subject = format!("/CN={name} authority");
    openssl(
        files,
        &[&["req", "-x509", "-days", "2", "-subj", &subject, "-keyout", &ca_key, "-out", &ca], &kind[..]]
            .concat(),
    );
    openssl(files, &[&["req", "-subj", "/CN=server", "-keyout", &key, "-out", &request], &kind[..]].concat());
    let extensions = format!("{name}.ext");
    std::fs::write(
        files.join(&extensions),
        "subjectAltName=IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n",
    )
    .unwrap();
    let signed =
        ["x509", "-req", "-days", "2", "-in", &request, "-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial"];
    openssl(files, &[&signed[..], &["-extfile", &extensions, "-out", &pem]].concat());
}

fn client(ca_file: Option<&Path>) -> Outbound {
    let allow = ["127.0.0.1", "localhost"].map(|text| text.parse().unwrap()).into();
    let settings = OutboundSettings { allow, ca_file: ca_file.map(Path::to_owned), ..Default::default() };
    Outbound::new(&settings).unwrap()
}

async fn page(client: &Outbound, url: &str) -> Result<String, Refused> {
    let fetched = client.get_fresh(url, &[]).await?;
    Ok(String::from_utf8_lossy(&fetched.body).into_owned())
}

#[tokio::test]
async fn the_operators_authority_is_believed_and_nobody_elses() {
    let files = Scratch::new();
    authority(&files, "ours");
    authority(&files, "theirs");
    let (ours, theirs) = (Server::start(&files, "ours", &[]), Server::start(&files, "theirs", &[]));
    let (known, unknown) = (client(Some(&files.join("ours-ca.pem"))), client(None));
    assert!(page(&known, &ours.url).await.is_ok());
    assert_eq!(page(&known, &theirs.url).await, Err(Refused::Tls));
    assert_eq!(page(&unknown, &ours.url).await, Err(Refused::Tls));
    assert_eq!(known.post_form(&theirs.url, String::new()).await, Err(Refused::Tls));
    // The certificate is for the address alone.
    assert_eq!(page(&known, &ours.url.replace("127.0.0.1", "localhost")).await, Err(Refused::Tls));
}

#[tokio::test]
async fn a_certificate_that_signed_itself_is_believed_if_it_is_a_servers() {
    for (basic, believed) in [("CA:FALSE", true), ("CA:TRUE", false)] {
        let files = Scratch::new();
        let basic = format!("basicConstraints=critical,{basic}");
        let made = ["req", "-x509", "-days", "2", "-subj", "/CN=127.0.0.1", "-newkey", "rsa:2048", "-nodes"];
        let named = ["-addext", "subjectAltName=IP:127.0.0.1", "-addext", &basic];
        openssl(&files, &[&made[..], &named, &["-keyout", "self.key", "-out", "self.pem"]].concat());
        let server = Server::start(&files, "self", &[]);
        let page = page(&client(Some(&files.join("self.pem"))), &server.url).await;
        assert_eq!(page.is_ok(), believed, "{basic}: {page:?}");
    }
}

#[tokio::test]
async fn tls_1_3_is_spoken_and_1_2_where_there_is_no_better() {
    let files = Scratch::new();
    authority(&files, "ours");
    let client = client(Some(&files.join("ours-ca.pem")));
    for (versions, spoken) in [(&[][..], "TLSv1.3"), (&["-tls1_2"], "TLSv1.2")] {
        let server = Server::start(&files, "ours", versions);
        let page = page(&client, &server.url).await.unwrap();
        assert!(page.contains(spoken), "{versions:?}: {page}");
    }
    let old = Server::start(&files, "ours", &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]);
    assert_eq!(page(&client, &old.url).await, Err(Refused::Tls));
}

#[test]
fn a_file_that_holds_no_certificates_is_named() {
    let files = Scratch::new();
    for (name, text) in [
        ("empty.pem", ""),
        ("text.pem", "no certificate"),
        ("broken.pem", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"),
    ] {
        let path = files.join(name);
        std::fs::write(&path, text).unwrap();
        let settings = OutboundSettings { ca_file: Some(path), ..Default::default() };
        let refused = Outbound::new(&settings).map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains("outbound.ca_file") && refused.contains(name), "{refused}");
    }
    let settings = OutboundSettings { ca_file: Some(files.join("missing.pem")), ..Default::default() };
    assert!(Outbound::new(&settings).map(|_| ()).unwrap_err().to_string().contains("missing.pem"));
}
