//! Our provider as the suite meets it, and the people who sign in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, Human, PASSWORD};
use conformance_tests::house::House;
use conformance_tests::key_cache;
use conformance_tests::token::Token;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::arguments::{Arguments, Kind, Who};
use crate::plans::Wanted;

/// What a certification needs of the configuration; everything else stays as it is by default.
const CONFIGURATION: &str = include_str!("../../../oidf/countersign.toml");
/// The name of our tests in the suite, where clients are registered before a test begins.
const ALIAS: &str = "countersign";
/// Everything OpenID Connect Core §5.1 knows of a person, besides the address and the name.
const CLAIMS: [&str; 20] = [
    "given_name=Ann",
    "family_name=Example",
    "middle_name=Marie",
    "nickname=Annie",
    "preferred_username=ann.example",
    "profile=https://people.example.com/ann",
    "picture=https://people.example.com/ann.png",
    "website=https://ann.example.com/",
    "gender=female",
    "birthdate=1985-10-26",
    "zoneinfo=Europe/Zurich",
    "locale=en-GB",
    "phone_number=+41 44 668 18 00",
    "phone_number_verified=true",
    "address.formatted=Bahnhofstrasse 1\n8001 Zürich\nSwitzerland",
    "address.street_address=Bahnhofstrasse 1",
    "address.locality=Zürich",
    "address.region=ZH",
    "address.postal_code=8001",
    "address.country=Switzerland",
];

/// The provider, running.
#[derive(Debug)]
pub struct Provider {
    cast: Cast,
    /// Where the suite and browsers find it.
    pub issuer: String,
    suite: String,
}

impl Provider {
    /// Configures it, starts it, and waits until it is ready.
    pub fn start(arguments: &Arguments, suite: &str) -> Self {
        let backend = match arguments.database {
            Kind::Sqlite => Backend::Sqlite,
            Kind::Postgres => Backend::Postgres,
        };
        let mut more = CONFIGURATION.to_owned();
        if let Some(ca) = &arguments.ca {
            let ca = ca.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", ca.display()));
            more = format!("outbound.ca_file = '{}'\n{more}", ca.display());
        }
        let issuer = arguments.issuer.as_str().trim_end_matches('/').to_owned();
        let mut house = House::build(backend, &issuer, &more);
        house.start_server_at(&format!("http://{}", arguments.listen));
        Self { cast: Cast::new(house), issuer, suite: suite.trim_end_matches('/').to_owned() }
    }

    /// One person for each of `number` browsers that run at the same time, so that none spends another's codes.
    pub async fn people(&self, who: Who, number: usize) -> Vec<Arc<Mutex<Human>>> {
        let mut people = Vec::new();
        for number in 1..=number {
            let human = self.person(who, number).await;
            people.push(Arc::new(Mutex::new(human)));
        }
        people
    }

    async fn person(&self, who: Who, number: usize) -> Human {
        let (name, account) = match who {
            Who::Mss => ("mss", "mss:acme"),
            Who::Deepsight => ("deepsight", "deepsight:acme"),
        };
        let email = format!("{name}{number}@example.com");
        let house = &self.cast.house;
        house.admin(&["user", "add", &email, "--name", "Ann Marie Example", "--account", account]);
        let claims = CLAIMS.iter().flat_map(|claim| ["--claim", claim]);
        house.admin(&["user", "update", &email].into_iter().chain(claims).collect::<Vec<_>>());
        let token = (who == Who::Mss).then(|| self.cast.assign(Token::event(), &email));
        let password = PASSWORD.to_owned();
        let mut human = Human { email, password, token, organization: "Acme".to_owned() };
        self.cast.enrol(&mut human).await;
        human
    }

    /// What a plan is told about us, and about its clients where they are registered beforehand.
    pub fn plan(&self, wanted: &Wanted) -> Value {
        let mut config = json!({
            "description": format!("Countersign, {wanted}"),
            "server": {
                "discoveryUrl": format!("{}/.well-known/openid-configuration", self.issuer),
                "login_hint": "somebody.else@example.com",
            },
            "client": { "client_name": "First application" },
            "client2": { "client_name": "Second application" },
        });
        if wanted.is_static() {
            config["alias"] = ALIAS.into();
            for (member, method) in [
                ("client", "client_secret_basic"),
                ("client2", "client_secret_basic"),
                ("client_secret_post", "client_secret_post"),
            ] {
                config[member] = self.client(method);
            }
        }
        config
    }

    /// Registers a client whose addresses are those of our tests in the suite.
    fn client(&self, method: &str) -> Value {
        let at = |path: &str| format!("{}/test/a/{ALIAS}/{path}", self.suite);
        let (callback, after) = (at("callback"), at("post_logout_redirect"));
        let mut command = vec!["client", "add", "--name", "Static application"];
        command.extend(["--redirect-uri", &callback, "--post-logout-redirect-uri", &after]);
        command.extend(["--token-endpoint-auth-method", method, "--pkce", "optional"]);
        command.extend(["--id-token-claims", "lean"]);
        command.extend(["--scope", "openid profile email address phone offline_access"]);
        let types =
            ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"];
        command.extend(types.iter().flat_map(|kind| ["--response-type", kind]));
        let made = self.cast.house.admin(&command);
        json!({ "client_id": made["client_id"], "client_secret": made["client_secret"] })
    }

    /// Makes a new signing key that signs as soon as it is published, and waits until it is.
    pub async fn rotate_keys(&self) {
        let house = &self.cast.house;
        let before = key_cache::published(&house.bases[0]).await;
        house.admin(&["key", "rotate", "--alg", "RS256", "--now"]);
        let until = Instant::now() + Duration::from_secs(10);
        while key_cache::published(&house.bases[0]).await == before {
            assert!(Instant::now() < until, "the new key is not published");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The program's name and version.
    pub fn version(&self) -> String {
        let said = self.cast.house.run(&["--version"], "");
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }
}
