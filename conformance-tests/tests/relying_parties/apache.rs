//! Apache with mod_auth_openidc, in front of an application that knows nothing of OpenID Connect: it answers with the
//! headers of the request that reaches it.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use axum::http::HeaderMap;
use axum::{Json, Router};
use conformance_tests::backend::Backend;
use conformance_tests::house::House;
use conformance_tests::person::Person;
use conformance_tests::place::{Scratch, free_ports};
use conformance_tests::relying_party::RelyingParty;
use conformance_tests::server::Server;
use countersign_store::secret;
use serde_json::Value;
use tokio::net::TcpListener;
use url::Url;

use crate::installed;
use crate::scene::{Guest, Scene};

conformance_tests::on_both_databases!(apache_signs_in_refreshes_and_logs_out);

/// Where Debian keeps Apache's modules.
const MODULES: &str = "/usr/lib/apache2/modules";

async fn apache_signs_in_refreshes_and_logs_out(backend: Backend) {
    let mut scene = Scene::open(backend).await;
    let house = &scene.cast.house;
    let apache = Apache::start(house).await;
    for Guest { human, level, .. } in &mut scene.guests {
        let mut browser = Person::new(&[(&house.issuer, &house.bases[0]), (&apache.base, &apache.base)]);
        let landing = browser.visit(&apache.at("/hello")).await;
        let page = human.answer(&mut browser, landing).await.at("/hello");
        let told: Value = serde_json::from_str(&page.body).expect("the application answers with headers");
        assert_eq!(told["oidc_claim_acr"], format!("{}/acr/{level}", house.issuer));
        assert_eq!(told["oidc_claim_amr"], if *level == "vip" { "pwd,otp,mfa" } else { "pwd" });
        assert_eq!(told["oidc_claim_email"], human.email);

        let page = browser.visit(&apache.at("/hello")).await.at("/hello");
        let again: Value = serde_json::from_str(&page.body).expect("the application answers with headers");
        assert!(again["oidc_access_token"].is_string(), "{again}");
        assert_ne!(again["oidc_access_token"], told["oidc_access_token"], "it was not refreshed");
        for claim in ["oidc_claim_sub", "oidc_claim_acr", "oidc_claim_sid"] {
            assert_eq!(again[claim], told[claim], "{claim}");
        }
        let vip = browser.visit(&apache.at("/vip")).await.page();
        assert_eq!(vip.status, if *level == "vip" { 200 } else { 403 });

        let mut logout = apache.at("/callback");
        logout.query_pairs_mut().append_pair("logout", apache.at("/after").as_str());
        let after = browser.visit(&logout).await.at("/after");
        assert!(!after.body.contains("oidc_claim"), "{}", after.body);
        // Signed out at Apache and at the provider.
        assert_eq!(browser.visit(&apache.at("/hello")).await.page().path(), "/login");
    }
}

/// A running Apache; it ends when this is dropped.
struct Apache {
    base: String,
    _server: Server,
    _directory: Scratch,
}

impl Apache {
    async fn start(house: &House) -> Self {
        let host = format!("127.0.0.1:{}", free_ports(1));
        let base = format!("http://{host}");
        let after = ["--post-logout-redirect-uri", &format!("{base}/after")];
        let client = RelyingParty::register_at(house, "", &format!("{base}/callback"), &after);
        let directory = Scratch::new();
        // Apache leaves root behind, and must still find the certificate.
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        std::fs::copy(house.file("tls.pem"), directory.join("tls.pem")).unwrap();
        let mut apache = Command::new("/usr/sbin/apache2");
        // In the foreground, as one process.
        apache.arg("-X").arg("-d").arg(directory.path()).arg("-f").arg(installed::source("apache.conf"));
        apache.env("MODULES", MODULES).env("DIRECTORY", directory.path()).env("HOST", &host);
        apache.env("ISSUER", &house.issuer).env("CLIENT_ID", &client.id);
        apache.env("CLIENT_SECRET", client.secret.expect("a secret")).env("PASSPHRASE", secret::id());
        apache.env("APPLICATION", application().await);
        assert!(
            std::path::Path::new(MODULES).join("mod_auth_openidc.so").exists(),
            "Apache's mod_auth_openidc is missing: start the tests through conformance-tests/run, which installs it"
        );
        let server = Server::start(apache, &base);
        Self { base, _server: server, _directory: directory }
    }

    fn at(&self, path: &str) -> Url {
        Url::parse(&self.base).and_then(|base| base.join(path)).expect("a path")
    }
}

/// Serves the application until the test is over. Returns its origin.
async fn application() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(async |headers: HeaderMap| {
        let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = headers.iter().map(|(name, value)| (name.to_string(), Value::from(text(value))));
        Json(Value::Object(headers.collect()))
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    origin
}
